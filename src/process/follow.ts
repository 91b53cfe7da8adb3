import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { saysAbsent } from '../util/errors.ts';
import { type LineBatch, LineSplitter } from './lines.ts';
import { type Watch, watchPath } from './notify.ts';
import { Rounds } from './rounds.ts';

export interface FollowOptions {
  /** The offset in the file at which to begin: 0, or an `endOffset` of an earlier run. */
  from?: number;
  /**
   * Gets the lines that a read completed, in order, at least one. `endOffset` is the offset just after the last of
   * them, where a later run goes on without losing or repeating any; `ends` has the offset after each.
   */
  onLines: (lines: string[], endOffset: number, ends: number[]) => void;
  /** Of longer lines the rest is thrown away; bytes, 16 KiB by default. */
  maxLineBytes?: number;
}

export interface Follower {
  /**
   * Reads on to where the file ends now, and hands over what is complete. With `final`, when nothing is written any
   * more, a last line that has no end too; it rejects where the file is there but can't be read now, and may then be
   * asked again.
   */
  drain(options?: { final?: boolean }): Promise<void>;
  /** Hands over nothing more. */
  close(): void;
}

const MAX_LINE_BYTES = 16 * 1024;

/** After a read, further notifications wait so long that many lines are one read. Milliseconds. */
const GATHER_MS = 5;

/** One for all followers, as are the rounds: a read and the cutting of what it brought happen in one turn. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);
const rounds = new Rounds();
const NOTHING_LEFT = Promise.resolve();

/**
 * Hands over the lines of a file as they are written, as the kernel notifies of them. Reads nothing twice. A file that
 * was truncated, or replaced by another, is followed from its beginning, with offsets that begin anew.
 */
export function follow(path: string, options: FollowOptions): Follower {
  return new FileFollower(path, options);
}

class FileFollower implements Follower {
  readonly #path: string;
  readonly #onLines: FollowOptions['onLines'];
  readonly #maxLineBytes: number;
  #splitter: LineSplitter;
  #fd: number | null = null;
  #watch: Watch | null = null;
  /** What is watched: the file, or its directory while it isn't there. */
  #watched: string | null = null;
  /** The read under way: it stands between two pieces, and goes on to the end of the file as it will be then. */
  #reading: Promise<void> | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #lastRead = Number.NEGATIVE_INFINITY;
  #closed = false;
  /** Why the last read got nothing, if it wasn't the file's end. */
  #trouble: Error | null = null;
  readonly #readNow = () => void this.#read();

  constructor(path: string, { from = 0, onLines, maxLineBytes = MAX_LINE_BYTES }: FollowOptions) {
    this.#path = path;
    this.#onLines = onLines;
    this.#maxLineBytes = maxLineBytes;
    this.#splitter = new LineSplitter(maxLineBytes, from);
    this.#open();
    this.#readIn(0);
  }

  async drain({ final = false } = {}): Promise<void> {
    await this.#read();
    if (final && this.#trouble !== null) throw this.#trouble;
    if (final) this.#handOver(this.#splitter.flush());
  }

  close(): void {
    this.#closed = true;
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#watch?.close();
    this.#release();
  }

  /** At once after a pause, else together with what comes in the meantime. */
  #notified(): void {
    if (this.#closed || this.#reading !== null || this.#gathering !== null) return;
    const now = performance.now();
    const wait = this.#lastRead + GATHER_MS - now;
    if (wait > 0) this.#readIn(wait);
    else rounds.notified(this.#readNow, now);
  }

  #readIn(ms: number): void {
    this.#gathering = setTimeout(() => {
      this.#gathering = null;
      rounds.notified(this.#readNow, performance.now());
    }, ms);
  }

  /** What takes more than one piece goes on in later turns of the event loop. */
  #read(): Promise<void> {
    if (this.#reading !== null) return this.#reading;
    if (this.#readSome()) this.#reading = this.#readOn();
    this.#lastRead = performance.now();
    return this.#reading ?? NOTHING_LEFT;
  }

  async #readOn(): Promise<void> {
    try {
      do await nextTurn();
      while (this.#readSome());
    } finally {
      this.#reading = null;
      this.#lastRead = performance.now();
    }
  }

  /** Reads a piece, and answers whether there may be more. */
  #readSome(): boolean {
    if (this.#closed || (this.#fd === null && !this.#open())) return false;
    const bytes = this.#readPiece();
    return bytes === 0 ? this.#beganAnew() : bytes === buffer.length;
  }

  #readPiece(): number {
    if (this.#fd === null) return 0;
    let bytes: number;
    try {
      bytes = readSync(this.#fd, buffer, 0, buffer.length, this.#splitter.offset);
      this.#trouble = null;
    } catch (error) {
      // A file handle that a server has forgotten, a disk that fails: the next notification opens it again.
      this.#trouble = asError(error);
      this.#release();
      return 0;
    }
    this.#handOver(this.#splitter.push(buffer.subarray(0, bytes)));
    return bytes;
  }

  #handOver({ lines, ends }: LineBatch): void {
    const end = ends.at(-1);
    if (end !== undefined && !this.#closed) this.#onLines(lines, end, ends);
  }

  /** Where there is nothing more to read: whether that is because the file is another, or begins again. */
  #beganAnew(): boolean {
    if (this.#fd === null) return false;
    const open = statOrNull(() => fstatSync(this.#fd ?? -1));
    const named = statOrNull(() => statSync(this.#path));
    if (open === null || named === null) {
      // Removed or moved away: what comes in its place is seen in the directory.
      this.#watchFor(dirname(this.#path));
      return false;
    }
    const replaced = named.ino !== open.ino || named.dev !== open.dev;
    if (!replaced && open.size >= this.#splitter.offset) return false;
    // Nobody ends the last line of a file that was replaced; that of a truncated one is gone.
    if (replaced) this.#handOver(this.#splitter.flush());
    this.#splitter = new LineSplitter(this.#maxLineBytes, 0);
    if (replaced) this.#release();
    return true;
  }

  /** Opens the file and watches it; where it isn't there yet, its directory. */
  #open(): boolean {
    try {
      this.#fd = openSync(this.#path, 'r');
      this.#trouble = null;
    } catch (error) {
      this.#trouble = saysAbsent(error) ? null : asError(error);
      this.#watchFor(dirname(this.#path));
      return false;
    }
    this.#watchFor(this.#path);
    return true;
  }

  #watchFor(path: string): void {
    if (this.#watched === path || this.#closed) return;
    this.#watch?.close();
    this.#watched = path;
    this.#watch = watchPath(path, () => this.#notified());
  }

  #release(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    this.#watched = null;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function statOrNull(stat: () => Stats): Stats | null {
  try {
    return stat();
  } catch {
    return null;
  }
}
