import { isObject } from '../../util/objects.ts';
import { applyChange, type Change, keepEvent } from './changes.ts';
import { greaterEnergy } from './energy.ts';
import type { JobState } from './job-state.ts';
import { parseEvent } from './kept-event.ts';
import type { Meta } from './meta.ts';
import { parseChange } from './parse-change.ts';
import type { RunState } from './run-state.ts';
import type { State } from './state.ts';
import type { WorkerState } from './worker-state.ts';

/** Patches of what isn't there: the record that made it is lost, and this is what later ones say of it. */
export interface Orphans {
  jobs: Map<string, Partial<JobState>>;
  runs: Map<string, Partial<RunState>>;
  workers: Map<string, Partial<WorkerState>>;
}

/** The entries of a journal, applied one after the other. None of them is believed to be one before it is looked at. */
export class Replay {
  readonly state: State;
  readonly orphans: Orphans = { jobs: new Map(), runs: new Map(), workers: new Map() };
  /** Changes and events that were none. */
  skipped = 0;
  /** When the newest event was told, milliseconds since 1970. */
  newest = 0;

  constructor(state: State) {
    this.state = state;
  }

  take(entry: unknown): void {
    if (!isObject(entry) || !Array.isArray(entry.c) || !Array.isArray(entry.e)) {
      this.skipped += 1;
      return;
    }
    for (const change of entry.c) this.#change(change);
    for (const event of entry.e) this.#event(event);
  }

  #event(value: unknown): void {
    const event = parseEvent(value);
    if (event === null) {
      this.skipped += 1;
      return;
    }
    this.newest = Math.max(this.newest, Date.parse(event.at) || 0);
    if (event.seq > this.state.seq) keepEvent(this.state, event);
  }

  #change(value: unknown): void {
    const change = parseChange(value);
    if (change === null) this.skipped += 1;
    else if (!this.#isOrphan(change))
      applyChange(this.state, change[0] === 'meta' ? ['meta', notBelow(this.state, change[1])] : change);
  }

  /** Whether these are keys of something that isn't there; they are kept then. */
  #isOrphan(change: Change): boolean {
    const { state, orphans } = this;
    switch (change[0]) {
      case 'job':
        orphans.jobs.delete(change[1]);
        return false;
      case 'run':
        orphans.runs.delete(change[1]);
        return false;
      case 'worker':
        orphans.workers.delete(change[1]);
        return false;
      case 'job_keys':
        return keep(orphans.jobs, state.jobs, change[1], change[2]);
      case 'run_keys':
        return keep(orphans.runs, state.runs, change[1], change[2]);
      case 'worker_keys':
        return keep(orphans.workers, state.workers, change[1], change[2]);
      default:
        return false;
    }
  }
}

function keep<Value extends object>(
  orphans: Map<string, Partial<Value>>,
  present: ReadonlyMap<string, Value>,
  id: string,
  keys: Partial<Value>,
): boolean {
  if (present.has(id)) return false;
  orphans.set(id, { ...orphans.get(id), ...keys });
  return true;
}

/** Of each the greater one. */
export function greaterNumbers(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const greater = { ...other };
  for (const [key, number] of Object.entries(one)) greater[key] = Math.max(number, greater[key] ?? 0);
  return greater;
}

/** What only grows takes the greater value, whatever records are missing between. */
function notBelow(state: State, patch: Partial<Meta>): Partial<Meta> {
  const grown: Partial<Meta> = { ...patch };
  for (const key of ['acked', 'dropped', 'plots_done'] as const) {
    const value = patch[key];
    if (value !== undefined) grown[key] = Math.max(value, state[key]);
  }
  if (patch.energy) grown.energy = greaterEnergy(patch.energy, state.energy);
  if (patch.sequences) grown.sequences = greaterNumbers(patch.sequences, state.sequences);
  return grown;
}
