import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BROKERS, prepareDaemon, startDaemon } from '../support/e2e/daemon.ts';
import { allow, FAILING, QUICK, STEPPING_JOB } from '../support/e2e/plotters.ts';

const run = promisify(execFile);

describe.each(BROKERS)('failures, %s broker', (broker) => {
  test('a plotter that fails at once does not spin: the breaker stops it', async () => {
    const chain = { events: [{ fire: 'again', on: 'worker_end' }], starts: [{ on: 'again' }] };
    const daemon = await startDaemon({
      broker,
      config: { jobs: { j: { ...FAILING, ...chain, post_command: 'touch post' } } },
    });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    await bus.event('job_blocked', { reason: 'failing' });
    await bus.shows('job/j', {
      state: 'blocked',
      blocked_reason: 'failing',
      failures: 3,
      workers: 0,
      plots_done: 0,
    });
    // One more command, answered: had another worker begun, it would show.
    await bus.command('bridge/request/job/list');
    expect(bus.events({ type: 'worker_started' })).toHaveLength(3);
    const ends = bus.events({ type: 'worker_end' });
    expect(ends).toMatchObject(Array(3).fill({ result: 'failed', plot: null, error: expect.any(String) }));
    for (const { worker } of ends) {
      const story = bus.story(worker);
      expect(story.slice(story.indexOf('plotter_finished'), story.indexOf('worker_end') + 1)).toEqual([
        ...['plotter_finished', 'worker_failed', 'worker_end'],
      ]);
    }
    expect(bus.object('job/j/worker/1')).toMatchObject({ status: 'failed', error: ends[2]?.error });
    expect(bus.object('job/j').last_error).toBe(ends[2]?.error);
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
    expect(await readdir(daemon.dir)).not.toContain('post');

    // A block holds over a restart, and is lifted by hand.
    await daemon.restart();
    await bus.shows('job/j', { state: 'blocked', failures: 3 });
    await bus.command('job/j/do/reset');
    expect(bus.object('job/j')).toMatchObject({ state: 'idle', failures: 0, blocked_reason: 'none' });
    expect(bus.events({ type: 'job_unblocked' })).toMatchObject([{ reason: 'reset' }]);
  });

  test('a start by hand and enabling again lift the block too', async () => {
    const { bus } = await startDaemon({ broker, config: { jobs: { j: { ...FAILING, max_failures: 1 } } } });
    await bus.command('job/j/do/start');
    await bus.event('job_blocked');
    expect(await bus.command('job/j/do/start')).toMatchObject({ status: 'ok' });
    await bus.event('job_unblocked', { reason: 'started' });
    await bus.event('job_blocked', {}, 2);
    await bus.command('job/j/set/enabled', 'ON');
    await bus.event('job_unblocked', { reason: 'enabled' });
  });
});

