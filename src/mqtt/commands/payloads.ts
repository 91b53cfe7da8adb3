import { createHash } from 'node:crypto';
import { DEFAULT, MAX_WORKERS_LIMIT, PLOTS_TO_DO_LIMIT } from '../../contract/commands.ts';
import type { CommandError, CommandErrorCode } from '../../contract/error-codes.ts';
import { EVENTS_LIMIT } from '../../contract/event-query.ts';
import { HISTORY_LIMIT } from '../../contract/history.ts';
import { isObject } from '../../util/objects.ts';

/** Bounds on a command's payload: bytes, and levels of objects and lists. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
export const MAX_DEPTH = 32;

/** A command that is refused for its form. */
export class CommandRefusal extends Error {
  readonly refusal: CommandError;

  constructor(code: CommandErrorCode, message: string, path: string | null = null) {
    super(message);
    this.refusal = { code, message, path };
  }
}

export type Fields = Record<string, unknown>;

/** What came in: an object, or what was typed by hand. */
export type Payload =
  | { kind: 'object'; fields: Fields; transaction: unknown }
  /** `problem`: why it can't be read; commands that have no value do without (contract, section 5). */
  | { kind: 'text'; text: string; problem: CommandRefusal | null };

const invalid = (message: string, path: string | null = null) =>
  new CommandRefusal('invalid_payload', message, path);

/**
 * Reads a payload; `transaction` is taken out of an object (`undefined` where it has none).
 *
 * @throws {CommandRefusal} `invalid_payload`: too large, an object that is too deep
 */
export function readPayload(bytes: Buffer): Payload {
  if (bytes.length > MAX_PAYLOAD_BYTES)
    throw invalid(`the payload is larger than ${MAX_PAYLOAD_BYTES / 1024} KiB`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return { kind: 'text', text: '', problem: invalid('the payload is not valid UTF-8') };
  }
  if (!text.startsWith('{')) return { kind: 'text', text, problem: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'text', text, problem: invalid('the payload is not valid JSON') };
  }
  checkShape(value, 1);
  if (!isObject(value)) throw invalid('the payload is not an object');
  const { transaction, ...fields } = value;
  return { kind: 'object', fields, transaction };
}

/** Refuses what is too deep, and the one key that could change what an object is when it is copied. */
function checkShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw invalid(`the payload is nested deeper than ${MAX_DEPTH} levels`);
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') throw invalid('no field can be called "__proto__"', key);
    checkShape(inner, depth + 1);
  }
}

/** Reads a value; `path` names it in the error. */
export type ReadValue<Value> = (value: unknown, path: string | null) => Value;

const BOOLEANS: Record<string, boolean> = {
  on: true,
  true: true,
  '1': true,
  off: false,
  false: false,
  '0': false,
};

/** ON or OFF, true or false, 1 or 0, in any case. */
export const readBoolean: ReadValue<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  const word =
    typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  const boolean = Object.hasOwn(BOOLEANS, word) ? BOOLEANS[word] : undefined;
  if (boolean === undefined) throw invalid('ON or OFF is wanted', path);
  return boolean;
};

/** A value, or the word `default`, in any case: what that stands for is `standing`'s. */
export function orDefault<Value, Standing>(
  read: ReadValue<Value>,
  standing: Standing,
): ReadValue<Value | Standing> {
  return (value, path) =>
    typeof value === 'string' && value.trim().toLowerCase() === DEFAULT ? standing : read(value, path);
}

/** A whole number from `min` to `max`, as a number or as text. */
export function readWhole(min: number, max: number): ReadValue<number> {
  const wanted = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
  return (value, path) => {
    const typed = typeof value === 'string' && /^[+-]?\d{1,15}(\.0*)?$/.test(value.trim());
    const number = typed ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number))
      throw invalid(`a whole number ${wanted} is wanted`, path);
    if (number < min || number > max) throw invalid(`${number} is no whole number ${wanted}`, path);
    return number === 0 ? 0 : number;
  };
}

export const readMaxWorkers = readWhole(0, MAX_WORKERS_LIMIT);
export const readPlotsToDo = readWhole(0, PLOTS_TO_DO_LIMIT);
export const readHistoryLimit = readWhole(1, HISTORY_LIMIT);
export const readEventsLimit = readWhole(1, EVENTS_LIMIT);
const readFromOne = readWhole(1, Number.MAX_SAFE_INTEGER);
/** How many workers to start; what is more than a job may have at once is cut, as limits cut it. */
export const readHowMany: ReadValue<number> = (value, path) =>
  Math.min(readFromOne(value, path), MAX_WORKERS_LIMIT);

/** ISO 8601: a day, or a time of one; without a zone it is in UTC. */
const TIME = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** A time; milliseconds since 1970. */
export const readTime: ReadValue<number> = (value, path) => {
  const [, day, time = '00:00', zone = 'Z'] =
    typeof value === 'string' ? (TIME.exec(value.trim()) ?? []) : [];
  const at = Date.parse(`${day}T${time}${zone}`);
  if (Number.isNaN(at)) throw invalid('a time such as 2026-11-26T20:00:00Z is wanted', path);
  return at;
};

/**
 * What was typed by hand.
 *
 * @throws {CommandRefusal} `invalid_payload`
 */
export function textOf({ text, problem }: Extract<Payload, { kind: 'text' }>): string {
  if (problem) throw problem;
  return text;
}

/**
 * The one value of a payload: the text itself, or an object's `value`; `undefined` where there is none, or JSON's `null`.
 */
export function valueIn(payload: Payload): { value: unknown; path: string | null } {
  if (payload.kind === 'text') {
    const text = textOf(payload);
    return { value: text === '' || text === 'null' ? undefined : text, path: null };
  }
  for (const key of Object.keys(payload.fields))
    if (key !== 'value') throw invalid(`unknown field "${key}": "value" and "transaction" are wanted`, key);
  return { value: payload.fields.value ?? undefined, path: 'value' };
}

/** A longer one is known by its hash: what is remembered is bounded. */
const MAX_TRANSACTION = 100;

/** By what a payload's transaction, whatever it is, is told from others: short text. */
export function transactionIn(payload: Payload): { transaction?: string } {
  const transaction = payload.kind === 'object' ? (payload.transaction ?? null) : null;
  if (transaction === null) return {};
  const text = JSON.stringify(transaction);
  const isShort = text.length <= MAX_TRANSACTION;
  return { transaction: isShort ? text : createHash('sha256').update(text).digest('base64url') };
}

/**
 * The fields of a payload that must be an object.
 *
 * @throws {CommandRefusal} `invalid_payload`
 */
export function fieldsOf(payload: Payload): Fields {
  if (payload.kind === 'object') return payload.fields;
  throw payload.problem ?? invalid('a JSON object is wanted');
}
