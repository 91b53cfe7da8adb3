import { SLAB_BYTES, type Slabs } from './slabs.ts';

/** What has come has a buffer of its own while it is no longer than this, in bytes: the first size, the largest. */
const FIRST_START = 512;
const LARGEST_START = SLAB_BYTES / 2;

const NOTHING = Buffer.alloc(0);

/**
 * The beginning of a packet whose rest hasn't come, copied together: what the socket gives may be a few bytes in a
 * large piece of memory. Takes at most twice what has come, or 512 bytes.
 */
export class Unfinished {
  readonly #pool: Slabs;
  #start: Buffer = NOTHING;
  #slabs: Buffer[] = [];
  /** The last of the slabs, where the next bytes go. */
  #slab: Buffer = NOTHING;
  #length = 0;

  constructor(pool: Slabs) {
    this.#pool = pool;
  }

  /** Bytes of the packet that are there. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it takes. */
  get held(): number {
    return this.#start.length + this.#slabs.length * SLAB_BYTES;
  }

  add(piece: Buffer): void {
    const isShort = this.#length + piece.length <= LARGEST_START;
    if (isShort) return this.#addToStart(piece);
    if (this.#start.length > 0) this.#moveStart();
    this.#addToSlabs(piece);
  }

  /** What is there, in memory of its own; nothing is left here. */
  take(): Buffer {
    const whole = Buffer.concat([this.#start, ...this.#slabs], this.#length);
    this.clear();
    return whole;
  }

  /** Gives its memory back. */
  clear(): void {
    this.#pool.giveBack(this.#slabs);
    [this.#start, this.#slabs, this.#slab, this.#length] = [NOTHING, [], NOTHING, 0];
  }

  #addToStart(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#start.length) {
      const larger = Math.min(LARGEST_START, Math.max(length, 2 * this.#start.length, FIRST_START));
      const start = Buffer.allocUnsafeSlow(larger);
      this.#start.copy(start, 0, 0, this.#length);
      this.#start = start;
    }
    piece.copy(this.#start, this.#length);
    this.#length = length;
  }

  #moveStart(): void {
    const start = this.#start.subarray(0, this.#length);
    [this.#start, this.#length] = [NOTHING, 0];
    this.#addToSlabs(start);
  }

  #addToSlabs(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const filled = this.#length % SLAB_BYTES;
      if (filled === 0) {
        this.#slab = this.#pool.take();
        this.#slabs.push(this.#slab);
      }
      const copied = piece.copy(this.#slab, filled, at);
      at += copied;
      this.#length += copied;
    }
  }
}
