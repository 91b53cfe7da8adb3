import { count, figure, oneOf, time } from './carriers.ts';
import { AT_FIRST_DISABLED, DIAGNOSTIC } from './entity.ts';
import type { Rows } from './row.ts';

/** `B/bridge/health`. */
export const HEALTH_ROWS = {
  uptime_s: { is: count, says: 'since the daemon has started' },
  started_at: {
    is: time,
    says: 'when it has started',
    entity: {
      ...{ platform: 'sensor', key: 'started', name: 'Started' },
      ...{ ...DIAGNOSTIC, ...AT_FIRST_DISABLED },
    },
  },
  rss_mib: { is: figure, says: 'memory that its process takes' },
  event_loop_lag_ms: { is: figure, says: 'how late its last timer was' },
  workers: { is: count, says: 'running now' },
  mqtt_queue: { is: count, says: 'messages that wait for the broker' },
  mqtt_dropped: {
    is: count,
    says: 'messages that were given up, since the start',
    entity: {
      ...{ platform: 'sensor', key: 'dropped_messages', name: 'Dropped messages' },
      ...{ unit_of_measurement: 'messages', state_class: 'total_increasing', icon: 'mdi:email-off-outline' },
      ...{ ...DIAGNOSTIC, ...AT_FIRST_DISABLED },
    },
  },
  storage: { is: oneOf(['ok', 'failing']), says: '`failing` while the state can’t be written' },
} as const satisfies Rows;
