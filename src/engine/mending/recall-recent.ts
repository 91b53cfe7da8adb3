import { dirname } from 'node:path';
import { type CountedLine, historyKey, isWorkersEnd } from '../../storage/history.ts';
import type { State } from '../model/state.ts';
import { LAST_DAY, LAST_WEEK, sumOf, type Tally, type TallySpan, withMore } from '../model/tally.ts';
import type { Written } from '../model/written.ts';
import type { Moment } from '../surroundings.ts';

/**
 * What the last lines of the history say of the last 24 hours and seven days, where that is more than the state knows.
 * Times are what the host's clock has shown; what went for new plots isn't in the history.
 */
export function recallRecent(state: State, lines: Iterable<CountedLine>, moment: Moment): void {
  const found = readRecent(lines, moment);
  const { steady } = moment;
  state.recent_plots = more(state.recent_plots ?? [], found.all, steady);
  for (const [id, tally] of found.jobs) {
    const job = state.jobs.get(id) ?? state.left.get(id);
    if (job) job.recent_plots = more(job.recent_plots, tally, steady);
  }
  for (const [directory, written] of found.written)
    if (!state.written.has(directory)) state.written.set(directory, written);
}

function more(known: Tally, found: Tally, steady: number): Tally {
  return sumOf(found, steady, LAST_DAY) > sumOf(known, steady, LAST_DAY) ? found : known;
}

interface Recent {
  all: Tally;
  jobs: Map<string, Tally>;
  written: Map<string, Written>;
}

function readRecent(lines: Iterable<CountedLine>, { now, steady }: Moment): Recent {
  const recent: Recent = { all: [], jobs: new Map(), written: new Map() };
  const seen = new Set<string>();
  for (const line of lines) {
    const { plot, size, job } = line;
    const at = Date.parse(line.ended_at) - now + steady;
    if (plot === null || !isWorkersEnd(line) || !isSince(at, steady, LAST_WEEK)) continue;
    if (seen.has(historyKey(line))) continue;
    seen.add(historyKey(line));
    if (typeof size === 'number') noteWritten(recent.written, dirname(plot), at, size);
    if (!isSince(at, steady, LAST_DAY)) continue;
    recent.all = withMore(recent.all, at, 1, LAST_DAY);
    recent.jobs.set(job, withMore(recent.jobs.get(job) ?? [], at, 1, LAST_DAY));
  }
  return recent;
}

function isSince(at: number, steady: number, { back }: TallySpan): boolean {
  return at > steady - back && at <= steady;
}

function noteWritten(written: Map<string, Written>, directory: string, at: number, size: number): void {
  const { since, bytes } = written.get(directory) ?? { since: at, bytes: [] };
  written.set(directory, { since, bytes: withMore(bytes, at, size, LAST_WEEK) });
}
