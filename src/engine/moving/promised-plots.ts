import type { ReplotRule } from '../../config/schema/replot.ts';
import { replotKey } from '../effects.ts';
import type { StartFacts } from '../inputs.ts';
import type { JobState } from '../model/job-state.ts';
import { destinationOf } from '../model/placement.ts';
import type { State } from '../model/state.ts';
import { chooseOldPlots, creditsTaken, wantedFor } from './choose-old-plots.ts';
import { roomInFlight, stillToTake } from './missing-room.ts';

/** One who needs room, and whose old plots may make it. */
interface Demand {
  job: JobState | undefined;
  rule: ReplotRule;
  directory: string;
  /** Bytes. */
  need: number;
}

/** Starts of a job that need room on the file system of its destination. */
export interface WantedStarts {
  job: JobState;
  rule: ReplotRule | null;
  /** The destination, and what tells its file system from others. */
  directory: string;
  device: string;
  free_bytes: number;
  /** Bytes that one start takes there, and how many there are to be. */
  need: number;
  count: number;
}

export interface Promised {
  /** Bytes that replotting gives back there, for workers in flight and for these starts. */
  bytes: number;
  /** The old plots that go for these starts. */
  plots: { file: string; size: number }[];
}

/**
 * What old plots that are still there will give back. Each is promised to one worker: first to those in flight, in
 * their order, each by its own rule, then to the starts.
 */
export function promisedPlots(state: State, facts: StartFacts, starts: WantedStarts): Promised {
  const { device, free_bytes, job, rule, directory, need, count } = starts;
  const { reserved, going, chosen, seekers } = roomInFlight(state, device, facts.used);
  const account = new Account(state, facts, { device, chosen, free: free_bytes + going - reserved });
  let bytes = going;
  for (const worker of seekers) {
    const { replot_rule } = worker;
    if (replot_rule === null) continue;
    const demand = {
      job: state.jobs.get(worker.job),
      rule: replot_rule,
      directory: destinationOf(worker) ?? '',
      need: stillToTake(state, worker, device, facts.used),
    };
    bytes += sum(account.promise(demand));
  }
  const plots: Promised['plots'] = [];
  if (rule !== null)
    for (let start = 0; start < count; start += 1)
      plots.push(...account.promise({ job, rule, directory, need }));
  return { bytes: bytes + sum(plots), plots };
}

function sum(plots: readonly { size: number }[]): number {
  return plots.reduce((bytes, { size }) => bytes + size, 0);
}

/** What is free, which old plots are promised, and which credits are taken, while demands are met one by one. */
class Account {
  readonly #state: State;
  readonly #facts: StartFacts;
  readonly #device: string;
  readonly #promised: Set<string>;
  /** Sizes of plots that were removed for ones that never came, by job; those of jobs that are gone under null. */
  readonly #credits = new Map<string | null, readonly number[]>();
  #free: number;

  constructor(
    state: State,
    facts: StartFacts,
    { device, chosen, free }: { device: string; chosen: ReadonlySet<string>; free: number },
  ) {
    this.#state = state;
    this.#facts = facts;
    this.#device = device;
    this.#promised = new Set(chosen);
    this.#free = free;
  }

  promise({ job, rule, directory, need }: Demand): { file: string; size: number }[] {
    const look = this.#facts.old_plots.get(replotKey({ directory, rule }));
    const own = this.#creditOf(job?.id ?? null, look?.filesystem);
    const left = this.#creditOf(null, look?.filesystem);
    const sizes = [...own, ...left];
    const checks = job?.definition.check_space === true && need > 0;
    const missing = checks ? Math.max(0, need - this.#free) : null;
    const known = look?.device === this.#device ? look.plots : [];
    const plots = known.filter(({ file }) => !this.#promised.has(file));
    const chosen = chooseOldPlots(plots, wantedFor(rule, sizes.length, missing));
    const taken = creditsTaken(rule, sizes, need, chosen.length);
    this.#credits.set(job?.id ?? null, own.slice(taken));
    this.#credits.set(null, left.slice(Math.max(0, taken - own.length)));
    for (const { file } of chosen) this.#promised.add(file);
    this.#free += sum(chosen) - need;
    return chosen;
  }

  #creditOf(job: string | null, filesystem: string | undefined): readonly number[] {
    if (filesystem === undefined) return [];
    const known = this.#credits.get(job);
    if (known) return known;
    const { jobs, left_credit } = this.#state;
    return (job === null ? left_credit : jobs.get(job)?.replot_credit)?.[filesystem] ?? [];
  }
}
