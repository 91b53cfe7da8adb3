import * as z from 'zod';
import { MAX_WORKERS_LIMIT } from '../../contract/commands.ts';
import { durationSchema } from '../../contract/names.ts';
import { matchesWildcard } from '../../util/wildcard.ts';

const jobPatternSchema = z
  .string()
  .regex(/^[a-z0-9_*?-]+$/, 'the id of a job, or a pattern of ids with "*" and "?"');

const phaseSchema = z.string().regex(/^[1-9]\d*$/, 'the number of a phase, such as 1');

const workers = z.number().int().min(0).max(MAX_WORKERS_LIMIT);

/** An entry of `limits`, over the workers of several jobs together (contract, section 8). */
export const jobsLimitSchema = z.strictObject({
  jobs: z.array(jobPatternSchema).min(1).optional().meta({
    description:
      'Ids of the jobs whose workers count, or patterns of them ("*" any characters, "?" one); without: all jobs.',
  }),
  max_workers: workers
    .optional()
    .meta({ description: 'Workers of these jobs at the same time; 0: none starts.' }),
  max_in_phase: z
    .record(phaseSchema, workers)
    .optional()
    .meta({ description: 'By phase: how many of these workers may not have finished it.' }),
  apart: durationSchema.optional().meta({ description: 'At least so long between two starts.' }),
});
export type JobsLimit = z.infer<typeof jobsLimitSchema>;

/** Whether the workers of a job count for this entry. */
export function holdsFor({ jobs }: Pick<JobsLimit, 'jobs'>, job: string): boolean {
  return jobs === undefined || jobs.some((pattern) => matchesWildcard(pattern, job));
}
