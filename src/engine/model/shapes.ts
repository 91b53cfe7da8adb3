import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { SURROUNDS } from '../../host/pid-namespace.ts';
import { isObject } from '../../util/objects.ts';
import {
  type Check,
  type Checks,
  count,
  flag,
  isPatch,
  listOf,
  number,
  numbers,
  oneOf,
  orMissing,
  orNull,
  recordOf,
  shape,
  text,
  texts,
  whole,
  wrongKeys,
} from './checks.ts';
import { BLOCKED_REASONS, type EngineEvent, EVENT_TYPES } from '../../contract/events.ts';
import type { HistoryLine, Pace, Produced, TimerState } from './state.ts';
import type { JobState } from './job-state.ts';
import { WORKER_STEPS, type WorkerState } from './worker-state.ts';

/** What is read from the state's files must look so; what of it doesn't is not believed. */

const argument: Check = (value) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || texts(value);
const argumentsOf = recordOf(argument);
const settings = { enabled: flag, emit_events: flag, max_workers: count, plots_to_do: count };

const jobDefinition = shape({
  ...settings,
  plotter: text,
  arguments: argumentsOf,
  title: orMissing(text),
  command: orMissing(text),
  pre_command: orMissing(text),
  post_command: orMissing(text),
  max_failures: count,
  stop_grace: number,
  check_space: flag,
  replot: orMissing(isObject),
  events: listOf(shape({ fire: text, on: text })),
  starts: listOf(shape({ on: text, workers: count })),
});

export const JOB: Checks<JobState> = {
  id: text,
  owner: oneOf(['file', 'mqtt']),
  definition: jobDefinition,
  file: orNull(shape(settings)),
  hidden: orNull(jobDefinition),
  paused: flag,
  plots_done: count,
  failures: count,
  blocked: oneOf(BLOCKED_REASONS),
  pending: count,
  wanted: count,
  logs_left: orNull(count),
  last_error: orNull(text),
  last_plot: orNull(text),
  last_plot_at: orNull(number),
  last_plot_duration_s: orNull(number),
  timed_plots: count,
  timed_s: number,
  highest_slot: count,
  failed_slots: recordOf(shape({ worker: text, error: text })),
  replot_credit: recordOf(numbers),
  leaving: flag,
};

const spec = shape({
  arguments: argumentsOf,
  command: text,
  words: texts,
  temp_dirs: texts,
  dest_dir: orNull(text),
  pre_command: orNull(text),
  post_command: orNull(text),
  replot_before: orNull(text),
  stop_grace_s: number,
  save_logs: flag,
  pace_key: text,
  weights: numbers,
  expected_s: orNull(number),
});

export const WORKER: Checks<WorkerState> = {
  id: text,
  job: text,
  slot: count,
  plotter: text,
  definition: text,
  spec,
  room: listOf(shape({ role: oneOf(['temp', 'destination']), device: text, path: text, bytes: number })),
  step: oneOf(WORKER_STEPS),
  held: flag,
  paused: flag,
  suspended: flag,
  suspended_at: orNull(number),
  dismissed: flag,
  started_at: number,
  process: orNull(shape({ kind: oneOf(['pre', 'plotter', 'post']), pid: count, at: number })),
  plotter_started_at: orNull(number),
  pace_from: number,
  replot: orNull(
    shape({
      file: text,
      size: number,
      filesystem: orMissing(text),
      ino: orMissing(text),
      mtime_ms: orMissing(number),
    }),
  ),
  replot_room: orNull(shape({ filesystem: text, sizes: numbers })),
  replot_more: flag,
  replot_refused: orNull(text),
  origin: oneOf(['file', 'mqtt', 'unknown']),
  over_mqtt: texts,
  owns_by_record: flag,
  began_at: orNull(number),
  plotter_seq: orNull(count),
  named_seq: orNull(count),
  plot_bytes: orNull(number),
  refused: orNull(text),
  stopped_for: orNull(text),
  ended_with: orNull(oneOf(SURROUNDS)),
  partial: texts,
  log_offset: count,
  leaf: whole,
  fraction: number,
  moved_at: number,
  floor: number,
  leaf_at: number,
  phase_at: number,
  interrupted: flag,
  leaf_ms: numbers,
  percent: number,
  told_percent: number,
  told_at: number,
  plot_name: orNull(text),
  plot_id: orNull(text),
  final_file: orNull(text),
  error: orNull(text),
  waits: flag,
  plot: orNull(text),
  plot_duration_s: orNull(number),
  failed: orNull(text),
};

const TIMER: Checks<TimerState> = {
  id: text,
  name: text,
  due: number,
  due_steady: orMissing(number),
  job: orNull(text),
  slot: orNull(count),
  worker: orNull(text),
};

const PACE: Checks<Pace> = { stages: recordOf(number), at: number };

const LINE: Checks<HistoryLine> = {
  worker: orNull(text),
  job: text,
  slot: orNull(count),
  plotter: orNull(text),
  result: oneOf(['done', 'failed', 'dismissed', 'reset']),
  plot: orNull(text),
  started_at: text,
  ended_at: text,
  duration_s: number,
  error: orNull(text),
  not_before: orMissing(text),
};

const PRODUCED: Checks<Produced> = { worker: text, seq: count };

export const META = {
  instance: text,
  left_credit: recordOf(numbers),
  timescale: orNull(shape({ run: text, base: number })),
  acked: count,
  dropped: count,
  plots_done: count,
  history_bytes: orNull(count),
  day: shape({ date: text, plots: count }),
};

const definition = shape({
  title: text,
  command: text,
  words: texts,
  arguments: recordOf(isObject),
  size_argument: text,
  space: recordOf(isObject),
  plot_suffix: text,
  stages: listOf(shape({ id: text, title: text })),
  patterns: listOf(shape({ match: text })),
});

const event = shape({
  id: text,
  seq: count,
  at: text,
  type: oneOf(EVENT_TYPES),
  event_type: text,
  job: orNull(text),
  slot: orNull(count),
  worker: orNull(text),
});

function isWhole(value: unknown, checks: Readonly<Record<string, Check>>): boolean {
  return isObject(value) && wrongKeys(value, checks).length === 0;
}

export const isJob = (value: unknown): value is JobState => isWhole(value, JOB);
export const isWorker = (value: unknown): value is WorkerState => isWhole(value, WORKER);
export const isTimer = (value: unknown): value is TimerState => isWhole(value, TIMER);
export const isPace = (value: unknown): value is Pace => isWhole(value, PACE);
export const isProduced = (value: unknown): value is Produced => isWhole(value, PRODUCED);
export const isLine = (value: unknown): value is HistoryLine => isWhole(value, LINE);
export const isDefinition = (value: unknown): value is PlotterDefinition => definition(value);
export const isEvent = (value: unknown): value is EngineEvent => event(value);
export const isJobPatch = (value: unknown): value is Partial<JobState> => isPatch(value, JOB);
export const isWorkerPatch = (value: unknown): value is Partial<WorkerState> => isPatch(value, WORKER);
