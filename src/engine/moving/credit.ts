import type { State } from '../model/state.ts';

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
