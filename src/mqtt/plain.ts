/** A value as it stands in an object that is published. */
export type PlainValue = string | number | boolean | null;

/** What Home Assistant shows as unknown, on every platform. */
export const NO_VALUE = 'None';

/** A value as it stands alone on a topic (contract, section 4). */
export function plain(value: PlainValue): string {
  if (value === null) return NO_VALUE;
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  // An empty payload would clear the retained topic.
  return value === '' ? NO_VALUE : String(value);
}
