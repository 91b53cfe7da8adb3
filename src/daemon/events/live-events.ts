import type { KeptEvent } from '../../engine/model/kept-event.ts';

/** Events that wait for somebody who follows them; one that is further behind is let go. */
const MAX_WAITING = 50_000;

/** Events as they come, for one who reads them in his own time. */
export class LiveEvents {
  readonly #ended: AbortSignal;
  #waiting: KeptEvent[] = [];
  #tooMany = false;
  #wake: (() => void) | null = null;

  constructor(ended: AbortSignal) {
    this.#ended = ended;
    ended.addEventListener('abort', () => this.#wake?.());
  }

  put(events: readonly KeptEvent[]): void {
    this.#tooMany ||= this.#waiting.length + events.length > MAX_WAITING;
    if (this.#tooMany) this.#waiting = [];
    else this.#waiting.push(...events);
    this.#wake?.();
  }

  /** All of them, until the end. Throws where they have become too many. */
  async *[Symbol.asyncIterator](): AsyncGenerator<KeptEvent> {
    while (!this.#ended.aborted) {
      if (this.#tooMany) throw new Error('events were not read for too long');
      if (this.#waiting.length === 0)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      const events = this.#waiting;
      this.#waiting = [];
      yield* events;
    }
  }
}
