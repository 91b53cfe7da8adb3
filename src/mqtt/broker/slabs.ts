/** The size of a slab, in bytes. */
export const SLAB_BYTES = 64 * 1024;

/**
 * Pieces of memory for unfinished packets, used again. Left to the garbage collector, what a client leaves behind
 * stays until it next looks: many clients at once leave three times as much as all of them may hold.
 */
export class Slabs {
  readonly #spare: Buffer[] = [];
  readonly #spareCount: number;

  /** `spareBytes`: how much is kept for the next ones. */
  constructor(spareBytes: number) {
    this.#spareCount = Math.ceil(spareBytes / SLAB_BYTES);
  }

  /** What was in it before is still there. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
  }

  /** Nobody may look at them afterwards. */
  giveBack(slabs: readonly Buffer[]): void {
    this.#spare.push(...slabs.slice(0, this.#spareCount - this.#spare.length));
  }
}
