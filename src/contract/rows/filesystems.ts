import { count, figure, listOf, nullable, objectOf, oneOf, text, time } from './carriers.ts';
import { DISK_STATES } from './host.ts';
import type { Rows } from './row.ts';

/** The room on a file system in steps that spare recorders: of 1 GiB or 0.1 % of it, renewed each 5 minutes at most. */
export const FILE_SYSTEM = {
  /** Its mount point. */
  path: text,
  free_bytes: nullable(count),
  total_bytes: nullable(count),
  /** Whole percent. */
  used_percent: nullable(figure),
  reserved_bytes: nullable(count),
  full_at: nullable(time),
  /** `read_only` where one of the directories on it is. */
  state: oneOf(DISK_STATES),
} as const;

/** `B/host/filesystems`. */
export const FILE_SYSTEM_ROWS = {
  filesystems: {
    is: listOf(objectOf(FILE_SYSTEM)),
    says: 'those of the directories of `B/host`, each once; room in steps of 1 GiB or 0.1 %, renewed each 5 minutes at most',
  },
} as const satisfies Rows;
