import { EVENTS_DAYS } from '../../contract/event-query.ts';
import { PASSING_EVENTS } from '../../contract/rows/events.ts';
import { type KeptEvent, parseEvent } from '../../engine/model/kept-event.ts';
import { EventFile, type PastLines } from '../../storage/event-file.ts';
import { lastLines } from '../../storage/last-lines.ts';
import type { Logger } from '../../util/log.ts';
import type { Secrets } from '../commands/hidden.ts';
import { keptText } from './kept-text.ts';
import { LiveEvents } from './live-events.ts';

/** Old events are looked for so often, in milliseconds. */
const TIDY_MS = 6 * 3_600_000;
const KEPT_MS = EVENTS_DAYS * 86_400_000;
/** How far back the file is looked through for what a killed daemon didn't write any more, in bytes. */
const TAIL_BYTES = 512 * 1024;

export interface EventLogOptions {
  path: string;
  secrets: Secrets;
  /** Whether the state can be written; until it can, what room there is isn't for this file. */
  storage(): 'ok' | 'failing';
  log: Logger;
}

/** The events of the last days, in a file, and those that come, for whoever follows them. */
export class EventLog {
  readonly #path: string;
  readonly #secrets: Secrets;
  readonly #file: EventFile;
  readonly #live = new Set<LiveEvents>();
  #tidying: NodeJS.Timeout | null = null;

  constructor({ path, secrets, storage, log }: EventLogOptions) {
    this.#path = path;
    this.#secrets = secrets;
    this.#file = new EventFile(path, log, () => storage() === 'ok');
  }

  /** Begins, with what is not with the broker yet: of that an earlier daemon may not have written all into the file. */
  start(unacked: readonly KeptEvent[]): void {
    this.#keep(
      missing(
        unacked,
        lastLines(this.#path, TAIL_BYTES).flatMap((line) => eventOf(line) ?? []),
      ),
    );
    this.#tidy();
    this.#tidying = setInterval(() => this.#tidy(), TIDY_MS);
  }

  /** Takes events that are in the journal. */
  take(events: readonly KeptEvent[]): void {
    if (events.length === 0) return;
    this.#keep(events);
    for (const live of this.#live) live.put(events);
  }

  /** The state can be written again. */
  storageChanged(): void {
    this.#file.flush();
  }

  #keep(events: readonly KeptEvent[]): void {
    const kept = events.filter(({ type }) => !PASSING_EVENTS.has(type));
    this.#file.add(kept.map((event) => keptText(event, this.#secrets)));
  }

  /** The events up to now; throws the system's error where the file can't be read. */
  past(): PastLines {
    return this.#file.past();
  }

  /** All events from now on, until the signal. */
  follow(ended: AbortSignal): LiveEvents {
    const live = new LiveEvents(ended);
    this.#live.add(live);
    ended.addEventListener('abort', () => this.#live.delete(live));
    return live;
  }

  #tidy(): void {
    const oldest = Date.now() - KEPT_MS;
    void this.#file.cut((line) => {
      const event = eventOf(line);
      return event === null || Date.parse(event.at) < oldest;
    });
  }

  stop(): void {
    if (this.#tidying !== null) clearInterval(this.#tidying);
    this.#file.stop();
  }
}

/** Events of the journal that are not in a file that ends with these. */
function missing(events: readonly KeptEvent[], written: readonly KeptEvent[]): KeptEvent[] {
  const [first] = written;
  if (first === undefined) return [...events];
  const ids = new Set(written.map(({ id }) => id));
  // What is older than the part of the file that was looked at stands before it.
  return events.filter(({ id, seq }) => seq >= first.seq && !ids.has(id));
}

/** An event as a line of the file has it; `null` where it is none. */
export function eventOf(line: string): KeptEvent | null {
  try {
    return parseEvent(JSON.parse(line));
  } catch {
    return null;
  }
}
