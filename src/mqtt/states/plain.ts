/** A value as it stands in an object that is published. */
export type PlainValue = string | number | boolean | null | readonly unknown[];

/** Whether a value can stand on a plain topic; of a list its length does. */
export function isPlain(value: unknown): value is PlainValue {
  return value === null || Array.isArray(value) || ['string', 'number', 'boolean'].includes(typeof value);
}

/** What Home Assistant shows as unknown, on every platform. */
export const NO_VALUE = 'None';

/** A value as it stands alone on a topic (contract, section 4); of a list its length. */
export function plain(value: PlainValue): string {
  if (value === null) return NO_VALUE;
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  if (typeof value === 'object') return String(value.length);
  // An empty payload would clear the retained topic.
  return value === '' ? NO_VALUE : String(value);
}
