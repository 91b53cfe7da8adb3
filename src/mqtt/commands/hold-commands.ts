import type { Command } from '../../contract/commands.ts';
import {
  HOLD_KINDS,
  type HoldKind,
  type HoldWanted,
  LONGEST_HOLD_S,
  LONGEST_REASON,
} from '../../contract/holds.ts';
import { durationSchema } from '../../contract/names.ts';
import { CommandRefusal, type Payload, type ReadValue, readBoolean, textOf } from './payloads.ts';

const invalid = (message: string, path: string | null) =>
  new CommandRefusal('invalid_payload', message, path);

const readKind: ReadValue<HoldKind> = (value, path) => {
  const kind = HOLD_KINDS.find((each) => each === value);
  if (kind === undefined) throw invalid(`${HOLD_KINDS.join(' or ')} is wanted`, path);
  return kind;
};

const readReason: ReadValue<string> = (value, path) => {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.length > LONGEST_REASON)
    throw invalid(`a text of at most ${LONGEST_REASON} characters is wanted`, path);
  return text;
};

/** A duration, in seconds; a number of seconds may be typed by hand too. */
const readDuration: ReadValue<number> = (value, path) => {
  const typed = typeof value === 'string' ? value.trim() : value;
  const isNumber = typeof typed === 'string' && /^\d{1,15}(\.\d+)?$/.test(typed);
  const parsed = durationSchema.safeParse(isNumber ? Number(typed) : typed);
  if (!parsed.success || parsed.data <= 0 || parsed.data > LONGEST_HOLD_S)
    throw invalid('a duration such as 30s, 5m, 2h or 1d is wanted, of at most ten years', path);
  return parsed.data;
};

/** How each key of a hold is read: that of the payload, and that of what is wanted. */
const KEYS: Readonly<Record<string, (value: unknown, path: string) => HoldWanted>> = {
  kind: (value, path) => ({ kind: readKind(value, path) }),
  moves: (value, path) => ({ moves: readBoolean(value, path) }),
  reason: (value, path) => ({ reason: readReason(value, path) }),
  for: (value, path) => ({ for_s: readDuration(value, path) }),
};

/**
 * Sets or releases a hold of a job, or (`null`) of the farm: a boolean, alone or under `value` with what else is said of
 * the hold (contract, section 9). A `null` is what is left out.
 *
 * @throws {CommandRefusal} `invalid_payload`
 */
export function holdCommand(job: string | null, name: string, payload: Payload): Command {
  if (payload.kind === 'text')
    return readBoolean(textOf(payload), null)
      ? { type: 'set_hold', job, name, wanted: {} }
      : { type: 'release_hold', job, name };
  const { value, ...rest } = payload.fields;
  const on = readBoolean(value, 'value');
  const wanted: HoldWanted = {};
  for (const [key, given] of Object.entries(rest)) {
    const read = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (!read) throw invalid(`unknown field "${key}": value, ${Object.keys(KEYS).join(', ')}`, key);
    if (given !== null) Object.assign(wanted, read(given, key));
  }
  return on ? { type: 'set_hold', job, name, wanted } : { type: 'release_hold', job, name };
}
