import { plotName, type Told } from './views.ts';

/** The workers that have ended, the last one last, as the history says them. */
export function endedOf({ work, now }: Told): object[] {
  return work
    .filter(({ to }) => to <= now)
    .sort((one, other) => one.to - other.to)
    .map((one) => ({
      ...{ worker: one.id, run: one.id, job: one.job.id, slot: one.slot },
      result: one.error === null ? 'done' : 'failed',
      plot: one.error === null ? `${one.job.destDir ?? '/mnt'}/${plotName(one)}` : null,
      started_at: new Date(one.from).toISOString(),
      ended_at: new Date(one.to).toISOString(),
      duration_s: Math.round((one.to - one.from) / 1000),
      ...{ error: one.error, energy_kwh: null, cost: null },
    }));
}
