import * as z from 'zod';
import { count, numbers, texts } from './parts.ts';

/** An entry of `moves` as it stands. */
export const moveStateSchema = z.object({
  id: z.string(),
  /** As a command has set it, else as config.yaml says. */
  enabled: z.boolean(),
  /** What config.yaml said when it was last read: another value there counts again. */
  file_enabled: z.boolean(),
  /** Paused by itself. */
  paused: z.boolean(),
  /** Files that have arrived, and their bytes. */
  moved: count,
  moved_bytes: count,
  /** Tries that have failed since the last one arrived, and why the last of them did. */
  failures: count,
  last_error: z.string().nullable(),
  /** It is in config.yaml no more, and goes when its last file has arrived. */
  leaving: z.boolean(),
  /** Old plots that went for files that never came, by file system: bytes of each. */
  replot_credit: z.record(z.string(), numbers),
  /** Files of which a dry run of replotting has told that they would go. */
  replot_told: texts,
});
export type MoveState = z.infer<typeof moveStateSchema>;
