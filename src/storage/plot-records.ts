import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';
import { type CountedLine, historyKey, isWorkersEnd, MOVED, parseLine } from './history.ts';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** What the history says of the plots that were made here. */
export interface PlotRecords {
  /** When the plot of this name was made (milliseconds since 1970); `null` where no line names it. */
  timeOf(name: string): number | null;
  /** Whether the plot with whose making this line ends has been counted. */
  has(line: CountedLine): boolean;
  /** Plots that were made here: each worker's counts once, however often its line is there. */
  count: number;
  /** Lines that are damaged. */
  damaged: number;
}

/** Whether the line is that of a worker's plot, of which `plots_done` counts each. */
export function countsAsPlot(line: CountedLine): boolean {
  return isWorkersEnd(line) && line.plot !== null;
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
  /** Keys of the lines that count. */
  readonly #counted = new Set<string>();
  damaged = 0;

  constructor(file: string) {
    this.#file = file;
  }

  timeOf(name: string): number | null {
    return this.#times.get(name) ?? null;
  }

  has(line: CountedLine): boolean {
    return this.#counted.has(historyKey(line));
  }

  get count(): number {
    return this.#counted.size;
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

  /** Another file has taken its place, or it has become shorter: it may repeat what was read before. */
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
    const line = parseLine(text);
    const told = line ? Date.parse(line.ended_at) : Number.NaN;
    if (!line || Number.isNaN(told)) {
      this.damaged += 1;
      return;
    }
    const earliest = line.not_before === undefined ? 0 : Date.parse(line.not_before);
    // Lines come in their order: one that says it is older than those before it, the clock had been set back.
    const time = Math.max(told, Number.isNaN(earliest) ? 0 : earliest, this.#latest);
    if (time <= Date.now()) this.#latest = time;
    if (countsAsPlot(line)) this.#counted.add(historyKey(line));
    // A plot that was moved is no younger for it.
    if (line.plot === null || line.result === MOVED) return;
    const name = basename(line.plot);
    this.#times.set(name, Math.max(time, this.#times.get(name) ?? 0));
  }
}
