import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prepareDaemon } from '../../support/e2e/daemon.ts';
import { shellPlotter } from '../support/shell-plotter.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

/** Waits while there is a file `wait` beside config.yaml. */
const SCRIPT = `dest=$4
name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
echo "plot $name"
echo "stage 1"
while [ -e "$WAIT" ]; do sleep 0.05; done
echo plot >"$dest/$name.plot"
echo "final $dest/$name.plot"
`;

test.skipIf(!CAN_MOUNT)(
  'limits of disks count for each file system, in its directories together, over a kill -9 and for a disk plugged in later',
  async () => {
    const daemon = await prepareDaemon({ env: {} });
    writeFileSync(daemon.path('wait'), '');
    const mounted = (name: string, ...inside: string[]) => {
      mountDisk(daemon.path('ssd', name), '1m');
      for (const each of inside) mkdirSync(daemon.path('ssd', name, each));
    };
    mounted('one', 'tmp', 'other');
    mounted('two', 'tmp');
    await daemon.configure({
      plotters: { small: shellPlotter(daemon.dir, SCRIPT.replace('$WAIT', daemon.path('wait'))) },
      jobs: {
        kept: {
          ...{ plotter: 'small', keep_running: true, max_workers: 0, check_space: false },
          arguments: { temp_dir: ['ssd/*/tmp', 'ssd/one/other'] },
        },
      },
      disks: [{ match: 'ssd/*', max_workers: 2 }],
    });
    await daemon.start();
    const { bus } = daemon;
    /** The disks on which workers got their directories, once so many have started. */
    const used = async (workers: number) => {
      const started = await bus.until(`${workers} workers`, () => {
        const events = bus.events({ type: 'worker_started' });
        const byWorker = new Map(events.map(({ worker, arguments: values }) => [worker, values]));
        return byWorker.size < workers ? undefined : [...byWorker.values()];
      });
      const paths = started.map((values) => String(Object(values).temp_dir));
      return paths.map((path) => path.replace(`${daemon.dir}/ssd/`, '').split('/')[0]).sort();
    };
    await bus.shows('job/kept', { workers: 4, waiting_for: 'disk', blocked_reason: 'none' });
    expect(await used(4)).toEqual(['one', 'one', 'two', 'two']);
    await daemon.restart('SIGKILL');
    await bus.shows('job/kept', { workers: 4, waiting_for: 'disk', blocked_reason: 'none' });

    mounted('late', 'tmp');
    await bus.shows('job/kept', { workers: 6, waiting_for: 'disk' });
    expect(await used(6)).toEqual(['late', 'late', 'one', 'one', 'two', 'two']);
    rmSync(daemon.path('wait'));
    await bus.event('worker_end', { result: 'done' }, 6);
  },
);
