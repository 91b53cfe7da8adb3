import { CAUSE } from '../causes.ts';
import {
  BINDABLE_MOMENTS,
  BLOCKED_REASONS,
  EVENT_SOURCES,
  UNBLOCKED_REASONS,
  WORKER_RESULTS,
} from '../events.ts';
import { HOLD_KINDS, HOLD_RELEASERS } from '../holds.ts';
import {
  argumentValues,
  type Carriers,
  count,
  figure,
  id,
  nullable,
  objectOf,
  oneOf,
  text,
  time,
} from './carriers.ts';

/** All that is to be said of one type of event. */
export interface EventRow {
  /** When it comes, for the documentation. */
  readonly says: string;
  /** What it says beside its envelope. Durations are in seconds. */
  readonly keys: Carriers;
  /**
   * Whose event entity in Home Assistant tells it, where that is not the job's alone: each is a row in its recorder and
   * a line in its logbook. `farm`: the bridge's too; `stages`: the job's for stages; `none`: too frequent for any.
   */
  readonly toldBy?: 'farm' | 'stages' | 'none';
  /** It is not kept in events.jsonl: of each worker there would be hundreds. */
  readonly isPassing?: true;
}

/** Every type of event, in the order of a worker's life, then what befalls workers and jobs from outside. */
export const EVENT_ROWS = {
  worker_started: {
    says: 'arguments are complete, the slot is taken',
    keys: { arguments: argumentValues, cause: nullable(objectOf(CAUSE)), run: id },
  },
  pre_process_started: { says: 'the pre-command runs', keys: { pid: count } },
  pre_process_finished: {
    says: 'a non-zero exit fails the worker',
    keys: { exit_code: nullable(count), duration_s: figure },
  },
  replot_removed: {
    says: 'an old plot was removed; `move` is the move for whose plot it went, else null',
    keys: { file: text, size: count, move: nullable(id) },
  },
  replot_would_remove: {
    says: 'an old plot would be removed, were replotting no `dry_run`; once for each file',
    keys: { file: text, size: count, move: nullable(id) },
  },
  plotter_started: { says: 'the plotter runs', keys: { pid: count } },
  stage_started: {
    says: 'a phase or step begins',
    keys: { stage: id, stage_title: text },
    toldBy: 'stages',
    isPassing: true,
  },
  stage_finished: {
    says: 'it ends',
    keys: { stage: id, stage_title: text, duration_s: figure },
    toldBy: 'stages',
    isPassing: true,
  },
  progress: {
    says: 'the whole percent grew',
    keys: { percent: count },
    toldBy: 'none',
    isPassing: true,
  },
  plotter_finished: {
    says: 'the plotter has ended, or goes on with later plots of its run (`exit_code` null)',
    keys: { exit_code: nullable(count), plot: nullable(text), duration_s: figure },
  },
  post_process_started: { says: 'the post-command runs; only after a plot was made', keys: { pid: count } },
  post_process_finished: {
    says: 'it has ended',
    keys: { exit_code: nullable(count), duration_s: figure },
  },
  worker_failed: { says: 'only where it failed', keys: { error: text }, toldBy: 'farm' },
  worker_end: {
    says: 'the slot is free',
    keys: { result: oneOf(WORKER_RESULTS), plot: nullable(text), error: nullable(text) },
    toldBy: 'farm',
  },
  job_end: { says: '`plots_done` has reached `plots_to_do`', keys: { plots_done: count }, toldBy: 'farm' },
  worker_waiting: {
    says: 'its plotter waits and tries again by itself, mostly for a full disk',
    keys: { error: text },
  },
  worker_goes_on: { says: 'it waits no more', keys: {} },
  worker_stalled: {
    says: 'neither its log nor its files have grown for `silence_s`, longer than its job’s `stall_timeout`',
    keys: { silence_s: figure },
  },
  worker_unstalled: { says: 'they grow again, or it is paused', keys: {} },
  worker_dismissed: {
    says: 'stopped on request, instead of an end',
    keys: { plot: nullable(text) },
    toldBy: 'farm',
  },
  worker_paused: { says: 'suspended', keys: {} },
  worker_resumed: { says: 'goes on', keys: {} },
  worker_recovered: { says: 'found again after a restart of the daemon', keys: {} },
  event_fired: {
    says: 'a named event; `on`, `stage` and `percent` are the moment of a worker’s life that it is bound to, `target` is the other daemon at which it is fired, else null',
    keys: {
      name: id,
      source: oneOf(EVENT_SOURCES),
      on: nullable(oneOf(BINDABLE_MOMENTS)),
      stage: nullable(id),
      percent: nullable(count),
      target: nullable(id),
    },
    toldBy: 'farm',
  },
  job_created: { says: 'a job is there', keys: {} },
  job_updated: { says: 'its definition has changed', keys: {} },
  job_deleted: { says: 'it is gone', keys: {} },
  job_blocked: {
    says: 'it can start no workers now',
    keys: { reason: oneOf(BLOCKED_REASONS) },
    toldBy: 'farm',
  },
  job_unblocked: { says: 'it can again', keys: { reason: oneOf(UNBLOCKED_REASONS) }, toldBy: 'farm' },
  hold_set: {
    says: 'a hold stands, or is another than before; `job` is null where it is the farm’s',
    keys: { hold: id, kind: oneOf(HOLD_KINDS), reason: nullable(text), until: nullable(time) },
    toldBy: 'farm',
  },
  hold_released: { says: 'it is gone', keys: { hold: id, by: oneOf(HOLD_RELEASERS) }, toldBy: 'farm' },
  move_started: {
    says: 'a plot is on its way; `job`, `slot` and `worker` are those of the worker that made it, null where that isn’t known',
    keys: { move: id, plot: text, to: text, size: count },
    toldBy: 'farm',
  },
  move_finished: {
    says: '`plot` is whole where it is now, and no more in `from`, where it was',
    keys: { move: id, plot: text, from: text, size: count, duration_s: figure },
    toldBy: 'farm',
  },
  move_failed: {
    says: 'it stays where it is; it is tried again 30 seconds later, and after the third `attempt` left alone',
    keys: { move: id, plot: text, to: text, attempt: count, error: text },
    toldBy: 'farm',
  },
  move_idle: { says: 'no file waits any more, and none is on its way', keys: { move: id }, toldBy: 'farm' },
  farm_drained: {
    says: 'the farm’s hold `drain` stands, and nothing runs any more',
    keys: {},
    toldBy: 'farm',
  },
} as const satisfies Readonly<Record<string, EventRow>>;

/** Every type of event, in the same order. */
export const EVENT_TYPES = Object.keys(EVENT_ROWS).filter(
  (type): type is keyof typeof EVENT_ROWS => type in EVENT_ROWS,
);

/** The types that are not kept in events.jsonl. */
export const PASSING_EVENTS: ReadonlySet<string> = new Set(
  Object.entries<EventRow>(EVENT_ROWS).flatMap(([type, { isPassing }]) => (isPassing ? [type] : [])),
);

/** What every event has: unique id, a number that grows by one, when, which, and whom it is about. */
export const ENVELOPE = {
  id,
  seq: count,
  at: time,
  type: oneOf(EVENT_TYPES),
  /** The same as `type`: Home Assistant's event entities read this key. */
  event_type: oneOf(EVENT_TYPES),
  job: nullable(id),
  slot: nullable(count),
  worker: nullable(id),
} as const satisfies Carriers;
