import { isObject } from '../../util/objects.ts';

/** Whether a value that was read from disk is what it should be. */
export type Check = (value: unknown) => boolean;
/** One for each key of an object. */
export type Checks<Value extends object> = Readonly<Record<keyof Value & string, Check>>;

// Written by hand: thousands of jobs are looked at between the start and `online`, and nobody is told what is wrong
// in more detail than which key it is.

export const text: Check = (value) => typeof value === 'string';
export const flag: Check = (value) => typeof value === 'boolean';
export const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
export const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
export const whole: Check = (value) => Number.isSafeInteger(value);
export const texts: Check = (value) => Array.isArray(value) && value.every(text);
export const numbers: Check = (value) => Array.isArray(value) && value.every(number);

export function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

export function orMissing(check: Check): Check {
  return (value) => value === undefined || check(value);
}

export function oneOf(values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

export function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

/** An object in which each value is so. */
export function recordOf(check: Check): Check {
  return (value) => isObject(value) && Object.values(value).every(check);
}

/** An object that has these keys so; it may have others. */
export function shape(checks: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(checks);
  return (value) => isObject(value) && entries.every(([key, check]) => check(value[key]));
}

/** The keys of an object that are missing or not as they should be. */
export function wrongKeys(value: Record<string, unknown>, checks: Readonly<Record<string, Check>>): string[] {
  const wrong: string[] = [];
  for (const key in checks) if (!checks[key]?.(value[key])) wrong.push(key);
  return wrong;
}

/** Whether each key that a patch has is as it should be; keys that nobody knows are left to others. */
export function isPatch(value: unknown, checks: Readonly<Record<string, Check>>): boolean {
  if (!isObject(value)) return false;
  for (const key in value) if (checks[key]?.(value[key]) === false) return false;
  return true;
}
