import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { HistoryLine } from './history-line.ts';
import { indexRun, indexWorker, unindexRun, unindexWorker } from './index-runs.ts';
import type { JobState } from './job-state.ts';
import type { KeptEvent } from './kept-event.ts';
import type { LeftJob } from './left-job.ts';
import type { Meta } from './meta.ts';
import type { MoveState } from './move-state.ts';
import type { Pace } from './pace.ts';
import type { Produced } from './produced.ts';
import type { RemoteFire } from './remote-fire.ts';
import type { RunState } from './run-state.ts';
import type { StartedIn } from './started-in.ts';
import type { State } from './state.ts';
import type { TimerState } from './timer-state.ts';
import type { Made, TransferState } from './transfer-state.ts';
import type { WorkerState } from './worker-state.ts';
import type { Written } from './written.ts';

/**
 * One change of the state: something is put there whole, `null` removes it; of what is there, `…_keys` replaces the
 * keys that it has.
 */
export type Change =
  | ['job', string, JobState | null]
  | ['job_keys', string, Partial<JobState>]
  | ['run', string, RunState | null]
  | ['run_keys', string, Partial<RunState>]
  | ['worker', string, WorkerState | null]
  | ['worker_keys', string, Partial<WorkerState>]
  | ['timer', string, TimerState | null]
  | ['definition', string, PlotterDefinition | null]
  | ['pace', string, Pace | null]
  | ['produced', string, Produced | null]
  | ['started_in', string, StartedIn | null]
  | ['left', string, LeftJob | null]
  | ['written', string, Written | null]
  | ['history', string, HistoryLine | null]
  | ['remote_fire', string, RemoteFire | null]
  | ['fire_transaction', string, number | null]
  | ['move', string, MoveState | null]
  | ['move_keys', string, Partial<MoveState>]
  | ['transfer', string, TransferState | null]
  | ['transfer_keys', string, Partial<TransferState>]
  | ['made', string, Made | null]
  | ['meta', Partial<Meta>];

/** One line of the journal: what happened in one step, all or nothing. */
export interface Entry<Event extends KeptEvent = KeptEvent> {
  c: Change[];
  e: Event[];
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
export function keepEvent(state: State, event: KeptEvent): void {
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
      return put(state.jobs, change[1], copyOf(change[2]));
    case 'job_keys':
      return patch(state.jobs, change[1], change[2]);
    case 'run':
      unindexRun(state.index, state.runs.get(change[1]));
      put(state.runs, change[1], copyOf(change[2]));
      return indexRun(state.index, state.runs.get(change[1]));
    case 'run_keys':
      return patch(state.runs, change[1], change[2]);
    case 'worker':
      unindexWorker(state.index, state.workers.get(change[1]));
      put(state.workers, change[1], copyOf(change[2]));
      return indexWorker(state.index, state.workers.get(change[1]));
    case 'worker_keys':
      return patch(state.workers, change[1], change[2]);
    case 'timer':
      return put(state.timers, change[1], change[2]);
    case 'definition':
      return put(state.definitions, change[1], change[2]);
    case 'pace':
      return put(state.paces, change[1], change[2]);
    case 'produced':
      return put(state.produced, change[1], change[2]);
    case 'started_in':
      return put(state.started_in, change[1], change[2]);
    case 'left':
      return put(state.left, change[1], change[2]);
    case 'written':
      return put(state.written, change[1], change[2]);
    case 'history':
      return put(state.history, change[1], change[2]);
    case 'remote_fire':
      return put(state.remote_fires, change[1], change[2]);
    case 'fire_transaction':
      return put(state.fire_transactions, change[1], change[2]);
    case 'move':
      return put(state.moves, change[1], copyOf(change[2]));
    case 'move_keys':
      return patch(state.moves, change[1], change[2]);
    case 'transfer':
      return put(state.transfers, change[1], copyOf(change[2]));
    case 'transfer_keys':
      return patch(state.transfers, change[1], change[2]);
    case 'made':
      return put(state.made, change[1], change[2]);
    case 'meta':
      Object.assign(state, change[1]);
      if (change[1].acked !== undefined) dropAcked(state);
      return;
    default:
      change satisfies never;
  }
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

function patch<Value extends object>(map: Map<string, Value>, key: string, keys: Partial<Value>): void {
  const present = map.get(key);
  if (present) Object.assign(present, keys);
}

/** What is written down is not what is worked on. */
function copyOf<Value extends object>(value: Value | null): Value | null {
  return value && { ...value };
}
