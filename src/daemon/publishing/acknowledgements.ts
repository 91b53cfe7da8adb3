/** Acknowledgements are written down together, at most this long after they came. */
const TOGETHER_MS = 1000;
/**
 * Nor more than so many at once: a daemon that is killed again and again, soon after its start, would send the same
 * events each time and never get to the next.
 */
const TOGETHER_EVENTS = 200;

/** What the broker has acknowledged, on its way to the journal: one line for many events. */
export class Acknowledgements {
  readonly #write: (seq: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #seq = 0;
  /** The first that waits to be written down. */
  #first = 0;

  constructor(write: (seq: number) => void) {
    this.#write = write;
  }

  /** All events up to `seq` are with the broker. */
  upTo(seq: number): void {
    this.#seq = seq;
    if (this.#timer === null) {
      this.#first = seq;
      this.#timer = setTimeout(() => this.flush(), TOGETHER_MS);
    }
    if (seq - this.#first >= TOGETHER_EVENTS) this.flush();
  }

  /** Writes down now what has come. */
  flush(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#write(this.#seq);
  }
}
