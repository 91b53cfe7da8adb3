import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { EngineEvent } from '../../contract/events.ts';
import type { JobState } from './job-state.ts';
import {
  type HistoryLine,
  indexWorker,
  type Pace,
  type Produced,
  type State,
  type TimerState,
} from './state.ts';
import type { WorkerState } from './worker-state.ts';

export type Meta = Pick<
  State,
  'acked' | 'dropped' | 'plots_done' | 'timescale' | 'day' | 'instance' | 'left_credit' | 'history_bytes'
>;

/**
 * One change of the state. A patch replaces the keys that it has; a patch of something that isn't there
 * creates it whole; `null` removes it.
 */
export type Change =
  | ['job', string, Partial<JobState> | null]
  | ['worker', string, Partial<WorkerState> | null]
  | ['timer', string, TimerState | null]
  | ['definition', string, PlotterDefinition | null]
  | ['pace', string, Pace | null]
  | ['produced', string, Produced | null]
  | ['history', string, HistoryLine | null]
  | ['meta', Partial<Meta>];

/** One line of the journal: what happened in one step, all or nothing. */
export interface Entry {
  c: Change[];
  e: EngineEvent[];
}

/**
 * Events kept at the most until a broker acknowledges them; beyond it the oldest go, counted (contract, section 4).
 * Whoever publishes them has bounds of its own below this one, and counts as acknowledged what it gives up.
 */
export const MAX_UNACKED_EVENTS = 110_000;

/** Brings the state to where it was after the entry was written. */
export function applyEntry(state: State, entry: Entry): void {
  for (const change of entry.c) applyChange(state, change);
  for (const event of entry.e) keepEvent(state, event);
}

/** Adds an event to those that wait for a broker. */
export function keepEvent(state: State, event: EngineEvent): void {
  state.seq = Math.max(state.seq, event.seq);
  state.unacked.push(event);
  if (state.unacked.length <= MAX_UNACKED_EVENTS) return;
  // A tenth at once, so that a long absence of the broker doesn't move the whole list for each event.
  const excess = MAX_UNACKED_EVENTS / 10;
  // A list of its own: a step that is undone goes back to the one before.
  state.unacked = state.unacked.slice(excess);
  state.dropped += excess;
}

/** Applies one change in place. */
export function applyChange(state: State, change: Change): void {
  switch (change[0]) {
    case 'job':
      return merge(state.jobs, change[1], change[2]);
    case 'worker':
      if (change[2] === null) unindexWorker(state, change[1]);
      merge(state.workers, change[1], change[2]);
      return indexKnown(state, change[1]);
    case 'timer':
      return put(state.timers, change[1], change[2]);
    case 'definition':
      return put(state.definitions, change[1], change[2]);
    case 'pace':
      return put(state.paces, change[1], change[2]);
    case 'produced':
      return put(state.produced, change[1], change[2]);
    case 'history':
      return put(state.history, change[1], change[2]);
    case 'meta':
      Object.assign(state, change[1]);
      if (change[1].acked !== undefined) dropAcked(state);
      return;
    default:
      change satisfies never;
  }
}

/** Keeps `slots` true: a worker has its job and slot from its first patch to its removal. */
export function indexKnown(state: State, id: string): void {
  const worker = state.workers.get(id);
  if (worker) indexWorker(state, worker);
}

/** Takes a worker that is still there out of `slots`. */
export function unindexWorker(state: State, id: string): void {
  const worker = state.workers.get(id);
  if (!worker) return;
  const slots = state.slots.get(worker.job);
  slots?.delete(worker.slot);
  if (slots?.size === 0) state.slots.delete(worker.job);
}

function dropAcked(state: State): void {
  const first = state.unacked.findIndex((event) => event.seq > state.acked);
  if (first === -1) state.unacked = [];
  else if (first > 0) state.unacked = state.unacked.slice(first);
}

function put<Value>(map: Map<string, Value>, key: string, value: Value | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}

function merge<Value extends object>(
  map: Map<string, Value>,
  key: string,
  patch: Partial<Value> | null,
): void {
  if (patch === null) {
    map.delete(key);
    return;
  }
  const present = map.get(key);
  if (present) Object.assign(present, patch);
  else if (isWhole(patch)) map.set(key, { ...patch });
}

/** The first patch of something new is written with every key: see `Transaction`. */
function isWhole<Value extends object>(patch: Partial<Value>): patch is Value {
  return 'id' in patch;
}
