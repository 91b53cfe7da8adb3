import * as z from 'zod';
import { type JobDefinition, jobSchema } from '../../config/schema/job.ts';
import { type PlotterDefinition, plotterDefinitionSchema } from '../../config/schema/plotter.ts';
import { storedReplotSchema } from '../../config/schema/replot.ts';

/** A job's definition as it is kept; it was checked when it came. */
export const storedJobSchema: z.ZodType<JobDefinition> = z.object({
  ...jobSchema.shape,
  replot: storedReplotSchema.optional(),
});

/** A plotter's definition as it is kept: its parts were checked against each other when it came. */
export const storedPlotterSchema: z.ZodType<PlotterDefinition> = z.object(plotterDefinitionSchema.shape);
