import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';
import { isObject } from '../util/objects.ts';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** What the history says of the plots that were made here. */
export interface PlotRecords {
  /** When the plot of this name was made (milliseconds since 1970); `null` where no line names it. */
  timeOf(name: string): number | null;
  /** Lines that name a plot. */
  count: number;
  /** Lines that are damaged. */
  damaged: number;
}

/**
 * The plots in history.jsonl, read on from where the last look ended. Plots are known by their file's name: a
 * post-command may have moved them.
 */
export class PlotHistory implements PlotRecords {
  readonly #file: string;
  readonly #times = new Map<string, number>();
  #latest = 0;
  /** What was read of which file. */
  #ino = 0n;
  #offset = 0;
  #rest: Buffer = Buffer.alloc(0);
  #reading: Promise<string | null> = Promise.resolve(null);
  count = 0;
  damaged = 0;

  constructor(file: string) {
    this.#file = file;
  }

  timeOf(name: string): number | null {
    return this.#times.get(name) ?? null;
  }

  /** Reads what was added since; answers why the file can't be read, `null` where it could, or isn't there. */
  refresh(): Promise<string | null> {
    this.#reading = this.#reading.then(() => this.#readOn());
    return this.#reading;
  }

  async #readOn(): Promise<string | null> {
    let handle: FileHandle;
    try {
      handle = await open(this.#file, 'r');
    } catch (error) {
      // What was read before it was moved away stays known.
      return codeOf(error) === 'ENOENT' ? null : messageOf(error);
    }
    try {
      await this.#readFrom(handle);
      return null;
    } catch (error) {
      return messageOf(error);
    } finally {
      await handle.close();
    }
  }

  async #readFrom(handle: FileHandle): Promise<void> {
    const { ino, size } = await handle.stat({ bigint: true });
    if (ino !== this.#ino || size < BigInt(this.#offset)) this.#beginAnew(ino);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      this.#take(chunk.subarray(0, bytesRead));
    }
  }

  /** Another file has taken its place: what it repeats is counted once more, which only makes more records. */
  #beginAnew(ino: bigint): void {
    this.#ino = ino;
    this.#offset = 0;
    this.#rest = Buffer.alloc(0);
  }

  /** The last line may not be whole yet: it waits for the rest. */
  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(NEWLINE) + 1;
    this.#rest = all.subarray(end);
    for (const line of all.toString('utf8', 0, end).split('\n')) if (line !== '') this.#line(line);
  }

  #line(text: string): void {
    const line = parse(text);
    const told = typeof line?.ended_at === 'string' ? Date.parse(line.ended_at) : Number.NaN;
    if (!line || Number.isNaN(told)) {
      this.damaged += 1;
      return;
    }
    const earliest = typeof line.not_before === 'string' ? Date.parse(line.not_before) : 0;
    // Lines come in their order: one that says it is older than those before it, the clock had been set back.
    const time = Math.max(told, Number.isNaN(earliest) ? 0 : earliest, this.#latest);
    if (time <= Date.now()) this.#latest = time;
    if (typeof line.plot !== 'string') return;
    this.count += 1;
    const name = basename(line.plot);
    this.#times.set(name, Math.max(time, this.#times.get(name) ?? 0));
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
