const LF = 10;
const CR = 13;

/** Lines that became complete, and for each the offset in the file just after it. */
export interface LineBatch {
  lines: string[];
  ends: number[];
}

/**
 * Cuts a file that comes in pieces into lines. A carriage return ends a line as a line feed does (progress bars), and
 * empty lines are left out, so that it makes no difference where a piece ends. Of a line longer than `maxLineBytes`
 * the rest is thrown away. Bytes that are no UTF-8 become U+FFFD.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  /** The beginning of a line whose end hasn't come yet, at most `maxLineBytes` of it. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #offset: number;

  /** `offset` is where in the file the first piece begins. */
  constructor(maxLineBytes: number, offset: number) {
    this.#maxLineBytes = maxLineBytes;
    this.#offset = offset;
  }

  /** Up to where in the file it has seen bytes. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes the next bytes of the file, which may be overwritten afterwards, and gives the lines that they complete. */
  push(piece: Buffer): LineBatch {
    const batch: LineBatch = { lines: [], ends: [] };
    let start = 0;
    let nextCr = indexOf(piece, CR, 0);
    let nextLf = indexOf(piece, LF, 0);
    while (start < piece.length) {
      if (nextCr < start) nextCr = indexOf(piece, CR, start);
      if (nextLf < start) nextLf = indexOf(piece, LF, start);
      const end = Math.min(nextCr, nextLf);
      if (end === piece.length) break;
      this.#complete(piece.subarray(start, end), this.#offset + end + 1, batch);
      start = end + 1;
    }
    if (start < piece.length) this.#hold(piece.subarray(start));
    this.#offset += piece.length;
    return batch;
  }

  /** The line that never got its end, when it is certain that none will come. */
  flush(): LineBatch {
    const batch: LineBatch = { lines: [], ends: [] };
    this.#complete(NOTHING, this.#offset, batch);
    return batch;
  }

  #complete(rest: Buffer, end: number, batch: LineBatch): void {
    const line = this.#heldBytes > 0 ? this.#joined(rest) : rest.subarray(0, this.#maxLineBytes);
    if (line.length === 0) return;
    batch.lines.push(line.toString('utf8'));
    batch.ends.push(end);
  }

  #joined(rest: Buffer): Buffer {
    this.#hold(rest);
    const line = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    return line;
  }

  #hold(bytes: Buffer): void {
    const room = this.#maxLineBytes - this.#heldBytes;
    if (room === 0 || bytes.length === 0) return;
    // A copy: the piece's memory is reused. A line that trickles in byte by byte must not cost an object a byte.
    const kept = Buffer.from(bytes.subarray(0, room));
    this.#held =
      this.#held.length < MAX_HELD_PIECES ? [...this.#held, kept] : [Buffer.concat([...this.#held, kept])];
    this.#heldBytes += kept.length;
  }
}

const NOTHING = Buffer.alloc(0);
const MAX_HELD_PIECES = 64;

/** Where the byte comes next; the piece's length where it doesn't. */
function indexOf(piece: Buffer, byte: number, from: number): number {
  const at = piece.indexOf(byte, from);
  return at === -1 ? piece.length : at;
}
