import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { OK, refused } from '../support/e2e/answers.ts';
import { startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, QUICK } from '../support/e2e/plotters.ts';

/** A job that keeps running: each worker fails as long as there is a file `fail`. */
const KEPT = {
  ...ENDLESS,
  command: `[ ! -e fail ] || exit 3; ${ENDLESS.command}`,
  keep_running: true,
  max_failures: 0,
};

const GATES = [
  ...['enabled', 'failing', 'paused', 'max_workers', 'plots_to_do', 'farm'],
  ...['missing_argument', 'missing_directory', 'disk', 'temp_full', 'dest_full'],
];

function why(daemon: TestDaemon, ...words: string[]) {
  return daemon.run(['why', ...words, '--config', daemon.configFile]);
}

describe('what a job waits for', () => {
  test('is the same on its topics, in answers and on the terminal', async () => {
    const jobs = {
      busy: { ...ENDLESS, max_workers: 1, starts: [{ on: 'go' }] },
      chained: { ...QUICK, starts: [{ on: 'go' }] },
      alone: QUICK,
    };
    const daemon = await startDaemon({ config: { jobs } });
    const { bus } = daemon;
    await bus.shows('job/chained', {
      waiting_for: 'event',
      waiting_text: "a worker starts on 'go'",
      next_start_at: null,
    });
    expect(bus.last('job/chained/waiting_for')?.text).toBe('event');
    expect(bus.last('job/chained/next_start_at')?.text).toBe('None');
    expect(bus.object('job/alone').waiting_for).toBe('nothing');

    expect(await bus.command('job/busy/do/start')).toMatchObject({ status: 'ok' });
    const text = '1 of 1 workers run (max_workers 1)';
    expect(bus.object('job/busy')).toMatchObject({ waiting_for: 'max_workers', waiting_text: text });
    expect(bus.last('job/busy/waiting_text')?.text).toBe(text);
    expect(await bus.command('job/busy/do/start')).toMatchObject({
      error: { code: 'limit_reached', message: text },
    });

    const answer = await bus.command('bridge/request/why', { job: 'busy' });
    expect(answer).toMatchObject({
      status: 'ok',
      data: {
        gates: GATES.map((gate) => ({ gate, open: gate !== 'max_workers', text: expect.any(String) })),
      },
    });
    expect(await bus.command('bridge/request/why', 'busy')).toMatchObject({ data: answer.data });
    expect(await bus.command('bridge/request/why', { job: 'nobody' })).toMatchObject(refused('unknown_job'));
    expect(await bus.command('bridge/request/why', '')).toMatchObject(refused('invalid_payload', 'job'));

    const one = await why(daemon, 'busy');
    expect(one).toMatchObject({ code: 0, stderr: '' });
    const [first, ...gates] = one.stdout.trimEnd().split('\n');
    expect(first).toBe(`busy: max_workers: ${text}`);
    expect(gates.map((line) => line.trim().split(/ +/)[1])).toEqual(GATES);
    expect(gates.filter((line) => line.startsWith('  closed'))).toEqual([
      expect.stringMatching(/^ {2}closed {2}max_workers +1 of 1 workers run/),
    ]);

    const all = await why(daemon);
    expect(all.code).toBe(0);
    expect(all.stdout.trimEnd().split('\n')).toEqual([
      `busy: max_workers: ${text}`,
      "chained: event: a worker starts on 'go'",
      expect.stringMatching(/^alone: nothing: /),
    ]);
    expect(await why(daemon, 'nobody')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: "there is no job 'nobody'\n",
    });
    await daemon.stop();
    expect(await why(daemon)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the daemon does not answer/),
    });
  });

  test('is a delayed event that will start a worker, over a restart too', async () => {
    const jobs = {
      first: { ...ENDLESS, events: [{ fire: 'go', on: 'plotter_started', delay: '1h' }] },
      second: { ...QUICK, starts: [{ on: 'go' }] },
    };
    const daemon = await startDaemon({ config: { jobs } });
    const { bus } = daemon;
    await bus.command('job/first/do/start');
    await bus.event('plotter_started');
    const { next_start_at } = await bus.shows('job/second', { waiting_for: 'delay' });
    expect(Date.parse(String(next_start_at))).toBeGreaterThan(Date.now());
    await daemon.restart();
    await bus.shows('job/second', { waiting_for: 'delay', next_start_at });
  });

  test('shows no secret', async () => {
    const daemon = await startDaemon({
      config: { jobs: { j: { ...QUICK, arguments: { temp_dir: '!' } } } },
    });
    const { bus } = daemon;
    const text = (await readFile(daemon.configFile, 'utf8')).replace('"!"', '!secret place');
    await writeFile(daemon.path('secrets.yaml'), `place: ${daemon.path('hidden-place')}\n`);
    await writeFile(daemon.configFile, text);
    expect(await bus.command('bridge/request/reload')).toMatchObject(OK);
    await bus.command('job/j/do/start');
    const waiting_text =
      "job 'j': temp_dir *** doesn't exist; directories are never made, is the disk mounted?";
    await bus.shows('job/j', { waiting_for: 'missing_directory', waiting_text });
    expect((await why(daemon, 'j')).stdout).toContain(`missing_directory: ${waiting_text}`);
    expect(JSON.stringify(await bus.command('bridge/request/why', 'j'))).not.toContain('hidden-place');
  });
});

