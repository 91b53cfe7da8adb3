import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { installChia, VALID_KEY } from '../support/chia/install.ts';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';

/** Every stage of the original plotter, phases and steps, in order. */
const STAGES = [
  ...['1', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7'],
  ...['2', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6'],
  ...['3', '3.1', '3.2', '3.3', '3.4', '3.5', '3.6', '4', '5'],
];

/** The pool contract of nobody. */
const CONTRACT = 'xch1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0srg6dkm';

const KINDS = [
  { broker: BROKERS[0], owner: { pool_contract: CONTRACT } },
  { broker: BROKERS[1], owner: { pool_key: VALID_KEY } },
];

describe.each(KINDS)('the original plotter, $broker broker', ({ broker, owner }) => {
  test('makes two plots, chained by a named event, over a crash of the daemon', async () => {
    const chia = await installChia();
    const job = {
      plotter: 'chia',
      arguments: { k: 19, ...owner, farmer_key: VALID_KEY, memory_mib: 200 },
      plots_to_do: 2,
      events: [{ fire: 'phase-two', on: 'stage_started', stage: '2' }],
      starts: [{ on: 'phase-two', workers: 1 }],
      max_workers: 2,
      pre_command: 'echo "$PLOT2MQTT_WORKER" >> pre',
      post_command: 'echo "$PLOT2MQTT_WORKER" %plot% >> post',
    };
    const daemon = await startDaemon({
      broker,
      config: { plotters: { chia: { command: chia.command } }, jobs: { real: job } },
    });
    const { bus } = daemon;

    await bus.command('job/real/do/start');
    const first = await bus.event('stage_started', { stage: '1.3' });
    await daemon.restart('SIGKILL');
    await bus.event('worker_recovered', { worker: first.worker });
    await bus.event('job_end');

    const ends = bus.events({ type: 'worker_end' });
    expect(ends.map(({ result, error }) => ({ result, error }))).toEqual([
      { result: 'done', error: null },
      { result: 'done', error: null },
    ]);
    await bus.shows('job/real', { plots_done: 2, workers: 0, state: 'done', plots_remaining: 0 });
    const plots = ends.map(({ plot }) => String(plot));
    expect(await readdir(daemon.path('plots'))).toHaveLength(2);
    expect((await chia.check(plots)).match(/[1-9]\d* proofs/g)).toHaveLength(2);
    expect(await daemon.lines('pre')).toEqual(
      bus.events({ type: 'worker_started' }).map(({ worker }) => worker),
    );
    expect((await daemon.lines('post')).toSorted()).toEqual(
      ends.map(({ worker, plot }) => `${worker} ${plot}`).toSorted(),
    );
    for (const { worker } of ends)
      for (const type of ['stage_started', 'stage_finished']) {
        const stages = bus.events({ type, worker }).map(({ stage }) => stage);
        expect(stages.toSorted()).toEqual(STAGES);
        if (type === 'stage_started') expect(stages).toEqual(STAGES);
      }
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
    expect((await daemon.lines('data', 'history.jsonl')).length).toBe(2);
  });
});
