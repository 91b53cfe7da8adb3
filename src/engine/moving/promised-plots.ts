import type { ReplotRule } from '../../config/schema/replot.ts';
import { replotKey } from '../effects.ts';
import type { StartFacts } from '../inputs.ts';
import type { Memory } from '../memory.ts';
import type { JobState } from '../model/job-state.ts';
import { destinationOf } from '../model/placement.ts';
import type { State } from '../model/state.ts';
import type { Placed } from '../model/worker-state.ts';
import { chooseOldPlots, creditsTaken, wantedFor } from './choose-old-plots.ts';
import { roomInFlight, stillToTake } from './missing-room.ts';
import { bytesToCome } from './traffic.ts';

/** One who needs room, and whose old plots may make it. */
interface Demand {
  job: JobState | undefined;
  rule: ReplotRule;
  directory: string;
  /** Bytes. */
  need: number;
}

/** Starts of a job that need room on the file system of the destination that the last of them gets. */
export interface WantedStarts {
  job: JobState;
  rule: ReplotRule | null;
  /** What tells that file system from others. */
  device: string;
  free_bytes: number;
  /** What each of them claims, in their order. */
  starts: readonly (readonly Placed[])[];
}

export interface Promised {
  /** Bytes that replotting gives back there, for workers in flight and for these starts. */
  bytes: number;
  /** The old plots that go for the last of these starts. */
  plots: { file: string; size: number }[];
}

/**
 * What old plots that are still there will give back. Each is promised to one worker: first to those in flight, in
 * their order, each by its own rule, then to the starts.
 */
export function promisedPlots(
  { state, memory }: { state: State; memory: Pick<Memory, 'copied'> },
  facts: StartFacts,
  wanted: WantedStarts,
): Promised {
  const { device, free_bytes, job, rule, starts } = wanted;
  const { reserved, going, chosen, seekers } = roomInFlight(state, device, {
    used: facts.used,
    toCome: (transfer) => bytesToCome({ memory }, transfer),
  });
  const account = new Account(state, facts, { chosen, free: free_bytes + going - reserved });
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
  let plots: Promised['plots'] = [];
  for (const claims of starts) {
    const here = claims.filter(({ filesystem }) => filesystem === device);
    const need = here.reduce((total, claim) => total + claim.bytes, 0);
    const directory = here.find(({ role }) => role === 'destination')?.path;
    // What only its temporary directories take there, no old plot goes for.
    plots =
      rule === null || directory === undefined
        ? account.take(need)
        : account.promise({ job, rule, directory, need });
    bytes += sum(plots);
  }
  return { bytes, plots };
}

function sum(plots: readonly { size: number }[]): number {
  return plots.reduce((bytes, { size }) => bytes + size, 0);
}

/** What is free, which old plots are promised, and which credits are taken, while demands are met one by one. */
class Account {
  readonly #state: State;
  readonly #facts: StartFacts;
  readonly #promised: Set<string>;
  /** Sizes of plots that were removed for ones that never came, by job; those of jobs that are gone under null. */
  readonly #credits = new Map<string | null, readonly number[]>();
  #free: number;

  constructor(
    state: State,
    facts: StartFacts,
    { chosen, free }: { chosen: ReadonlySet<string>; free: number },
  ) {
    this.#state = state;
    this.#facts = facts;
    this.#promised = new Set(chosen);
    this.#free = free;
  }

  /** Room that is taken without old plots that go for it. */
  take(bytes: number): [] {
    this.#free -= bytes;
    return [];
  }

  /** The old plots that go for a demand. */
  promise({ job, rule, directory, need }: Demand): { file: string; size: number }[] {
    const look = this.#facts.old_plots.get(replotKey({ directory, rule }));
    const own = this.#creditOf(job?.id ?? null, look?.filesystem);
    const left = this.#creditOf(null, look?.filesystem);
    const sizes = [...own, ...left];
    const checks = job?.definition.check_space === true && need > 0;
    const missing = checks ? Math.max(0, need - this.#free) : null;
    const plots = (look?.plots ?? []).filter(({ file }) => !this.#promised.has(file));
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
