import { chmodSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Bus } from '../../support/e2e/bus.ts';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { allow, QUICK, STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { fill } from '../support/fill.ts';
import { size } from '../support/size.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

const JOBS = {
  goner: STEPPING_JOB,
  busy: { ...STEPPING_JOB, events: [{ fire: 'next', on: 'worker_end' }] },
  free: { ...QUICK, max_workers: 4, starts: [{ on: 'next' }, { on: '@startup' }] },
};

/** A daemon with two live plotters that was stopped on a disk that others have filled meanwhile. */
async function stoppedOnFullDisk(end: NodeJS.Signals): Promise<TestDaemon> {
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  await daemon.configure({ jobs: JOBS });
  mountDisk(daemon.path('data'), '4m');
  chmodSync(daemon.path('data'), 0o700);
  const { bus } = await daemon.start();
  await bus.event('worker_end', { job: 'free' });
  for (const job of ['goner', 'busy']) {
    await bus.command(`job/${job}/do/start`);
    await bus.event('stage_started', { job, stage: '1.7' });
  }
  fill(daemon.path('data', 'ballast'));
  // Until the journal's last block is full too; each stop takes some of the reserve. Two at least: one is on its way later.
  for (let value = 2; ; value += 1)
    if ((await bus.command('job/free/set/max_workers', String(2 + (value % 2)))).status === 'error') break;
  await bus.command('job/goner/set/enabled', 'OFF');
  await bus.shows('bridge/health', { storage: 'failing' });
  await daemon.kill(end);
  // Nor is there room for the claim of the next one: whoever wrote this had it while the daemon made its reserve again.
  fill(daemon.path('data', 'ballast'));
  return daemon;
}

const started = (bus: Bus, job: string) => bus.events({ type: 'worker_started', job }).length;

test.skipIf(!CAN_MOUNT).each(size<NodeJS.Signals[]>(['SIGTERM'], ['SIGTERM', 'SIGKILL']))(
  'started again on the full disk that it ended on (%s), it finds what runs, stops it when told, and starts nothing until there is room',
  async (end) => {
    const daemon = await stoppedOnFullDisk(end);
    await daemon.start();
    const { bus } = daemon;
    await bus.shows('bridge/health', { storage: 'failing' });
    expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
    for (const job of ['goner', 'busy']) await bus.event('worker_recovered', { job });
    const { worker } = bus.object('job/goner/worker/1');
    expect(daemon.workerProcesses(String(worker))).not.toEqual([]);
    expect(await bus.command('job/goner/do/dismiss')).toMatchObject({ status: 'ok' });
    expect(daemon.workerProcesses(String(worker))).toEqual([]);
    expect(await bus.command('job/free/do/start')).toMatchObject({ error: { code: 'not_stored' } });
    expect(started(bus, 'free')).toBe(1);
    // A clean stop says of what goes on, and the next start finds it.
    expect(await daemon.stop()).toBe(0);
    expect(daemon.said.at(-1)).toContain('the plot of 1 worker is left running');
    await daemon.start();
    await allow(daemon, 'all');
    await bus.event('worker_end', { job: 'busy', result: 'done' });
    expect(started(bus, 'free')).toBe(1);

    rmSync(daemon.path('data', 'ballast'));
    await bus.shows('bridge/health', { storage: 'ok' });
    await bus.event('worker_started', { job: 'free' }, 2);
    await bus.shows('job/busy', { plots_done: 1, workers: 0 });
    expect(bus.events({ type: 'worker_dismissed' })).toHaveLength(1);
    const numbers = bus.events().map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  },
);
