import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prepareDaemon } from '../../support/e2e/daemon.ts';
import { handlesOf, rssOf } from '../support/processes.ts';
import { shellPlotter } from '../support/shell-plotter.ts';
import { rounds } from '../support/size.ts';

const PLOTS = rounds(80, 3000);

/** A plot in no time. */
const SCRIPT = `name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
echo "plot $name"; echo "stage 1"; echo "stage 2"; echo "stage 3"
: >"$2/work"; echo plot >"$4/$name.plot"; echo "final $4/$name.plot"; rm -f "$4"/plot-k18-*[02468].plot.old`;

test(`${PLOTS} plots through one daemon: memory, handles and files don't grow`, async () => {
  const daemon = await prepareDaemon();
  const plotter = shellPlotter(daemon.dir, SCRIPT);
  const { temp_dir, dest_dir } = plotter.arguments;
  await daemon.configure({
    log_level: 'warn',
    plotters: { short: { ...plotter, arguments: { temp_dir, dest_dir } } },
    jobs: {
      job: {
        plotter: 'short',
        max_workers: 4,
        plots_to_do: PLOTS,
        pre_command: ':',
        post_command: ':',
        save_logs: 3,
        events: [{ fire: 'next', on: 'worker_end' }],
        starts: [{ on: '@startup', workers: 4 }, { on: 'next' }],
      },
    },
  });
  const { bus } = await daemon.start();
  await bus.client.unsubscribeAsync('#');
  await bus.client.subscribeAsync(bus.topic('job/job/plots_done'), { qos: 1 });
  const done = () => Number(bus.last('job/job/plots_done')?.text ?? 0);
  const reached = (plots: number) =>
    expect.poll(done, { timeout: 400_000, interval: 50 }).toBeGreaterThanOrEqual(plots);
  await reached(PLOTS / 3);
  const early = { rss: rssOf(daemon.pid), handles: handlesOf(daemon.pid).length };
  await reached(PLOTS);
  await bus.value('job/job/plots_done', String(PLOTS));
  expect(handlesOf(daemon.pid).length - early.handles).toBeLessThan(10);
  // What a busy machine has not yet collected is given back in the rest that follows.
  const more = () => rssOf(daemon.pid) - early.rss;
  await expect
    .poll(more, { timeout: 60_000, message: `MiB more than the ${early.rss} MiB after a third` })
    .toBeLessThan(40);
  await expect.poll(() => readdirSync(daemon.path('data', 'workers'))).toEqual([]);
  expect(readdirSync(daemon.path('tmp'))).toEqual([]);
  expect(readdirSync(daemon.path('data', 'logs')).length).toBeLessThanOrEqual(9);
  expect(readdirSync(daemon.path('data')).length).toBeLessThan(18);
  expect(await daemon.lines('data', 'history.jsonl')).toHaveLength(PLOTS);
});
