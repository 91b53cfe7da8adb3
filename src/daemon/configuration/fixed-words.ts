import { COMMAND_ERROR_CODES } from '../../contract/error-codes.ts';
import { everyKey } from '../../contract/published.ts';
import { EVENT_TYPES } from '../../contract/rows/events.ts';

/** Of these words somebody's password may be one, such as "mqtt": they give nothing away. */
const ORDINARY: ReadonlySet<string> = new Set(['source', 'role', 'by']);

/** States, types and codes that messages carry, and what JSON itself has: no secret may be one of them. */
export const FIXED_WORDS: ReadonlySet<string> = new Set([
  ...EVENT_TYPES,
  ...everyKey().flatMap(([key, { words = [] }]) => (ORDINARY.has(key) ? [] : words)),
  ...COMMAND_ERROR_CODES,
  ...['dismissed', 'true', 'false', 'null', 'None'],
]);
