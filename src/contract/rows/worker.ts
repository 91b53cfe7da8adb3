import { CAUSE } from '../causes.ts';
import { WORKER_STATUSES } from '../views.ts';
import { count, figure, flag, id, nullable, objectOf, oneOf, text, time } from './carriers.ts';
import { AT_FIRST_DISABLED, DIAGNOSTIC, PROGRESS } from './entity.ts';
import type { Rows } from './row.ts';

/** Attributes that are called as their keys. */
const same = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, key]));

/** `B/job/<job>/worker/<slot>`. */
export const WORKER_ROWS = {
  worker: { is: nullable(id), says: 'its id, unique for ever' },
  status: {
    is: oneOf(WORKER_STATUSES),
    topic: true,
    entity: {
      ...{ platform: 'sensor', name: 'Status', icon: 'mdi:state-machine' },
      attributes: same('worker', 'run', 'cause', 'started_at', 'temp_dir', 'dest_dir'),
    },
  },
  paused: {
    is: flag,
    topic: true,
    says: 'paused by itself',
    entity: { platform: 'switch', name: 'Paused', icon: 'mdi:pause-circle-outline' },
  },
  stage: {
    is: nullable(id),
    topic: true,
    says: 'the innermost one now',
    entity: {
      ...{ platform: 'sensor', name: 'Stage', attributes: { stage_title: 'stage_title' } },
      ...AT_FIRST_DISABLED,
      icon: 'mdi:format-list-numbered',
    },
  },
  stage_title: { is: nullable(text), says: 'what that is called' },
  phase: { is: nullable(id), topic: true, says: 'the phase now: `3` of stage `3.2`' },
  phase_title: { is: nullable(text), says: 'what that is called' },
  progress: {
    is: nullable(figure),
    topic: true,
    says: 'of its plot, in percent: by its log, between two lines by time, half a percent a step',
    entity: { platform: 'sensor', name: 'Progress', ...PROGRESS },
  },
  pid: { is: nullable(count), says: 'process id of what runs now' },
  started_at: {
    is: nullable(time),
    says: 'when it started',
    entity: { platform: 'sensor', key: 'started', name: 'Started', ...AT_FIRST_DISABLED },
  },
  eta: {
    is: nullable(time),
    topic: true,
    says: 'when its plot will be finished; null while it waits',
    entity: { platform: 'sensor', name: 'ETA' },
  },
  plot: {
    is: nullable(text),
    says: 'the final plot, once its name is known',
    entity: {
      ...{ platform: 'sensor', name: 'Plot', shows: 'tail', icon: 'mdi:file-outline' },
      ...{ ...DIAGNOSTIC, ...AT_FIRST_DISABLED },
    },
  },
  plot_id: { is: nullable(id), says: 'its id, once that is known' },
  error: { is: nullable(text), says: 'what went wrong, also while its plotter tries again' },
  stalled: {
    is: flag,
    topic: true,
    says: 'neither its log nor its files have grown for the job’s `stall_timeout`; `error` says for how long',
  },
  waits: {
    is: flag,
    topic: true,
    says: 'its plotter waits and tries again by itself, mostly for a full disk; `error` says for what',
    entity: {
      ...{ platform: 'binary_sensor', key: 'problem', name: 'Problem', device_class: 'problem' },
      ...{ also: 'stalled', attributes: { text: 'error' } },
    },
  },
  cause: {
    is: nullable(objectOf(CAUSE)),
    says: 'why it was started, as `worker_started` says it; null where version 1 had started it',
  },
  run: { is: nullable(id), says: 'the run that makes its plot: one process of the plotter' },
  temp_dir: { is: nullable(text), says: 'its temporary directory, the main one' },
  dest_dir: { is: nullable(text), says: 'where its plot goes' },
} as const satisfies Rows;
