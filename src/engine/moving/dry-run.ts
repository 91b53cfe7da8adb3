import type { EventSubject } from '../event-subject.ts';
import type { JobState } from '../model/job-state.ts';
import type { Transaction } from '../transaction.ts';

/** Of so many a job remembers that they were told. */
const MAX_TOLD = 1000;

/** Tells which old plots would go, were the rule no dry run: once for each file. */
export function tellDryRun(
  transaction: Transaction,
  job: JobState,
  subject: EventSubject,
  plots: readonly { file: string; size: number }[],
): void {
  const known = new Set(job.replot_told);
  const fresh = plots.filter(({ file }) => !known.has(file));
  if (fresh.length === 0) return;
  transaction.patchJob(job, {
    replot_told: [...job.replot_told, ...fresh.map(({ file }) => file)].slice(-MAX_TOLD),
  });
  for (const { file, size } of fresh) transaction.tell('replot_would_remove', subject, { file, size });
}
