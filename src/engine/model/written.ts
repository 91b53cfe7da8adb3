import * as z from 'zod';
import { moment } from './parts.ts';
import { tallySchema } from './tally.ts';

/** What plots have come to in one directory, the old ones that went for them taken off. */
export const writtenSchema = z.object({
  /** When the first of them was begun, milliseconds on the steady clock. */
  since: moment,
  /** Bytes. */
  bytes: tallySchema,
});
export type Written = z.infer<typeof writtenSchema>;
