import { MAX_WORKERS_LIMIT, PLOTS_TO_DO_LIMIT } from '../../config/schema/job.ts';
import { BLOCKED_REASONS } from '../../contract/events.ts';
import { JOB_STATES, type JobView } from '../../contract/views.ts';
import { templatesFor } from '../templates.ts';
import {
  button,
  CONFIG,
  DIAGNOSTIC,
  type Entity,
  flag,
  limit,
  oneOf,
  PLOTS,
  PROGRESS,
  SECONDS,
  sensor,
  TIMESTAMP,
  type Trigger,
  WORKERS,
} from './entity.ts';
import { eventsOn, triggerOn } from './events.ts';

const { value, head, tail } = templatesFor<JobView>();

/** A job's entities, below `B/job/<job>`. */
export const JOB_ENTITIES: readonly Entity[] = [
  flag('enabled', 'Enabled', value('enabled'), { icon: 'mdi:robot' }),
  flag('paused', 'Paused', value('paused'), { icon: 'mdi:pause-circle-outline' }),
  flag('emit_events', 'Emit events', value('emit_events'), { ...CONFIG, icon: 'mdi:bullhorn-outline' }),
  limit('max_workers', 'Max workers', value('max_workers'), MAX_WORKERS_LIMIT, {
    icon: 'mdi:account-multiple',
  }),
  limit('plots_to_do', 'Plots to do', value('plots_to_do'), PLOTS_TO_DO_LIMIT, { icon: 'mdi:counter' }),

  sensor('state', 'State', value('state'), { ...oneOf(JOB_STATES), icon: 'mdi:state-machine' }),
  sensor('blocked_reason', 'Blocked reason', value('blocked_reason'), {
    ...oneOf(BLOCKED_REASONS),
    ...DIAGNOSTIC,
    icon: 'mdi:alert-octagon-outline',
  }),
  sensor('plots_done', 'Plots done', value('plots_done'), PLOTS),
  sensor('plots_remaining', 'Plots remaining', value('plots_remaining'), {
    ...PLOTS,
    state_class: 'measurement',
    icon: 'mdi:harddisk',
  }),
  sensor('running_workers', 'Running workers', value('workers'), WORKERS),
  sensor('progress', 'Progress', value('progress'), PROGRESS),
  sensor('eta', 'ETA', value('eta'), TIMESTAMP),
  sensor('last_plot', 'Last plot', tail('last_plot'), { icon: 'mdi:file-check-outline' }),
  sensor('last_plot_duration', 'Last plot duration', value('last_plot_duration_s'), SECONDS),
  sensor('average_plot_duration', 'Average plot duration', value('average_plot_duration_s'), SECONDS),
  sensor('failures', 'Failures', value('failures'), {
    ...DIAGNOSTIC,
    state_class: 'measurement',
    icon: 'mdi:alert-circle-outline',
  }),
  sensor('last_error', 'Last error', head('last_error'), {
    ...DIAGNOSTIC,
    icon: 'mdi:message-alert-outline',
  }),

  button('start_worker', 'Start worker', 'do/start', { icon: 'mdi:play' }),
  button('dismiss_all', 'Dismiss all', 'do/dismiss', { icon: 'mdi:stop' }),
  button('reset', 'Reset', 'do/reset', { ...CONFIG, icon: 'mdi:restore' }),

  eventsOn('event/+'),
];

export const JOB_TRIGGERS: readonly Trigger[] = [
  triggerOn('job_end', 'job'),
  triggerOn('job_blocked', 'job'),
  triggerOn('worker_end', 'worker'),
  triggerOn('worker_failed', 'worker'),
];
