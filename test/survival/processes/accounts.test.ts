import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { seen } from '../../support/e2e/processes.ts';
import { shellPlotter } from '../support/shell-plotter.ts';

const DAEMON = 65_534;
const OTHER = 65_533;
const SETPRIV = '/usr/bin/setpriv';

/** A part of the plotter runs as another account, as one that is started by sudo would. */
const SCRIPT = `echo "plot mine"
echo "stage 1"
./other --reuid ${OTHER} --regid ${OTHER} --clear-groups sleep 1000 &
echo $! >pid.new; mv pid.new pid
until [ -e go ]; do sleep 0.02; done
echo plot >"$4/mine.plot"
echo "final $4/mine.plot"
`;

/** What this test has to end itself: nobody else can. */
const others: number[] = [];
afterEach(() => {
  for (const pid of others.splice(0))
    if (seen(pid)?.command.startsWith('sleep')) process.kill(pid, 'SIGKILL');
});

/** A daemon that isn't root, with a plotter a part of which is another account's. */
async function plotting(): Promise<{ daemon: TestDaemon; worker: string; other: number; group: number }> {
  const daemon = await prepareDaemon();
  const { temp_dir, dest_dir } = shellPlotter(daemon.dir, SCRIPT).arguments;
  const plotter = { ...shellPlotter(daemon.dir, SCRIPT), arguments: { temp_dir, dest_dir } };
  await daemon.configure({
    plotters: { mixed: plotter },
    jobs: { job: { plotter: 'mixed', check_space: false, stop_grace: 1 } },
  });
  copyFileSync(SETPRIV, daemon.path('other'));
  chmodSync(daemon.path('other'), 0o4755);
  for (const name of ['', 'tmp', 'plots', 'config.yaml']) chownSync(daemon.path(name), DAEMON, DAEMON);
  chmodSync(dirname(inject('program')), 0o755);
  daemon.through = [SETPRIV, '--reuid', `${DAEMON}`, '--regid', `${DAEMON}`, '--clear-groups'];
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  const { worker, pid: group } = await bus.event('plotter_started');
  await expect.poll(() => daemon.lines('pid')).toHaveLength(1);
  const other = Number((await daemon.lines('pid'))[0]);
  others.push(other);
  await expect.poll(() => seen(other)?.command).toBe('sleep 1000');
  return { daemon, worker: String(worker), other, group: Number(group) };
}

const history = async (daemon: TestDaemon) =>
  (await daemon.lines('data', 'history.jsonl')).map((line) => JSON.parse(line));

describe.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
  "a plotter's process of another account (only root can start a daemon that isn't root)",
  () => {
    test("that can't be suspended is said in the worker's error, until it needn't be", async () => {
      const { daemon, other, group } = await plotting();
      const { bus } = daemon;
      await bus.command('job/job/worker/1/set/paused', 'ON');
      const error = `process ${other} of another account can't be suspended`;
      await bus.shows('job/job/worker/1', { status: 'paused', error });
      expect(seen(group)?.state).toBe('T');
      expect(seen(other)?.state).toBe('S');
      await bus.command('job/job/worker/1/set/paused', 'OFF');
      await bus.shows('job/job/worker/1', { status: 'plotting', error: null });
      writeFileSync(daemon.path('go'), '');
      await bus.event('worker_end', { result: 'done' });
    });

    test("that can't be stopped: the dismissal ends, and says so", async () => {
      const { daemon, worker, other, group } = await plotting();
      expect(await daemon.bus.command('job/job/do/dismiss')).toMatchObject({ status: 'ok' });
      await daemon.bus.event('worker_dismissed', { worker });
      expect(seen(group)).toBe(null);
      expect(seen(other)?.state).toBe('S');
      const error = `process ${other} of another account can't be stopped`;
      await expect.poll(() => history(daemon)).toMatchObject([{ worker, result: 'dismissed', error }]);
    });

    test('that outlives its plotter: the plot counts, and the end says so', async () => {
      const { daemon, worker, other } = await plotting();
      writeFileSync(daemon.path('go'), '');
      const error = `process ${other} of another account can't be stopped`;
      await daemon.bus.event('worker_end', { worker, result: 'done', error });
      await daemon.bus.shows('job/job', { plots_done: 1, failures: 0 });
    });
  },
);
