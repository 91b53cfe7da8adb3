import type { Envelope, EventType } from '../../contract/events.ts';
import { EVENT_TYPES } from '../../contract/rows/events.ts';
import { isObject } from '../../util/objects.ts';

/**
 * An event as it is kept until a broker has it: its envelope, and beside that whatever its release said, which is sent
 * as it was written.
 */
export type KeptEvent = Envelope;

const TYPES: ReadonlyMap<unknown, EventType> = new Map(EVENT_TYPES.map((type) => [type, type]));

const isTextOrNull = (value: unknown) => value === null || typeof value === 'string';
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

/** An event as it is read from a file; `null` where it is none. By hand: most of a journal are events. */
export function parseEvent(value: unknown): KeptEvent | null {
  if (!isObject(value)) return null;
  const { id, seq, at, job, slot, worker } = value;
  const [type, event_type] = [TYPES.get(value.type), TYPES.get(value.event_type)];
  if (type === undefined || event_type === undefined) return null;
  if (typeof id !== 'string' || typeof at !== 'string') return null;
  if (typeof seq !== 'number' || !isCount(seq)) return null;
  if (!isTextOrNull(job) || !isTextOrNull(worker)) return null;
  if (slot !== null && (typeof slot !== 'number' || !isCount(slot))) return null;
  // The same object, of which the compiler knows more now: a copy of each would take as long as to read it.
  return Object.assign(value, { id, seq, at, type, event_type, job, slot, worker });
}
