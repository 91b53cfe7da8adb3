import { count, figure, oneOf } from './carriers.ts';
import type { Rows } from './row.ts';

/** `B/bridge/health`. */
export const HEALTH_ROWS = {
  uptime_s: { is: count, says: 'since the daemon has started' },
  rss_mib: { is: figure, says: 'memory that its process takes' },
  event_loop_lag_ms: { is: figure, says: 'how late its last timer was' },
  workers: { is: count, says: 'running now' },
  mqtt_queue: { is: count, says: 'messages that wait for the broker' },
  mqtt_dropped: { is: count, says: 'messages that were given up, since the start' },
  storage: { is: oneOf(['ok', 'failing']), says: '`failing` while the state can’t be written' },
} as const satisfies Rows;
