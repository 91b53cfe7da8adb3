import type { JobState } from '../model/job-state.ts';
import { countersOf, type JobCounters, KEPT_MS, type LeftJob } from '../model/left-job.ts';
import type { Transaction } from '../transaction.ts';
import { writeReset } from '../working/history-lines.ts';

/** Whether a job has done anything that the history tells. */
export function hasCounted({
  plots_done,
  plots_failed,
}: Pick<JobState, 'plots_done' | 'plots_failed'>): boolean {
  return plots_done > 0 || plots_failed > 0;
}

/** A job goes that was taken out of config.yaml: when it comes back, it finds its counters (contract, section 2). */
export function keepCounters(transaction: Transaction, job: JobState): void {
  if (hasCounted(job))
    transaction.change(['left', job.id, { ...countersOf(job), left_at: transaction.steady }]);
}

/** The counters of a job that comes back; none where it was away for too long. */
export function takeCounters(transaction: Transaction, id: string): JobCounters | null {
  const left = transaction.state.left.get(id);
  if (!left) return null;
  transaction.change(['left', id, null]);
  const { left_at: _, ...counters } = left;
  return counters;
}

/** What was away for too long is forgotten; its counts begin anew. */
export function forgetLeft(transaction: Transaction): void {
  for (const [id, left] of [...transaction.state.left])
    if (isOver(left, transaction.steady)) dropCounters(transaction, id);
}

/** Forgets a job's counters: another one has its id. */
export function dropCounters(transaction: Transaction, id: string): void {
  if (!transaction.state.left.has(id)) return;
  transaction.change(['left', id, null]);
  writeReset(transaction, { id });
}

function isOver({ left_at }: LeftJob, steady: number): boolean {
  return steady - left_at > KEPT_MS;
}
