import { MOST_OLD_PLOTS } from '../../config/schema/replot.ts';
import { withoutValue } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import type { MoveState } from '../model/move-state.ts';
import type { State } from '../model/state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import type { ReplotRoom, WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { creditsTaken } from './choose-old-plots.ts';

/** What was removed on a file system for plots that never came: those of the job, then those of jobs that are gone. */
export function creditOf(state: State, job: string, filesystem: string | null): number[] {
  if (filesystem === null) return [];
  const own = state.jobs.get(job)?.replot_credit[filesystem] ?? [];
  return [...own, ...(state.left_credit[filesystem] ?? [])];
}

type Credit = Readonly<Record<string, number[]>>;

/** A credit with other sizes on one file system. */
export function withCredit(credit: Credit, filesystem: string, sizes: number[]): Record<string, number[]> {
  const { [filesystem]: _before, ...others } = credit;
  return sizes.length === 0 ? others : { ...others, [filesystem]: sizes };
}

/**
 * Takes the first of what was removed for plots that never came: these sizes, the job's own before those of jobs that are
 * gone. Whether they are still there; else nothing is taken.
 */
export function takeCredit(
  transaction: Transaction,
  job: JobState,
  filesystem: string,
  sizes: readonly number[],
): boolean {
  const credit = creditOf(transaction.state, job.id, filesystem);
  if (sizes.some((size, index) => credit[index] !== size)) return false;
  if (sizes.length === 0) return true;
  const own = job.replot_credit[filesystem] ?? [];
  const left = credit.slice(own.length);
  const ofOthers = sizes.length - own.length;
  transaction.patchJob(job, {
    replot_credit: withCredit(job.replot_credit, filesystem, own.slice(sizes.length)),
  });
  if (ofOthers > 0)
    leaveBehind(transaction, withCredit(transaction.state.left_credit, filesystem, left.slice(ofOthers)));
  return true;
}

/** Says what credit of jobs that are gone is left, by file system: bytes of each old plot. */
export function leaveBehind(transaction: Transaction, left_credit: Record<string, number[]>): void {
  transaction.change(['meta', { left_credit }]);
}

/** The credit of a job or move that goes is there for whichever job comes next: the room on the disk is. */
export function passOnCredit(
  transaction: Transaction,
  { replot_credit }: Pick<JobState | MoveState, 'replot_credit'>,
): void {
  let left = transaction.state.left_credit;
  for (const [filesystem, sizes] of Object.entries(replot_credit))
    left = withCredit(left, filesystem, [...(left[filesystem] ?? []), ...sizes]);
  if (left !== transaction.state.left_credit) leaveBehind(transaction, left);
}

/**
 * What went for plots of a move that never came and counts for one that begins now, on a file system; `null`: nothing.
 * @param need bytes that it takes there
 * @param chosen how many more go for it
 */
export function takeCreditOfMove(
  transaction: Transaction,
  move: MoveState,
  { filesystem, need, chosen }: { filesystem: string | null; need: number; chosen: number },
): ReplotRoom | null {
  if (filesystem === null) return null;
  const credit = move.replot_credit[filesystem] ?? [];
  const taken = creditsTaken({ as_needed: true, max_per_plot: MOST_OLD_PLOTS }, credit, need, chosen);
  if (taken === 0) return null;
  const replot_credit = withCredit(move.replot_credit, filesystem, credit.slice(taken));
  transaction.patchMove(move, { replot_credit });
  return { filesystem, sizes: credit.slice(0, taken) };
}

/** What went for a plot that didn't come stays a credit for the next one of the same move. */
export function leaveCreditOfMove(
  transaction: Transaction,
  move: MoveState,
  { replot_room }: Pick<TransferState, 'replot_room'>,
): void {
  if (replot_room === null) return;
  const { filesystem, sizes } = replot_room;
  const present = move.replot_credit[filesystem] ?? [];
  const replot_credit = withCredit(move.replot_credit, filesystem, [...present, ...sizes]);
  transaction.patchMove(move, { replot_credit });
}

/** What was removed for a plot that never came stays a credit for the next worker of the same job. */
export function leaveCredit(transaction: Transaction, worker: WorkerState, job: JobState): void {
  transaction.memory.seeking = withoutValue(transaction.memory.seeking, worker.id);
  if (worker.plot !== null || worker.replot_room === null) return;
  const { filesystem, sizes } = worker.replot_room;
  const present = job.replot_credit[filesystem] ?? [];
  transaction.patchJob(job, {
    replot_credit: withCredit(job.replot_credit, filesystem, [...present, ...sizes]),
  });
}
