import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { codeOf } from '../util/errors.ts';
import { isObject } from '../util/objects.ts';
import { appendWhole } from './append.ts';
import { readLines } from './lines.ts';
import { PRIVATE_FILE } from './private.ts';
import { unreadable } from './unreadable.ts';

/** How far back `hasRecent` looks: some 500 lines, more than end between two records of the journal. */
const RECENT_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** What all lines have that counts are made of. Lines of other shapes are passed over. */
export interface CountedLine {
  /** `null`: the line is of a job. */
  worker: string | null;
  job: string;
  plotter?: string | null;
  result: string;
  plot: string | null;
  /** Bytes of the plot; lines of version 1 don't say it. */
  size?: number | null;
  /** ISO 8601, UTC. */
  ended_at: string;
  /** The clock had been set back: this is how late it was before. */
  not_before?: string;
  /** What the worker took; lines of earlier versions don't say. */
  energy_kwh?: number | null;
  cost?: number | null;
}

/** What the line of a worker that has ended says of it; lines of other kinds are about one that has such a line too. */
const ENDS: ReadonlySet<string> = new Set(['done', 'failed', 'dismissed']);

/** A plot that a worker has made is somewhere else now. */
export const MOVED = 'moved';

/** Whether a line is the end of a worker. */
export function isWorkersEnd(line: CountedLine): line is CountedLine & { worker: string } {
  return line.worker !== null && ENDS.has(line.result);
}

/** By what a line is known: its worker, or what befell its job and when. */
export function historyKey({
  worker,
  result,
  job,
  ended_at,
}: Pick<CountedLine, 'worker' | 'result' | 'job' | 'ended_at'>): string {
  if (result === MOVED) return `${MOVED} ${worker ?? job} ${ended_at}`;
  return worker ?? `${result} ${job} ${ended_at}`;
}

/** A file of one JSON object a line, that only grows. */
export interface History {
  /**
   * Appends these lines (JSON, without newlines) in one write, and returns the file's length then, in bytes. A last
   * line that a crash has torn is left as it is and a new one begun. Throws StorageWriteError: none of them is then
   * written.
   */
  append(lines: readonly string[]): number;
  /** Which of these keys have a line near the end already: after a crash, no line is doubled. */
  hasRecent(keys: Iterable<string>): Set<string>;
}

/**
 * The history in `file`, made at the first append. It is opened anew each time, a few times an hour at
 * most, so that it may be moved away while the daemon runs.
 */
export function openHistory(file: string): History {
  return {
    append(lines) {
      if (lines.length === 0) return historySize(file);
      const fd = openSync(file, 'a+', PRIVATE_FILE);
      try {
        const length = fstatSync(fd).size;
        const text = lines.map((line) => `${line}\n`).join('');
        const bytes = Buffer.from(endsInMidLine(fd, length) ? `\n${text}` : text);
        appendWhole({ fd, file, bytes, length, flush: false });
        return length + bytes.length;
      } finally {
        closeSync(fd);
      }
    },
    hasRecent(keys) {
      const wanted = new Set(keys);
      if (wanted.size === 0) return wanted;
      const start = Math.max(0, historySize(file) - RECENT_BYTES);
      const found = [...historyLines(file, start)].map(historyKey);
      return new Set(found.filter((key) => wanted.has(key)));
    },
  };
}

/** The file's length in bytes, 0 where there is none. */
export function historySize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function endsInMidLine(fd: number, length: number): boolean {
  if (length === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, length - 1);
  return last[0] !== NEWLINE;
}

/** The whole lines from byte `start` on, oldest first; what is torn, damaged or of another shape is passed over. */
export function* historyLines(file: string, start = 0): Generator<CountedLine> {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    for (const { bytes } of readLines(fd, start)) {
      const line = parseLine(bytes.toString('utf8'));
      if (line !== null) yield line;
    }
  } catch (error) {
    // What is behind a place that can't be read is lost, what came before it isn't.
    unreadable(error);
  } finally {
    closeSync(fd);
  }
}

/** A line of the history; `null` where it is none: it begins in mid-line, was torn, or is of another shape. */
export function parseLine(text: string): CountedLine | null {
  try {
    const line: unknown = JSON.parse(text);
    if (!isObject(line)) return null;
    const { worker = null, job, result, plot = null, size, ended_at, not_before } = line;
    const ofWorker = worker === null || typeof worker === 'string';
    if (!ofWorker || typeof job !== 'string' || typeof result !== 'string') return null;
    if (typeof ended_at !== 'string' || !(plot === null || typeof plot === 'string')) return null;
    const { energy_kwh, cost } = line;
    return {
      ...{ worker, job, result, plot, ended_at },
      ...(typeof size === 'number' ? { size } : {}),
      ...(typeof not_before === 'string' ? { not_before } : {}),
      ...(isAmount(energy_kwh) ? { energy_kwh } : {}),
      ...(isAmount(cost) ? { cost } : {}),
    };
  } catch {
    return null;
  }
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}