describe('a job that keeps running', () => {
  test('goes on over a pause and a restart', async () => {
    const daemon = await startDaemon({ config: { jobs: { kept: KEPT } } });
    const { bus } = daemon;
    await bus.shows('job/kept', { workers: 1, waiting_for: 'max_workers' });
    const { worker } = await bus.shows('job/kept/worker/1', { status: 'plotting' });
    await bus.command('job/kept/set/paused', 'ON');
    expect(bus.object('job/kept')).toMatchObject({
      waiting_for: 'paused',
      waiting_text: 'the job is paused',
    });
    expect(await bus.command('job/kept/worker/1/do/dismiss')).toMatchObject(OK);
    await daemon.restart();
    expect(bus.object('job/kept')).toMatchObject({ workers: 0, pending: 0, waiting_for: 'paused' });
    await bus.command('job/kept/set/paused', 'OFF');
    const next = await bus.shows('job/kept/worker/1', { status: 'plotting' });
    expect(next.worker).not.toBe(worker);

    expect(await bus.command('job/kept/do/dismiss')).toMatchObject(OK);
    expect(bus.object('job/kept')).toMatchObject({ workers: 0, waiting_for: 'nothing' });
    await daemon.restart();
    await bus.shows('job/kept', { workers: 1, waiting_for: 'max_workers' });
  });

  test('waits after a failure, over a restart too, until it is reset', async () => {
    const daemon = await startDaemon({
      config: { jobs: { kept: { ...KEPT, enabled: false } } },
      files: { fail: '' },
    });
    const { bus } = daemon;
    await bus.command('job/kept/set/enabled', 'ON');
    const { worker } = await bus.event('worker_end');
    const { next_start_at } = await bus.shows('job/kept', { waiting_for: 'delay', workers: 0 });
    expect(bus.last('job/kept/next_start_at')?.text).toBe(next_start_at);
    await rm(daemon.path('fail'));
    await daemon.restart();
    await bus.shows('job/kept', { waiting_for: 'delay', next_start_at, workers: 0 });
    await bus.command('job/kept/do/reset');
    await bus.shows('job/kept', { waiting_for: 'max_workers', workers: 1 });
    const next = await bus.shows('job/kept/worker/1', { status: 'plotting' });
    expect(next.worker).not.toBe(worker);
  });

  test('has a limit', async () => {
    const { bus } = await startDaemon({ config: { jobs: { kept: { ...KEPT, enabled: false } } } });
    const code = 'invalid_config';
    expect(await bus.command('job/kept/set/max_workers', '0')).toMatchObject(refused(code, 'max_workers'));
    const made = { id: 'made', plotter: 'madmax', keep_running: true, enabled: false };
    expect(await bus.command('bridge/request/job/create', { ...made, max_workers: 0 })).toMatchObject(
      refused(code, 'keep_running'),
    );
    expect(await bus.command('bridge/request/job/create', made)).toMatchObject({
      data: { job: { keep_running: true, state: { waiting_for: 'enabled' } } },
    });
  });
});
