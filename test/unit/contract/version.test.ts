import { expect, it } from 'vitest';
import { CONTRACT_VERSION } from '../../../src/contract/views.ts';
import { DISK, HOST_ROWS } from '../../../src/contract/rows/host.ts';
import { EVENT_ROWS } from '../../../src/contract/rows/events.ts';
import { FARM_ROWS } from '../../../src/contract/rows/farm.ts';
import { HEALTH_ROWS } from '../../../src/contract/rows/health.ts';
import { JOB_ROWS } from '../../../src/contract/rows/job.ts';
import { MOVE_ROWS } from '../../../src/contract/rows/move.ts';
import { WORKER_ROWS } from '../../../src/contract/rows/worker.ts';
import { commandOf } from '../../../src/mqtt/commands/command-table.ts';

/** What version 2 of the contract has and version 1 hasn't (sections 3, 4, 5, 9 and 10), by where it is. */
const OF_VERSION_2: [where: string, there: object, keys: readonly string[]][] = [
  ['B/bridge/health', HEALTH_ROWS, ['storage']],
  ['B/host', HOST_ROWS, ['disks']],
  [
    'B/host disks',
    DISK,
    ['filesystem', 'reserved_bytes', 'state', 'plots', 'old_plots', 'old_bytes', 'full_at'],
  ],
  [
    'B/farm',
    FARM_ROWS,
    [
      ...['max_workers', 'holds', 'workers', 'moves', 'pending', 'drained', 'last_end_at', 'plots_done'],
      ...['plots_today', 'plots_per_day', 'energy_kwh', 'cost', 'free_bytes', 'total_bytes', 'old_plots'],
      ...['old_bytes', 'replot_eta', 'full_at', 'problems'],
    ],
  ],
  [
    'B/job/<job>',
    JOB_ROWS,
    [
      ...['waiting_for', 'waiting_text', 'next_start_at', 'holds', 'plots_failed', 'plots_per_day'],
      ...['last_plot_kwh', 'average_plot_kwh', 'last_plot_cost', 'average_plot_cost'],
    ],
  ],
  [
    'B/job/<job>/worker/<slot>',
    WORKER_ROWS,
    ['phase', 'phase_title', 'stalled', 'waits', 'cause', 'run', 'temp_dir', 'dest_dir'],
  ],
  [
    'B/move/<move>',
    MOVE_ROWS,
    [
      ...['id', 'title', 'state', 'enabled', 'paused', 'waiting_for', 'waiting_text', 'queue'],
      ...['queue_bytes', 'active', 'bytes_per_s', 'moved', 'moved_bytes', 'failures', 'last_error'],
    ],
  ],
  [
    'events',
    EVENT_ROWS,
    [
      ...['worker_stalled', 'worker_unstalled', 'worker_waiting', 'worker_goes_on', 'hold_set'],
      ...['hold_released', 'farm_drained', 'move_started', 'move_finished', 'move_failed', 'move_idle'],
      'replot_would_remove',
    ],
  ],
];
const COMMANDS_OF_VERSION_2 = [
  ...['bridge/request/history', 'bridge/request/why', 'bridge/request/events', 'farm/hold/x'],
  ...['job/x/hold/y', 'farm/set/max_workers', 'farm/do/stop', 'move/x/set/enabled', 'move/x/set/paused'],
];

it('the contract is version 2 when all of its topics, events and commands are there, and not before', () => {
  const lacks = OF_VERSION_2.flatMap(([where, there, keys]) =>
    keys.filter((key) => !(key in there)).map((key) => `${where}: ${key}`),
  );
  const unknown = COMMANDS_OF_VERSION_2.filter((topic) => !isKnown(topic));
  expect(CONTRACT_VERSION, `it lacks ${[...lacks, ...unknown].join(', ') || 'nothing'}`).toBe(
    lacks.length + unknown.length === 0 ? 2 : 1,
  );
});

function isKnown(topic: string): boolean {
  try {
    commandOf(topic);
    return true;
  } catch {
    return false;
  }
}
