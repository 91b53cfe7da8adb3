import { readdir, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { installChia, VALID_KEY } from '../support/chia/install.ts';
import { startDaemon } from '../support/e2e/daemon.ts';
import { waitForFile } from '../support/e2e/plotters.ts';

/** The pool contract of nobody. */
const CONTRACT = 'xch1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0srg6dkm';
const OWNERS = [{ pool_contract: CONTRACT }, { pool_key: VALID_KEY }];

describe.each(OWNERS)('the engine of the new format, for %o', (owner) => {
  test('makes plots one after the other, over a crash of the daemon, and its prover proves them', async () => {
    const chia = await installChia();
    const job = {
      plotter: 'chia-v2',
      // The daemon is to be gone and back before the plot is made, which takes a moment.
      command: `${waitForFile('go')}; ${chia.create2} -k 20`,
      arguments: { ...owner, farmer_key: VALID_KEY, strength: 2 },
      plots_to_do: 2,
      keep_running: true,
      post_command: 'echo "$PLOT2MQTT_WORKER" %plot% >> post',
    };
    const daemon = await startDaemon({ config: { jobs: { real: job } } });
    const { bus } = daemon;

    const first = await bus.event('plotter_started');
    await daemon.restart('SIGKILL');
    await bus.event('worker_recovered', { worker: first.worker });
    await writeFile(daemon.path('go'), '');
    await bus.event('job_end');

    const ends = bus.events({ type: 'worker_end' });
    expect(ends.map(({ result, error }) => ({ result, error }))).toEqual([
      { result: 'done', error: null },
      { result: 'done', error: null },
    ]);
    const plots = ends.map(({ plot }) => String(plot));
    for (const plot of plots) {
      expect(plot).toMatch(/\/plots\/plot-k20-[0-9a-f]{64}\.plot2$/);
      expect((await stat(plot)).size).toBeGreaterThan(2_000_000);
    }
    expect(await readdir(daemon.path('plots'))).toHaveLength(2);
    expect((await chia.check(plots)).match(/[1-9]\d* proofs/g)).toHaveLength(2);
    expect(await daemon.lines('post')).toEqual(ends.map(({ worker, plot }) => `${worker} ${plot}`));
    for (const { worker } of ends)
      expect(bus.events({ type: 'stage_finished', worker }).map(({ stage }) => stage)).toEqual(['1']);
    await bus.shows('job/real', { plots_done: 2, state: 'done', workers: 0 });
  });
});

test('the engine says no more than that it failed, and the worker says just that', async () => {
  const chia = await installChia();
  const job = {
    plotter: 'chia-v2',
    // An odd size is one of the things that it can't make.
    command: `${chia.create2} -k 19`,
    arguments: { pool_key: VALID_KEY, farmer_key: VALID_KEY },
  };
  const daemon = await startDaemon({ config: { jobs: { real: job } } });
  await daemon.bus.command('job/real/do/start');
  const { error } = await daemon.bus.event('worker_end', { result: 'failed' });
  expect(error).toBe('failed to create plot file (exit code 1)');
  expect(await readdir(daemon.path('plots'))).toEqual([]);
});
