import { COMMAND_ERROR_CODES } from '../../contract/error-codes.ts';
import { BLOCKED_REASONS, EVENT_TYPES, UNBLOCKED_REASONS } from '../../contract/events.ts';
import { WAITING_FOR } from '../../contract/gates.ts';
import { JOB_STATES, WORKER_STATUSES } from '../../contract/views.ts';

/** States, types and codes that messages carry, and what JSON itself has: no secret may be one of them. */
export const FIXED_WORDS: ReadonlySet<string> = new Set([
  ...EVENT_TYPES,
  ...JOB_STATES,
  ...WORKER_STATUSES,
  ...BLOCKED_REASONS,
  ...UNBLOCKED_REASONS,
  ...COMMAND_ERROR_CODES,
  ...['online', 'offline', 'dismissed', 'true', 'false', 'null', 'None'],
  ...WAITING_FOR,
]);
