import * as z from 'zod';
import { HOLD_KINDS } from '../../contract/holds.ts';
import { moment, texts } from './parts.ts';

export const holdSchema = z.object({
  kind: z.enum(HOLD_KINDS),
  reason: z.string().nullable(),
  /** By the host's clock, milliseconds since 1970. */
  since: moment,
  /** When it goes by itself, by the host's clock when it was set; `null`: never. */
  until: moment.nullable(),
  /** The same on the steady clock. */
  until_steady: moment.nullable(),
  /** Whether it holds moves too. */
  moves: z.boolean(),
  /** Patterns of the jobs that it holds; `null`: all of its owner. */
  jobs: texts.nullable(),
  /** `time`: its rule in config.yaml has set it. */
  set_by: z.enum(['command', 'time']),
  /** config.yaml has an entry for it. */
  declared: z.boolean(),
});
export type Hold = z.infer<typeof holdSchema>;

/** Holds that stand, by name. */
export const holdsSchema = z.record(z.string(), holdSchema);
export type Holds = Readonly<z.infer<typeof holdsSchema>>;

/** A job's own `paused`, among its holds: no name that a user may give begins so. */
export const OWN_PAUSE = '@pause';
