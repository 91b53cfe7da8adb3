/** Acknowledgements are written down together, at most this long after they came. */
const TOGETHER_MS = 1000;

/** What the broker has acknowledged, on its way to the journal: one line for many events. */
export class Acknowledgements {
  readonly #write: (seq: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #seq = 0;

  constructor(write: (seq: number) => void) {
    this.#write = write;
  }

  /** All events up to `seq` are with the broker. */
  upTo(seq: number): void {
    this.#seq = seq;
    this.#timer ??= setTimeout(() => this.flush(), TOGETHER_MS);
  }

  /** Writes down now what has come. */
  flush(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#write(this.#seq);
  }
}