test('what goes wrong is told in words', async () => {
  const jobs = {
    pre: { ...QUICK, pre_command: 'echo the disk is asleep >&2; exit 3', post_command: 'touch post' },
    post: { ...QUICK, post_command: 'echo no such share; exit 4' },
    lost: { ...QUICK, command: 'no-such-plotter-anywhere' },
    coloured: { ...QUICK, command: `printf '\\033[31mno \\033[1mdisk\\033[0m\\n\\033[0m\\n'; false` },
    liar: { ...QUICK, command: 'true' },
    moved: {
      ...QUICK,
      command: `${QUICK.command} "$@" && rm -f "$PLOT2MQTT_DEST_DIR"/*.plot; true`,
      arguments: { dest_dir: 'moved' },
    },
    copy: { ...QUICK, command: `${QUICK.command} --fail-at 3` },
  };
  // A broker that is there before the daemon: nothing that it says goes by.
  const files = { 'moved/.keep': '' };
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs }, files });
  const { bus } = daemon;
  for (const id of Object.keys(jobs)) await bus.command(`job/${id}/do/start`);
  const ended = (job: string) => bus.event('worker_end', { job });
  expect(await ended('pre')).toMatchObject({
    result: 'failed',
    error: expect.stringMatching(/pre_command.*3.*the disk is asleep/),
  });
  expect(bus.events({ job: 'pre' }).map(({ type }) => type)).toEqual([
    ...[
      'job_created',
      'worker_started',
      'pre_process_started',
      'pre_process_finished',
      'worker_failed',
      'worker_end',
    ],
  ]);
  expect(bus.events({ job: 'pre', type: 'pre_process_finished' })).toMatchObject([{ exit_code: 3 }]);

  const post = await ended('post');
  expect(post).toMatchObject({
    result: 'done',
    plot: expect.any(String),
    error: expect.stringMatching(/post_command.*4.*no such share/),
  });
  await bus.shows('job/post', { plots_done: 1, failures: 1, last_error: post.error, state: 'idle' });
  expect(bus.events({ job: 'post', type: 'worker_failed' })).toEqual([]);

  expect(await ended('lost')).toMatchObject({
    error: expect.stringMatching(/127.*no-such-plotter-anywhere.*not found/),
  });
  expect(await ended('coloured')).toMatchObject({ error: 'the plotter ended with exit code 1: no disk' });
  expect(await ended('liar')).toMatchObject({
    result: 'failed',
    error: expect.stringMatching(/names no plot/),
  });
  const moved = await ended('moved');
  expect(moved).toMatchObject({ result: 'failed', plot: null });
  expect(moved.error).toContain(daemon.path('moved', 'plot-k32-'));
  expect(await ended('copy')).toMatchObject({ result: 'failed', error: expect.any(String) });
  expect(await readdir(daemon.dir)).not.toContain('post');
  await bus.shows('bridge/stats', { workers: 0, plots_done: 1, plots_today: 1 });
});

test('a missing directory blocks a job until it is there', async () => {
  const job = { ...QUICK, arguments: { dest_dir: 'later' }, starts: [{ on: '@startup' }], plots_to_do: 1 };
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs: { j: job } } });
  const { bus } = daemon;
  expect(await bus.event('job_blocked')).toMatchObject({ reason: 'missing_directory' });
  await bus.shows('job/j', {
    state: 'blocked',
    blocked_reason: 'missing_directory',
    failures: 0,
    workers: 0,
  });
  expect(String(bus.object('job/j').last_error)).toMatch(/dest_dir .*later doesn't exist/);
  await mkdir(daemon.path('later'));
  await bus.event('job_end');
  expect(bus.events({ type: 'job_unblocked' })).toMatchObject([{ reason: 'found' }]);
  expect(await readdir(daemon.path('later'))).toHaveLength(1);
});

test('a full disk holds back what it has no room for', async ({ skip }) => {
  const daemon = await prepareDaemon();
  const plots = daemon.path('plots');
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=6M', 'none', plots]);
  } catch {
    skip('mounting a small file system is not permitted here');
  }
  onTestFinished(async () => void (await run('umount', ['-l', plots])));
  // A k18 plot is reckoned with 4.2 MB: one fits, two do not.
  const job = {
    ...STEPPING_JOB,
    check_space: true,
    arguments: { k: 18 },
    starts: [{ on: 'go', workers: 3 }],
    max_workers: 3,
  };
  await daemon.configure({ jobs: { j: job } });
  await daemon.start();
  const { bus } = daemon;
  await bus.command('fire/go');
  await bus.event('job_blocked', { reason: 'dest_full' });
  await bus.shows('job/j', { state: 'blocked', blocked_reason: 'dest_full', workers: 1, pending: 2 });
  expect(await bus.command('job/j/do/start')).toMatchObject({ error: { code: 'no_space' } });
  await run('mount', ['-o', 'remount,size=60M', plots]);
  await allow(daemon, 'all');
  await bus.event('worker_end', { result: 'done' }, 3);
  await bus.event('job_unblocked', { reason: 'room' });
  await bus.shows('job/j', { blocked_reason: 'none', pending: 0, plots_done: 3 });
});
