import * as z from 'zod';

/** Kilowatt hours above idle, and what they cost; `null`: none were measured, or nobody knew a price. */
export const energyKeys = {
  energy_kwh: z.number().nonnegative().nullable(),
  cost: z.number().nonnegative().nullable(),
};
export const energySchema = z.object(energyKeys);
export type Energy = z.infer<typeof energySchema>;

export const NO_ENERGY: Energy = { energy_kwh: null, cost: null };

/** Of a job none of whose plots were measured. */
export const NO_PLOT_METERED = {
  ...{ last_plot_kwh: null, last_plot_cost: null },
  ...{ metered_plots: 0, metered_kwh: 0, priced_plots: 0, priced_cost: 0 },
} as const;

/** The sum of two; what isn't known adds nothing. */
export function addEnergy(one: Energy, other: Energy): Energy {
  return { energy_kwh: sum(one.energy_kwh, other.energy_kwh), cost: sum(one.cost, other.cost) };
}

function sum(one: number | null, other: number | null): number | null {
  return one === null ? other : one + (other ?? 0);
}

/** As it is shown and written into the history: to a thousandth of a watt hour, and of a hundredth. */
export function shownEnergy({ energy_kwh, cost }: Energy): Energy {
  return { energy_kwh: rounded(energy_kwh), cost: rounded(cost) };
}

export function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

/** The greater of each: sums never fall. */
export function greaterEnergy(one: Energy, other: Energy): Energy {
  return {
    energy_kwh: greater(one.energy_kwh, other.energy_kwh),
    cost: greater(one.cost, other.cost),
  };
}

function greater(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
