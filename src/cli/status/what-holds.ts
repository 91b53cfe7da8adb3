import * as z from 'zod';
import type { StatusAnswer } from '../../control/protocol.ts';
import { printable } from '../../util/colours.ts';
import { localTime } from '../terminal/local-time.ts';

const holdSchema = z.looseObject({
  name: z.string(),
  kind: z.string().catch(''),
  jobs: z.array(z.string()).nullable().catch(null),
  reason: z.string().nullable().catch(null),
  until: z.string().nullable().catch(null),
});
type FarmHold = z.infer<typeof holdSchema>;

const jobSchema = z.looseObject({
  id: z.string(),
  paused: z.boolean().catch(false),
  holds: z.array(z.string()).catch([]),
});
type HeldJob = z.infer<typeof jobSchema>;

/** The farm's holds that stand, as a status has them. */
export function farmHolds({ farm }: Pick<StatusAnswer, 'farm'>): FarmHold[] {
  const holds = farm?.holds;
  if (!Array.isArray(holds)) return [];
  return holds.flatMap((hold) => holdSchema.safeParse(hold).data ?? []);
}

/** The jobs of a status, with what holds them. */
export function heldJobs({ jobs }: Pick<StatusAnswer, 'jobs'>): HeldJob[] {
  return jobs.flatMap((job) => jobSchema.safeParse(job).data ?? []);
}

/** A hold of the farm, with what is to be said of it: `'price' (no_starts, until 18:00, 31 ct/kWh)`. */
export function holdInWords({ name, kind, jobs, reason, until }: FarmHold): string {
  const said = [
    ...(kind === '' ? [] : [kind]),
    ...(jobs === null ? [] : [`jobs ${jobs.join(', ')}`]),
    ...(until === null ? [] : [`until ${localTime(until)}`]),
    ...(reason === null || reason === '' ? [] : [reason]),
  ];
  return `'${name}'${said.length === 0 ? '' : ` (${said.join('; ')})`}`;
}

/** What still holds a job; empty where nothing does. */
export function whatHoldsJob(status: Pick<StatusAnswer, 'farm' | 'jobs'>, id: string): string[] {
  const job = heldJobs(status).find((each) => each.id === id);
  if (!job) return [];
  const farms = farmHolds(status).filter(({ name }) => job.holds.includes(name));
  const own = job.holds.filter((name) => !farms.some((hold) => hold.name === name));
  return [
    ...farms.map((hold) => `the farm's hold ${printable(holdInWords(hold))}`),
    ...own.map((name) => `its hold '${name}'`),
    ...(job.paused ? ['its own pause'] : []),
  ];
}

/** What still holds the farm, and the jobs that something of their own holds. */
export function whatHoldsFarm(status: Pick<StatusAnswer, 'farm' | 'jobs'>): string[] {
  const holds = farmHolds(status);
  const jobs = heldJobs(status).flatMap(({ id, paused, holds: names }) => {
    const own = names.filter((name) => !holds.some((hold) => hold.name === name)).map((name) => `'${name}'`);
    const all = [...own, ...(paused ? ['its own pause'] : [])];
    return all.length === 0 ? [] : [`job '${id}' by ${all.join(', ')}`];
  });
  return [...holds.map((hold) => printable(holdInWords(hold))), ...jobs];
}
