import { crc32 } from 'node:zlib';
import { isObject } from '../../../src/util/objects.ts';

/** What the files of a damaged directory say of counts, read by rules of their own: never less may come out. */
export interface Left {
  plots_done: number;
  /** By job, since the last reset that is left. */
  jobs: Map<string, number>;
}

const HEAD = '{"crc":"00000000",'.length;

/** Whole lines, each with a right checksum, in the order in which they were written. */
function wholeLines(files: ReadonlyMap<string, Buffer>): { name: string; value: Record<string, unknown> }[] {
  return [...files]
    .filter(([name]) => /^(state|journal)[.\w]*\.jsonl?$/.test(name))
    .flatMap(([name, bytes]) =>
      bytes
        .toString('latin1')
        .split('\n')
        .map((line) => Buffer.from(line, 'latin1'))
        .filter((line) => line.toString('latin1', 0, HEAD) === `{"crc":"${hex(line)}",`)
        .map((line) => ({ name, value: JSON.parse(line.toString('utf8')) })),
    );
}

function hex(line: Buffer): string {
  return crc32(line.subarray(HEAD)).toString(16).padStart(8, '0');
}

/** Plots of all time: no whole record may say more than the daemon. */
export function mostOfAllTime(files: ReadonlyMap<string, Buffer>): number {
  let most = historyOf(files).plots_done;
  for (const { name, value } of wholeLines(files)) {
    if (isObject(value.state) && name.startsWith('state'))
      most = Math.max(most, Number(value.state.plots_done));
    // One that was put in another's place says nothing of when it was written.
    if (!isObject(value.entry) || !name.startsWith(`journal.${value.g}.`)) continue;
    const changes: unknown = value.entry.c;
    for (const change of Array.isArray(changes) ? changes : [])
      if (change[0] === 'meta') most = Math.max(most, Number(change[1].plots_done ?? 0));
  }
  return most;
}

/** What the lines of the history come to, that are left. */
export function historyOf(files: ReadonlyMap<string, Buffer>): Left {
  const left: Left = { plots_done: 0, jobs: new Map() };
  const seen = new Set<string>();
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
    if (typeof worker !== 'string' || typeof plot !== 'string' || seen.has(worker)) continue;
    seen.add(worker);
    if (result !== 'done' && result !== 'dismissed') continue;
    left.plots_done += 1;
    left.jobs.set(job, (left.jobs.get(job) ?? 0) + 1);
  }
  return left;
}
