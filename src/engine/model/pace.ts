import * as z from 'zod';
import { moment } from './parts.ts';

/** Mean seconds of each innermost stage on this machine, for one plotter, size and directory. */
export const paceSchema = z.object({
  stages: z.record(z.string(), z.number()),
  /** The longest that neither log nor files have grown in a stage, in seconds; version 1 knew nothing of that. */
  silences: z.record(z.string(), z.number()).exactOptional(),
  /** When it was last measured, by the host's clock, milliseconds since 1970. */
  at: moment,
});
export type Pace = z.infer<typeof paceSchema>;
