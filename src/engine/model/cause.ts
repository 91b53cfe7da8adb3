import * as z from 'zod';
import { CAUSE_KINDS, type Cause } from '../../contract/causes.ts';
import { count } from './parts.ts';

/** Why something was started, as it is kept; what version 1 started has none. */
export const causeSchema: z.ZodType<Cause> = z.object({
  kind: z.enum(CAUSE_KINDS),
  event: z.string().nullable(),
  seq: count.nullable(),
});
