import * as z from 'zod';
import { EVENT_TYPES, type Envelope } from '../../contract/events.ts';
import { count } from './parts.ts';

/**
 * An event as it is kept until a broker has it: its envelope, and beside that whatever its release said, which is sent
 * as it was written.
 */
export type KeptEvent = Envelope;

export const keptEventSchema: z.ZodType<KeptEvent> = z.looseObject({
  id: z.string(),
  seq: count,
  at: z.string(),
  type: z.enum(EVENT_TYPES),
  event_type: z.enum(EVENT_TYPES),
  job: z.string().nullable(),
  slot: count.nullable(),
  worker: z.string().nullable(),
});
