import { DEFAULT_STALE_S, type EnergySettings } from '../../config/schema/energy.ts';
import { addEnergy, type Energy, NO_ENERGY } from '../model/energy.ts';
import { newestOf, type State } from '../model/state.ts';

/** A value of power, in watts, and when it came, in milliseconds on the steady clock. */
export interface Power {
  watts: number;
  at: number;
}

/** Up to when power is shared out: on the steady clock, and how long the host had slept by then; milliseconds. */
export interface Counted {
  steady: number;
  slept: number;
}

/** What is known of power, and what was made of it. Lost in a crash: nothing is made up over a restart. */
export interface Metering {
  /** The latest value; `null`: power isn't known. */
  power: Power | null;
  /** The latest price that a topic has said, of a kilowatt hour; `null`: none has. */
  price: number | null;
  counted: Counted;
  /** Shared out to these workers and not written down yet. */
  unwritten: ReadonlyMap<string, Energy>;
  /** A timer will have it written down. */
  isTimed: boolean;
}

/** Of a daemon that has just come up. */
export const NOTHING_METERED: Metering = {
  power: null,
  price: null,
  counted: { steady: 0, slept: 0 },
  unwritten: new Map(),
  isTimed: false,
};

const MS_PER_KWH = 3_600_000 * 1_000;

/**
 * Kilowatt hours above idle between two moments, while the last value holds; `null`: it doesn't any more. The host's
 * sleep is no time in which it drew that.
 */
export function kwhBetween(
  power: Power,
  from: Counted,
  to: Counted,
  settings: EnergySettings,
): number | null {
  const { idle_watts = 0 } = settings;
  const until = Math.min(to.steady, holdsUntil(power, settings));
  const awake = to.steady - from.steady - (to.slept - from.slept);
  const ms = Math.min(until - from.steady, awake);
  return ms <= 0 ? null : (Math.max(0, power.watts - idle_watts) * ms) / MS_PER_KWH;
}

/** Until when a value holds where no other comes, on the steady clock. */
export function holdsUntil({ at }: Power, { stale = DEFAULT_STALE_S }: EnergySettings): number {
  return at + stale * 1000;
}

/** The workers among which power is shared: of each run whose plotter runs and isn't suspended the newest. */
export function sharingWorkers(state: State): string[] {
  const workers: string[] = [];
  for (const { id, process, suspended } of state.runs.values()) {
    if (process?.kind !== 'plotter' || suspended) continue;
    const newest = newestOf(state, id);
    if (newest) workers.push(newest.id);
  }
  return workers;
}

/** Shares evenly, on top of what each has; `price` of a kilowatt hour, `null`: not known. */
export function sharedOut(
  before: ReadonlyMap<string, Energy>,
  kwh: number,
  price: number | null,
  workers: readonly string[],
): ReadonlyMap<string, Energy> {
  const energy_kwh = kwh / workers.length;
  const share = { energy_kwh, cost: price === null ? null : energy_kwh * price };
  const after = new Map(before);
  for (const id of workers) after.set(id, addEnergy(after.get(id) ?? NO_ENERGY, share));
  return after;
}
