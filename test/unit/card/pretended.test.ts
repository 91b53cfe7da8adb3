import { expect, test } from 'vitest';
import { HOST_ROWS } from '../../../src/contract/rows/host.ts';
import { JOB_ROWS } from '../../../src/contract/rows/job.ts';
import { FARM_ROWS } from '../../../src/contract/rows/farm.ts';
import { FILE_SYSTEM_ROWS } from '../../../src/contract/rows/filesystems.ts';
import { MOVE_ROWS } from '../../../src/contract/rows/move.ts';
import { viewSchema } from '../../../src/contract/rows/row.ts';
import { STATS_ROWS } from '../../../src/contract/rows/stats.ts';
import { WORKER_ROWS } from '../../../src/contract/rows/worker.ts';
import { CELLAR } from '../../support/farm/cellar.ts';
import { tell } from '../../support/farm/views.ts';

// What the pictures of the documentation are made from: a reader believes them only where all of it adds up.
const NOW = Date.parse('2026-11-26T20:00:00Z');
const told = tell(CELLAR, NOW);
const jobs = [...told.jobViews.values()];
const workers = [...told.workerViews.values()].flatMap((slots) => [...slots.values()]);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

test('it says what a daemon says, key by key', () => {
  for (const view of jobs) expect(viewSchema(JOB_ROWS).parse(view)).toEqual(view);
  for (const view of workers) expect(viewSchema(WORKER_ROWS).parse(view)).toEqual(view);
  for (const view of told.moveViews.values()) expect(viewSchema(MOVE_ROWS).parse(view)).toEqual(view);
  for (const [rows, view] of [
    [FARM_ROWS, told.farm],
    [STATS_ROWS, told.stats],
    [HOST_ROWS, told.host],
    [FILE_SYSTEM_ROWS, { filesystems: told.filesystems }],
  ] as const)
    expect(viewSchema(rows).parse(view)).toEqual(view);
});

test('counts add up', () => {
  const running = workers.filter(({ status }) => status === 'plotting' || status === 'paused').length;
  expect(running).toBeGreaterThan(2);
  expect(told.stats.workers).toBe(running);
  expect(sum(jobs.map((job) => job.workers))).toBe(running);
  expect(sum(jobs.map((job) => job.plots_done))).toBe(told.stats.plots_done);
  expect(sum(jobs.map((job) => job.plots_per_day))).toBe(told.farm.plots_per_day);
  expect(told.stats.plots_today).toBeLessThanOrEqual(told.farm.plots_per_day);
  expect(new Set(jobs.map((job) => job.plots_done)).size).toBe(jobs.length);
  // What was made is on a disk, or waits for its way there.
  const onDisks = sum(told.host.disks.flatMap(({ role, plots }) => (role === 'temp' ? [] : (plots ?? 0))));
  const moves = [...told.moveViews.values()];
  expect(onDisks + sum(moves.map(({ queue, active }) => queue + active.length))).toBe(told.stats.plots_done);
});

test('nothing is fuller than it is, and nobody works in two places', () => {
  for (const { free_bytes, total_bytes, reserved_bytes } of told.filesystems) {
    expect(free_bytes).toBeGreaterThan(0);
    expect((free_bytes ?? 0) + 1).toBeLessThan(total_bytes ?? 0);
    expect(reserved_bytes).toBeLessThan(free_bytes ?? 0);
  }
  for (const one of told.work)
    for (const other of told.work)
      if (one !== other && one.job === other.job && one.slot === other.slot)
        expect(one.to <= other.from || other.to <= one.from).toBe(true);
});
