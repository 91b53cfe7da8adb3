import { isObject } from '../../util/objects.ts';

/** What a message says: a number, or why there is none. */
export type Reading = { value: number } | { problem: string };

/** Larger messages are not looked into. */
const MAX_BYTES = 64 * 1024;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** What no meter and no tariff says. */
const MOST = 1e9;

/** Reads a number out of a message: the message itself, or, in JSON, what stands under a key with dots. */
export function readNumber(payload: Buffer, key: string | undefined): Reading {
  if (payload.length > MAX_BYTES) return { problem: 'the message is too large' };
  const text = payload.toString().trim();
  const found = key === undefined ? text : inside(parsed(text), key);
  if (found === undefined) return { problem: `there is nothing under '${key}'` };
  const value = typeof found === 'string' && NUMBER.test(found.trim()) ? Number(found) : found;
  if (typeof value !== 'number') return { problem: noNumber(text, key) };
  return Math.abs(value) <= MOST ? { value } : { problem: 'the number is too large' };
}

function noNumber(text: string, key: string | undefined): string {
  if (key !== undefined) return `what stands under '${key}' is no number`;
  return text.startsWith('{') ? 'it is JSON: a key is wanted that says where in it' : 'it is no number';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Also a key that has dots itself is found, where nothing stands inside. */
function inside(value: unknown, key: string): unknown {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  const own = ownOf(value, key);
  if (own !== undefined) return own;
  const dot = key.indexOf('.');
  return dot < 0 ? undefined : inside(ownOf(value, key.slice(0, dot)), key.slice(dot + 1));
}

function ownOf(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
