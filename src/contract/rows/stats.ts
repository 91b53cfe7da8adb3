import { count } from './carriers.ts';
import { PLOTS, WORKERS } from './entity.ts';
import type { Rows } from './row.ts';

/** `B/bridge/stats`. */
export const STATS_ROWS = {
  workers: {
    is: count,
    says: 'running now',
    entity: { platform: 'sensor', key: 'running_workers', name: 'Running workers', ...WORKERS },
  },
  plots_done: {
    is: count,
    says: 'of all time: no reset or deletion lowers it',
    entity: { platform: 'sensor', name: 'Plots done', ...PLOTS },
  },
  plots_today: {
    is: count,
    says: 'since midnight',
    entity: { platform: 'sensor', name: 'Plots today', ...PLOTS },
  },
} as const satisfies Rows;
