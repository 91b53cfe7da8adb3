import type { EnergySettings } from '../../config/schema/energy.ts';
import type { Change } from '../model/changes.ts';
import { addEnergy, type Energy, NO_ENERGY } from '../model/energy.ts';
import type { JobState } from '../model/job-state.ts';
import type { Transaction } from '../transaction.ts';
import { holdsUntil, kwhBetween, type Metering, sharedOut, sharingWorkers } from './metering.ts';

/** What was shared out is written down so long after, at the latest (contract, section 4). */
const WRITTEN_WITHIN_MS = 60_000;

/** Whether power is shared among others from a change on: up to it, it goes to those who shared before. */
export function movesShares(change: Change): boolean {
  switch (change[0]) {
    case 'run':
    case 'worker':
      return true;
    case 'run_keys':
      return change[2].process !== undefined || change[2].suspended !== undefined;
    default:
      return false;
  }
}

/** Shares out the power since it was counted last, up to now. */
export function countPower(transaction: Transaction): void {
  const { settings, state, steady } = transaction;
  const { power, price, counted, unwritten } = transaction.memory.metering;
  if (!settings.energy || power === null || steady <= counted.steady) return;
  const now = momentOf(transaction);
  // What the host draws since it woke up nobody has said yet.
  meter(transaction, { counted: now, power: now.slept > counted.slept ? null : power });
  const kwh = kwhBetween(power, counted, now, settings.energy);
  const workers = sharingWorkers(state);
  if (kwh === null || workers.length === 0) return;
  const each = price ?? settings.energy.price ?? null;
  meter(transaction, { unwritten: sharedOut(unwritten, kwh, each, workers) });
}

/** Has power counted and written down in a minute, as long as there is any to share, whatever else happens. */
export function keepCounting(transaction: Transaction): void {
  const { settings, state, steady, now } = transaction;
  const { power, isTimed, unwritten } = transaction.memory.metering;
  if (isTimed || !settings.energy) return;
  const holds = power !== null && steady < holdsUntil(power, settings.energy);
  if (unwritten.size === 0 && !(holds && sharingWorkers(state).length > 0)) return;
  meter(transaction, { isTimed: true });
  transaction.ask({ type: 'wake', timer: { kind: 'energy' }, at: now + WRITTEN_WITHIN_MS });
}

/** A minute is over. */
export function energyDue(transaction: Transaction): void {
  meter(transaction, { isTimed: false });
  writeEnergy(transaction);
}

/** The host draws so many watts now. */
export function powerCame(transaction: Transaction, watts: number): void {
  countPower(transaction);
  const counted = momentOf(transaction);
  meter(transaction, { power: { watts, at: counted.steady }, counted });
}

/** A kilowatt hour costs so much from now on. */
export function priceCame(transaction: Transaction, price: number): void {
  countPower(transaction);
  meter(transaction, { price });
}

/** Writes down what was shared out: to all, or to one worker. */
export function writeEnergy(transaction: Transaction, worker?: string): void {
  countPower(transaction);
  const { state, memory } = transaction;
  const { unwritten } = memory.metering;
  const written = [...unwritten].filter(([id]) => worker === undefined || id === worker);
  if (written.length === 0) return;
  let sum = NO_ENERGY;
  for (const [id, energy] of written) {
    const present = state.workers.get(id);
    if (present) transaction.patchWorker(present, addEnergy(present, energy));
    sum = addEnergy(sum, energy);
  }
  const rest = new Map(unwritten);
  for (const [id] of written) rest.delete(id);
  meter(transaction, { unwritten: rest });
  transaction.change(['meta', { energy: addEnergy(state.energy, sum) }]);
}

/** What a plot that is counted comes to on its job. */
export function plotMetered(job: JobState, { energy_kwh, cost }: Energy): Partial<JobState> {
  const count = (value: number | null) => (value === null ? 0 : 1);
  return {
    last_plot_kwh: energy_kwh,
    last_plot_cost: cost,
    metered_plots: job.metered_plots + count(energy_kwh),
    metered_kwh: job.metered_kwh + (energy_kwh ?? 0),
    priced_plots: job.priced_plots + count(cost),
    priced_cost: job.priced_cost + (cost ?? 0),
  };
}

/** config.yaml was read: what came from other topics, or stood elsewhere in them, says nothing any more. */
export function configureEnergy(transaction: Transaction, before: EnergySettings | undefined): void {
  const { energy } = transaction.settings;
  if (before?.power_topic !== energy?.power_topic || before?.power_key !== energy?.power_key)
    meter(transaction, { power: null });
  if (before?.price_topic !== energy?.price_topic || before?.price_key !== energy?.price_key)
    meter(transaction, { price: null });
  if (energy) beginSums(transaction, energy);
}

/** Sums begin at nothing, so that who draws them knows where they began. */
function beginSums(transaction: Transaction, { price, price_topic }: EnergySettings): void {
  const { energy } = transaction.state;
  const priced = price !== undefined || price_topic !== undefined;
  const begun = { energy_kwh: energy.energy_kwh ?? 0, cost: energy.cost ?? (priced ? 0 : null) };
  if (begun.energy_kwh === energy.energy_kwh && begun.cost === energy.cost) return;
  transaction.change(['meta', { energy: begun }]);
}

function momentOf({ steady, surroundings }: Transaction): Metering['counted'] {
  return { steady, slept: surroundings.slept() };
}

function meter({ memory }: Transaction, patch: Partial<Metering>): void {
  memory.metering = { ...memory.metering, ...patch };
}
