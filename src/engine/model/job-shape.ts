import { BLOCKED_REASONS } from '../../contract/events.ts';
import { isObject } from '../../util/objects.ts';
import {
  type Check,
  type Checks,
  count,
  flag,
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
} from './checks.ts';
import type { JobState } from './job-state.ts';

const argument: Check = (value) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || texts(value);

/** Arguments of a plotter, by name. */
export const argumentsOf = recordOf(argument);

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
  keep_running: flag,
  replot: orMissing(isObject),
  events: listOf(shape({ fire: text, on: text })),
  starts: listOf(shape({ on: text, workers: count })),
});

/** A job, as it is read from a file. */
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
  blocked_text: orNull(text),
  pending: count,
  wanted: count,
  asked: listOf(shape({ since: count, workers: count })),
  keeping: shape({ stopped: flag, wait_s: number, due: orNull(number), due_steady: orNull(number) }),
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
