import { isObject } from '../../util/objects.ts';
import { applyChange, type Change, keepEvent, type Meta } from './changes.ts';
import { isPatch } from './checks.ts';
import type { JobState } from './job-state.ts';
import {
  isDefinition,
  isEvent,
  isJob,
  isJobPatch,
  isLine,
  isPace,
  isProduced,
  isTimer,
  isWorker,
  isWorkerPatch,
  META,
} from './shapes.ts';
import type { State } from './state.ts';
import type { WorkerState } from './worker-state.ts';

/** Patches of what isn't there: the record that made it is lost, and this is what later ones say of it. */
export interface Orphans {
  jobs: Map<string, Partial<JobState>>;
  workers: Map<string, Partial<WorkerState>>;
}

/** The entries of a journal, applied one after the other. None of them is believed to be one before it is looked at. */
export class Replay {
  readonly state: State;
  readonly orphans: Orphans = { jobs: new Map(), workers: new Map() };
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

  #event(event: unknown): void {
    if (!isEvent(event)) {
      this.skipped += 1;
      return;
    }
    this.newest = Math.max(this.newest, Date.parse(event.at) || 0);
    if (event.seq > this.state.seq) keepEvent(this.state, event);
  }

  #change(value: unknown): void {
    const change = changeOf(value);
    if (change === null) {
      this.skipped += 1;
      return;
    }
    const { state, orphans } = this;
    if (change[0] === 'job' && isOrphan(orphans.jobs, state.jobs, change, isJob)) return;
    if (change[0] === 'worker' && isOrphan(orphans.workers, state.workers, change, isWorker)) return;
    applyChange(state, change[0] === 'meta' ? ['meta', notBelow(state, change[1])] : change);
  }
}

/** Whether a patch is of something that isn't there; it is kept then. */
function isOrphan<Value extends object>(
  orphans: Map<string, Partial<Value>>,
  present: ReadonlyMap<string, Value>,
  [, id, patch]: [string, string, Partial<Value> | null],
  isWhole: (value: unknown) => boolean,
): boolean {
  if (patch === null || present.has(id) || isWhole(patch)) {
    orphans.delete(id);
    return false;
  }
  orphans.set(id, { ...orphans.get(id), ...patch });
  return true;
}

/** What only grows takes the greater value, whatever records are missing between. */
function notBelow(state: State, patch: Partial<Meta>): Partial<Meta> {
  const grown: Partial<Meta> = { ...patch };
  for (const key of ['acked', 'dropped', 'plots_done'] as const) {
    const value = patch[key];
    if (value !== undefined) grown[key] = Math.max(value, state[key]);
  }
  return grown;
}

/** A change as it was written; `null` where it is none. */
function changeOf(value: unknown): Change | null {
  if (!Array.isArray(value)) return null;
  const [kind, id, content]: unknown[] = value;
  if (kind === 'meta') return isMeta(id) ? ['meta', id] : null;
  if (typeof id !== 'string') return null;
  switch (kind) {
    case 'job':
      return content === null || isJobPatch(content) ? ['job', id, content] : null;
    case 'worker':
      return content === null || isWorkerPatch(content) ? ['worker', id, content] : null;
    case 'timer':
      return content === null || isTimer(content) ? ['timer', id, content] : null;
    case 'definition':
      return content === null || isDefinition(content) ? ['definition', id, content] : null;
    case 'pace':
      return content === null || isPace(content) ? ['pace', id, content] : null;
    case 'produced':
      return content === null || isProduced(content) ? ['produced', id, content] : null;
    case 'history':
      return content === null || isLine(content) ? ['history', id, content] : null;
    default:
      return null;
  }
}

const isMeta = (value: unknown): value is Partial<Meta> => isPatch(value, META);
