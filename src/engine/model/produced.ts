import * as z from 'zod';
import { count } from './parts.ts';

/** A plot that a worker has made, and when: by the number of the last event before, since clocks may be set. */
export const producedSchema = z.object({ worker: z.string(), seq: count });
export type Produced = z.infer<typeof producedSchema>;
