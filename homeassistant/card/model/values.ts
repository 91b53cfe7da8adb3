import type { EntityState, States } from '../homeassistant.ts';
import type { Thing } from './farm.ts';

/** States that say nothing. */
const NO_VALUE = new Set(['unavailable', 'unknown', '']);

/** The entity of a thing that has this key; `undefined` where there is none, or it is disabled. */
export function entityOf<Key extends string>(thing: Thing<Key>, key: NoInfer<Key>): string | undefined {
  return thing.entities.get(key);
}

/** The state object behind a key of a thing. */
export function stateOf<Key extends string>(
  states: States,
  thing: Thing<Key>,
  key: NoInfer<Key>,
): EntityState | undefined {
  return states[entityOf(thing, key) ?? ''];
}

/** The value of a key; `null` where it has none, or isn't there. */
export function stateTextOf<Key extends string>(
  states: States,
  thing: Thing<Key>,
  key: NoInfer<Key>,
): string | null {
  return valueIn(stateOf(states, thing, key));
}

export function valueIn(state: EntityState | undefined): string | null {
  return state === undefined || NO_VALUE.has(state.state) ? null : state.state;
}

/** A number; `null` where there is none. */
export function numberOf<Key extends string>(
  states: States,
  thing: Thing<Key>,
  key: NoInfer<Key>,
): number | null {
  return numberIn(stateTextOf(states, thing, key));
}

export function numberIn(value: unknown): number | null {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' ? Number.parseFloat(value) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** A time in milliseconds since 1970; `null` where there is none. */
export function timeOf<Key extends string>(
  states: States,
  thing: Thing<Key>,
  key: NoInfer<Key>,
): number | null {
  return timeIn(stateTextOf(states, thing, key));
}

export function timeIn(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}

/** A text among attributes; `null` where there is none. */
export function textIn(
  attributes: Readonly<Record<string, unknown>> | undefined,
  key: string,
): string | null {
  const text = attributes?.[key];
  return typeof text === 'string' && text !== '' ? text : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
