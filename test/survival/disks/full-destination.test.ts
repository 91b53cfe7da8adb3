import { readdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prepareDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';
import { fill } from '../support/fill.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

const PLOTTERS = [
  ['madmax', '--run madmax-k18', 'Copy to'],
  ['chia', '--run chia-k25 --keychain', 'Could not copy'],
] as const;

/** A daemon whose plotter is this one, and whose destination is a disk that others have filled. */
async function onFullDisk(plotter: string, options: string) {
  // What a daemon tells first after a restart, an embedded broker has nobody to tell to yet.
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  const command = `plot2mqtt simulate ${plotter} ${options} --speed 100000 --plot-size 1M`;
  const events = [{ fire: 'help', on: 'worker_waiting' }];
  await daemon.configure({ jobs: { job: { ...QUICK, plotter, command, events } } });
  mountDisk(daemon.path('plots'), '2m');
  fill(daemon.path('plots', 'ballast'));
  await daemon.start();
  await daemon.bus.command('job/job/do/start');
  return daemon;
}

test.skipIf(!CAN_MOUNT).each(PLOTTERS)(
  '%s (%s) on a full destination: it waits, which is told once, and goes on when the disk is freed',
  async (plotter, options, line) => {
    const daemon = await onFullDisk(plotter, options);
    const { bus } = daemon;
    const told = await bus.event('worker_waiting');
    const error = String(told.error);
    expect(error).toContain(line);
    expect(error).toContain(`(0.0 kB are free in ${daemon.path('plots')})`);
    await bus.event('event_fired', { name: 'help', worker: told.worker });
    await bus.shows('job/job/worker/1', { status: 'plotting', waits: true, error, eta: null });
    await bus.message('job/job/worker/1/waits', (text) => text === 'ON');
    await expect
      .poll(() => daemon.said.filter((text) => text.includes('worker_waiting')))
      .toEqual([expect.stringMatching(/WARN|"level":40/)]);

    await bus.command('job/job/set/paused', 'ON');
    await bus.shows('job/job/worker/1', { status: 'paused', waits: true });
    await daemon.restart();
    await bus.event('worker_recovered');
    await bus.shows('job/job/worker/1', { status: 'paused', waits: true, error });
    await bus.command('job/job/set/paused', 'OFF');
    await bus.shows('job/job/worker/1', { status: 'plotting', waits: true, eta: null });

    rmSync(daemon.path('plots', 'ballast'));
    await bus.event('worker_goes_on', { worker: told.worker });
    await bus.event('worker_end', { result: 'done', error: null });
    await bus.shows('job/job/worker/1', { status: 'idle', waits: false, error: null });
    expect(bus.events({ type: 'worker_waiting' })).toHaveLength(1);
    expect(bus.events({ type: 'worker_goes_on' })).toHaveLength(1);
    expect(readdirSync(daemon.path('plots'))).toEqual([expect.stringMatching(/\.plot$/)]);
  },
);

test.skipIf(!CAN_MOUNT)(
  'dismissed while it waits: it waits no more, and its unfinished file goes',
  async () => {
    const daemon = await onFullDisk('madmax', '--run madmax-k18');
    const { bus } = daemon;
    await bus.event('worker_waiting');
    expect(readdirSync(daemon.path('plots'))).toContainEqual(expect.stringMatching(/\.plot\.tmp$/));
    expect(await bus.command('job/job/do/dismiss')).toMatchObject({ status: 'ok' });
    await bus.shows('job/job/worker/1', { status: 'idle', waits: false });
    expect(bus.events({ type: 'worker_goes_on' })).toEqual([]);
    expect(readdirSync(daemon.path('plots'))).toEqual(['ballast']);
  },
);
