import type { EventSubject } from '../event-subject.ts';
import type { JobState } from '../model/job-state.ts';
import type { MoveState } from '../model/move-state.ts';
import type { Transaction } from '../transaction.ts';

interface OldPlot {
  file: string;
  /** Bytes. */
  size: number;
}

/** Of so many a job or move remembers that they were told. */
const MAX_TOLD = 1000;

/** Tells which old plots would go, were the rule no dry run: once for each file. */
export function tellDryRun(
  transaction: Transaction,
  job: JobState,
  subject: EventSubject,
  plots: readonly OldPlot[],
): void {
  const { fresh, replot_told } = told(job, plots);
  if (fresh.length === 0) return;
  transaction.patchJob(job, { replot_told });
  for (const { file, size } of fresh)
    transaction.tell('replot_would_remove', subject, { file, size, move: null });
}

/** The same for a plot of a move. */
export function tellDryRunOfMove(
  transaction: Transaction,
  move: MoveState,
  subject: EventSubject | null,
  plots: readonly OldPlot[],
): void {
  const { fresh, replot_told } = told(move, plots);
  if (fresh.length === 0) return;
  transaction.patchMove(move, { replot_told });
  for (const { file, size } of fresh)
    transaction.tell('replot_would_remove', subject, { file, size, move: move.id });
}

function told(
  { replot_told }: Pick<JobState | MoveState, 'replot_told'>,
  plots: readonly OldPlot[],
): { fresh: OldPlot[]; replot_told: string[] } {
  const known = new Set(replot_told);
  const fresh = plots.filter(({ file }) => !known.has(file));
  return { fresh, replot_told: [...replot_told, ...fresh.map(({ file }) => file)].slice(-MAX_TOLD) };
}
