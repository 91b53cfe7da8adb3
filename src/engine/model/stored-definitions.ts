import * as z from 'zod';
import { type JobDefinition, jobSchema } from '../../config/schema/job.ts';
import { type PlotterDefinition, plotterDefinitionSchema } from '../../config/schema/plotter.ts';

/**
 * A job's definition as it is kept. It was checked when it came: a time of `replot` that a clock set back calls future
 * is no reason to lose the job.
 */
export const storedJobSchema: z.ZodType<JobDefinition> = z.object({
  ...jobSchema.shape,
  replot: z.object({ before: z.string() }).optional(),
});

/** A plotter's definition as it is kept: its parts were checked against each other when it came. */
export const storedPlotterSchema: z.ZodType<PlotterDefinition> = z.object(plotterDefinitionSchema.shape);
