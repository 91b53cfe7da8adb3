import type { JobState } from '../../model/job-state.ts';
import type { Transaction } from '../../transaction.ts';
import type { LastStart } from './started-in.ts';

/** Of so many jobs that are gone the last start is known, so that the state doesn't grow for ever. */
const MAX_JOBS = 1000;

/** A job goes: limits over jobs, which may say how far starts are to be apart, count its last start all the same. */
export function keepLastStart(
  transaction: Transaction,
  { id, last_start }: Pick<JobState, 'id' | 'last_start'>,
): void {
  if (last_start === null) return;
  const all = Object.entries({ ...transaction.state.left_starts, [id]: last_start });
  const newest = all.sort(([, one], [, other]) => other.steady - one.steady).slice(0, MAX_JOBS);
  transaction.change(['meta', { left_starts: Object.fromEntries(newest) }]);
}

/** After a restart of the host, where the steady clock doesn't go on: each was as long ago as the host's clock says. */
export function resumeLeftStarts(transaction: Transaction, goesOn: boolean): void {
  const { left_starts } = transaction.state;
  if (goesOn || Object.keys(left_starts).length === 0) return;
  const entries = Object.entries(left_starts).map(
    ([id, { at }]) => [id, sinceThen(transaction, at)] as const,
  );
  transaction.change(['meta', { left_starts: Object.fromEntries(entries) }]);
}

/** A start at this time of the host's clock, as the steady clock has it now. */
export function sinceThen({ now, steady }: Pick<Transaction, 'now' | 'steady'>, at: number): LastStart {
  return { at, steady: steady - Math.max(0, now - at) };
}
