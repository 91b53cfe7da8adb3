import { MAX_WORKERS_LIMIT, PLOTS_TO_DO_LIMIT } from '../commands.ts';
import { BLOCKED_REASONS } from '../events.ts';
import { WAITING_FOR } from '../gates.ts';
import { JOB_STATES } from '../views.ts';
import { count, figure, flag, id, listOf, nullable, oneOf, text, time } from './carriers.ts';
import { CONFIG, DIAGNOSTIC, PLOTS, PLOTS_A_DAY, PROGRESS, SECONDS, WORKERS } from './entity.ts';
import type { Rows } from './row.ts';

/** No device class: to Home Assistant energy is what meters count, and a plot's is a measurement. */
const PLOT_ENERGY = {
  platform: 'sensor',
  unit_of_measurement: 'kWh',
  state_class: 'measurement',
  suggested_display_precision: 2,
  icon: 'mdi:lightning-bolt',
  needs: 'energy',
} as const;

/** `B/job/<job>`: each key has a plain topic. */
export const JOB_ROWS = {
  id: { is: id, topic: true, says: 'its id' },
  title: { is: text, topic: true, says: 'how it is shown' },
  plotter: { is: id, topic: true, says: 'the id of its plotter' },
  state: {
    is: oneOf(JOB_STATES),
    topic: true,
    entity: { platform: 'sensor', name: 'State', icon: 'mdi:state-machine' },
  },
  blocked_reason: {
    is: oneOf(BLOCKED_REASONS),
    topic: true,
    entity: {
      ...{ platform: 'sensor', name: 'Blocked reason' },
      ...DIAGNOSTIC,
      icon: 'mdi:alert-octagon-outline',
    },
  },
  enabled: {
    is: flag,
    topic: true,
    says: 'false: workers start by hand only',
    entity: { platform: 'switch', name: 'Enabled', icon: 'mdi:robot' },
  },
  paused: {
    is: flag,
    topic: true,
    says: 'its plotters are suspended, none is started',
    entity: { platform: 'switch', name: 'Paused', icon: 'mdi:pause-circle-outline' },
  },
  holds: {
    is: listOf(id),
    topic: true,
    says: 'names of the holds that hold it, the farm’s too; on the topic their number',
  },
  emit_events: {
    is: flag,
    topic: true,
    says: 'false: it fires no named events',
    entity: { platform: 'switch', name: 'Emit events', ...CONFIG, icon: 'mdi:bullhorn-outline' },
  },
  max_workers: {
    is: count,
    topic: true,
    says: 'workers at the same time; 0: no limit',
    entity: {
      ...{ platform: 'number', name: 'Max workers', max: MAX_WORKERS_LIMIT },
      icon: 'mdi:account-multiple',
    },
  },
  plots_to_do: {
    is: count,
    topic: true,
    says: 'plots to make in all; 0: no limit',
    entity: { platform: 'number', name: 'Plots to do', max: PLOTS_TO_DO_LIMIT, icon: 'mdi:counter' },
  },
  plots_done: {
    is: count,
    topic: true,
    says: 'plots made since the last reset',
    entity: { platform: 'sensor', name: 'Plots done', ...PLOTS },
  },
  plots_failed: {
    is: count,
    topic: true,
    says: 'workers that failed since the last reset',
    entity: {
      ...{ platform: 'sensor', name: 'Failed plots' },
      ...PLOTS,
      icon: 'mdi:close-circle-outline',
    },
  },
  plots_per_day: {
    is: count,
    topic: true,
    says: 'plots of the last 24 hours',
    entity: { platform: 'sensor', name: 'Plots a day', ...PLOTS_A_DAY },
  },
  plots_remaining: {
    is: nullable(count),
    topic: true,
    says: 'null without a limit',
    entity: {
      ...{ platform: 'sensor', name: 'Plots remaining' },
      ...PLOTS,
      ...{ state_class: 'measurement', icon: 'mdi:harddisk' },
    },
  },
  workers: {
    is: count,
    topic: true,
    says: 'running now',
    entity: { platform: 'sensor', key: 'running_workers', name: 'Running workers', ...WORKERS },
  },
  pending: {
    is: count,
    topic: true,
    says: 'starts that a gate holds back: they start when that is over',
    entity: {
      ...{ platform: 'sensor', key: 'waiting_starts', name: 'Waiting starts' },
      ...{ unit_of_measurement: 'starts', state_class: 'measurement', icon: 'mdi:account-clock-outline' },
    },
  },
  waiting_for: {
    is: oneOf(WAITING_FOR),
    topic: true,
    entity: {
      ...{ platform: 'sensor', name: 'Waiting for', attributes: { text: 'waiting_text' } },
      icon: 'mdi:timer-sand',
    },
  },
  waiting_text: { is: text, topic: true, says: 'the same in a sentence, with names and numbers' },
  next_start_at: {
    is: nullable(time),
    topic: true,
    says: 'when the next worker starts, with `delay`',
    entity: { platform: 'sensor', key: 'next_start', name: 'Next start' },
  },
  progress: {
    is: nullable(figure),
    topic: true,
    says: 'share of `plots_to_do`, in percent; null without a limit',
    entity: { platform: 'sensor', name: 'Progress', ...PROGRESS },
  },
  eta: {
    is: nullable(time),
    topic: true,
    says: 'when all will be made; null without a limit',
    entity: { platform: 'sensor', name: 'ETA' },
  },
  last_plot: {
    is: nullable(text),
    topic: true,
    says: 'file of the last plot',
    entity: { platform: 'sensor', name: 'Last plot', shows: 'tail', icon: 'mdi:file-check-outline' },
  },
  last_plot_at: {
    is: nullable(time),
    topic: true,
    says: 'when it was made',
    entity: { platform: 'sensor', name: 'Last plot at' },
  },
  last_plot_duration_s: {
    is: nullable(figure),
    topic: true,
    says: 'how long it took',
    entity: { platform: 'sensor', key: 'last_plot_duration', name: 'Last plot duration', ...SECONDS },
  },
  average_plot_duration_s: {
    is: nullable(figure),
    topic: true,
    says: 'how long plots of this job take',
    entity: { platform: 'sensor', key: 'average_plot_duration', name: 'Average plot duration', ...SECONDS },
  },
  last_plot_kwh: {
    is: nullable(figure),
    topic: true,
    says: 'kWh above idle that it took; null where they weren’t measured',
    entity: { ...PLOT_ENERGY, key: 'last_plot_energy', name: 'Last plot energy' },
  },
  average_plot_kwh: {
    is: nullable(figure),
    topic: true,
    says: 'kWh that plots of this job take, those that were measured',
    entity: { ...PLOT_ENERGY, key: 'average_plot_energy', name: 'Average plot energy' },
  },
  last_plot_cost: {
    is: nullable(figure),
    topic: true,
    says: 'what those of the last plot have cost; null where no price was known',
  },
  average_plot_cost: {
    is: nullable(figure),
    topic: true,
    says: 'what plots of this job cost, those of which it is known',
  },
  failures: {
    is: count,
    topic: true,
    says: 'in a row',
    entity: {
      ...{ platform: 'sensor', name: 'Failures' },
      ...DIAGNOSTIC,
      ...{ state_class: 'measurement', icon: 'mdi:alert-circle-outline' },
    },
  },
  last_error: {
    is: nullable(text),
    topic: true,
    says: 'why the last worker failed',
    entity: {
      ...{ platform: 'sensor', name: 'Last error', shows: 'head' },
      ...DIAGNOSTIC,
      icon: 'mdi:message-alert-outline',
    },
  },
} as const satisfies Rows;
