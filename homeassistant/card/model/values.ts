import type { EntityState, States } from '../homeassistant.ts';
import type { Thing } from './farm.ts';

/** States that say nothing. */
const NO_VALUE = new Set(['unavailable', 'unknown', '']);

/** The state object behind a key of a thing. */
export function stateOf(states: States, thing: Thing, key: string): EntityState | undefined {
  const id = thing.entities.get(key);
  return id === undefined ? undefined : states[id];
}

/** The value of a key; `null` where it has none, or isn't there. */
export function stateTextOf(states: States, thing: Thing, key: string): string | null {
  return valueIn(stateOf(states, thing, key));
}

export function valueIn(state: EntityState | undefined): string | null {
  return state === undefined || NO_VALUE.has(state.state) ? null : state.state;
}

/** A number; `null` where there is none. */
export function numberOf(states: States, thing: Thing, key: string): number | null {
  return numberIn(stateTextOf(states, thing, key));
}

export function numberIn(value: unknown): number | null {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' ? Number.parseFloat(value) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** A time in milliseconds since 1970; `null` where there is none. */
export function timeOf(states: States, thing: Thing, key: string): number | null {
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
