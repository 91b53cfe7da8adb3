const ROUND_MS = 250;
/** More reads than this in a round's time, 2,000 a second, are too many. */
const BUSY_READS = 500;
/** With no more than this it is calm again. */
const CALM_READS = 250;
/** So many are done in one turn of the event loop. */
const SLICE = 100;

type Read = () => void;

/**
 * When files are read, all that are followed taken together: at once as a rule. Where notifications come by the
 * thousand, each file is read once in a round for all that it got meanwhile, since most of what a line costs then is
 * to fetch it. A real plotter writes a line in some seconds: that takes thousands of them, or some that have gone mad.
 */
export class Rounds {
  readonly #waiting = new Set<Read>();
  #began = 0;
  #reads = 0;
  #busy = false;

  /** Reads a file of which a notification came at this time (`performance.now()`), or lets it wait for the round. */
  notified(read: Read, now: number): void {
    if (this.#busy) {
      this.#waiting.add(read);
      return;
    }
    if (now - this.#began > ROUND_MS) {
      this.#began = now;
      this.#reads = 0;
    }
    this.#reads += 1;
    if (this.#reads > BUSY_READS) this.#goRound();
    read();
  }

  #goRound(): void {
    this.#busy = true;
    setTimeout(() => {
      const due = [...this.#waiting];
      this.#waiting.clear();
      this.#busy = false;
      if (due.length > CALM_READS) this.#goRound();
      readInSlices(due);
    }, ROUND_MS);
  }
}

function readInSlices(due: Read[]): void {
  for (const read of due.splice(0, SLICE)) read();
  if (due.length > 0) setImmediate(() => readInSlices(due));
}
