import { crc32 } from 'node:zlib';
import { isObject } from '../../../src/util/objects.ts';

/** What the files of a damaged directory say of counts, read by rules of their own: never less may come out. */
export interface Left {
  plots_done: number;
  /** By job, since the last reset that is left. */
  jobs: Map<string, number>;
  /** Every worker that has a line. */
  workers: Set<string>;
}

const HEAD = '{"crc":"00000000",'.length;

interface WholeLine {
  value: Record<string, unknown>;
}

/** Most damages leave most files alone. */
const known = new WeakMap<Buffer, WholeLine[]>();

/** The lines with a right checksum. */
function wholeLines(bytes: Buffer): WholeLine[] {
  const before = known.get(bytes);
  if (before) return before;
  const lines = bytes
    .toString('latin1')
    .split('\n')
    .map((line) => Buffer.from(line, 'latin1'))
    .filter((line) => line.toString('latin1', 0, HEAD) === `{"crc":"${hex(line)}",`)
    .map((line) => ({ value: JSON.parse(line.toString('utf8')) }));
  known.set(bytes, lines);
  return lines;
}

function hex(line: Buffer): string {
  return crc32(line.subarray(HEAD)).toString(16).padStart(8, '0');
}

/** Plots of all time: no whole record may say more than the daemon. */
export function mostOfAllTime(files: ReadonlyMap<string, Buffer>): number {
  let most = historyOf(files).plots_done;
  for (const [name, bytes] of files)
    if (/^(state|journal)[.\w]*\.jsonl?$/.test(name))
      for (const { value } of wholeLines(bytes)) most = Math.max(most, ...countsIn(name, value));
  return most;
}

function countsIn(name: string, value: Record<string, unknown>): number[] {
  if (isObject(value.state)) return name.startsWith('state') ? [Number(value.state.plots_done)] : [];
  // One that was put in another's place says nothing of when it was written.
  if (!isObject(value.entry) || !name.startsWith(`journal.${value.g}.`)) return [];
  const changes: unknown = value.entry.c;
  return (Array.isArray(changes) ? changes : []).flatMap(([kind, patch]) =>
    kind === 'meta' ? [Number(patch.plots_done ?? 0)] : [],
  );
}

/** What the lines of the history come to, that are left. */
export function historyOf(files: ReadonlyMap<string, Buffer>): Left {
  const left: Left = { plots_done: 0, jobs: new Map(), workers: new Set() };
  for (const text of (files.get('history.jsonl')?.toString('utf8') ?? '').split('\n')) {
    let line: Record<string, unknown>;
    try {
      line = JSON.parse(text);
    } catch {
      continue;
    }
    const { worker, job, result, plot } = line;
    if (typeof job !== 'string') continue;
    if (result === 'reset') left.jobs.set(job, 0);
    if (typeof worker !== 'string' || left.workers.has(worker)) continue;
    left.workers.add(worker);
    if (typeof plot !== 'string') continue;
    if (result !== 'done' && result !== 'dismissed') continue;
    left.plots_done += 1;
    left.jobs.set(job, (left.jobs.get(job) ?? 0) + 1);
  }
  return left;
}
