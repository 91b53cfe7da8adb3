import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { EngineEvent } from '../../contract/events.ts';
import { EVENT_TYPES } from '../../contract/rows/events.ts';
import { isObject } from '../../util/objects.ts';
import {
  type Check,
  type Checks,
  count,
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
  wrongKeys,
} from './checks.ts';
import { JOB } from './job-shape.ts';
import type { JobState } from './job-state.ts';
import type { HistoryLine, Pace, Produced, TimerState } from './state.ts';
import { WORKER } from './worker-shape.ts';
import type { WorkerState } from './worker-state.ts';

/** What is read from the state's files must look so; what of it doesn't is not believed. */

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
