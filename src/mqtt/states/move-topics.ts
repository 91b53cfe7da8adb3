import { MOVE_ROWS } from '../../contract/rows/move.ts';
import { type PlainKey, plainKeysOf } from '../../contract/rows/row.ts';
import type { Topics } from '../../contract/topics.ts';
import type { Outbox } from '../sending/outbox.ts';
import { standing } from './standing.ts';
import type { StateReader } from './state-reader.ts';

const PLAIN_KEYS: readonly PlainKey<typeof MOVE_ROWS>[] = plainKeysOf(MOVE_ROWS);

/** What stands on the topics of moves. */
export class MoveTopics {
  readonly #outbox: Pick<Outbox, 'retain' | 'clear'>;
  readonly #reader: Pick<StateReader, 'moveView'>;
  readonly #topics: Pick<Topics, 'move' | 'moveKey'>;
  readonly #changed = new Set<string>();

  constructor(
    outbox: Pick<Outbox, 'retain' | 'clear'>,
    reader: Pick<StateReader, 'moveView'>,
    topics: Pick<Topics, 'move' | 'moveKey'>,
  ) {
    this.#outbox = outbox;
    this.#reader = reader;
    this.#topics = topics;
  }

  /** A move is new, gone or changed: it is read when it is shown. */
  changed(id: string): void {
    this.#changed.add(id);
  }

  /** Hands over what has changed. What stands already isn't sent again. */
  show(): void {
    for (const id of this.#changed) {
      const view = this.#reader.moveView(id);
      if (view === undefined) this.#clear(id);
      else
        for (const [topic, payload] of standing(this.#topics.move(id), MOVE_ROWS, view))
          this.#outbox.retain(topic, payload);
    }
    this.#changed.clear();
  }

  #clear(id: string): void {
    for (const key of PLAIN_KEYS) this.#outbox.clear(this.#topics.moveKey(id, key));
    this.#outbox.clear(this.#topics.move(id));
  }
}
