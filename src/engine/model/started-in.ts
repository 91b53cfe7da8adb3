import * as z from 'zod';
import { moment } from './parts.ts';

/** The last start of a worker that got a directory, by that directory: starts on a disk may have to be apart. */
export const startedInSchema = z.object({
  /** As `Placed.filesystem`, of when it started; empty where that isn't known any more. */
  filesystem: z.string(),
  /** By the host's clock, milliseconds since 1970, and on the steady one. */
  at: moment,
  steady: moment,
});
export type StartedIn = z.infer<typeof startedInSchema>;
