import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { prepareDaemon, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, FAILING, QUICK } from '../support/e2e/plotters.ts';

const say = (daemon: TestDaemon, ...words: string[]) => daemon.run([...words, '--config', daemon.configFile]);
const done = (stdout: string | RegExp) => ({
  code: 0,
  stdout: typeof stdout === 'string' ? `${stdout}\n` : expect.stringMatching(stdout),
  stderr: '',
});
const refused = (stderr: string | RegExp) => ({
  code: 1,
  stdout: '',
  stderr: typeof stderr === 'string' ? `${stderr}\n` : expect.stringMatching(stderr),
});

/** A daemon that works while its broker has never been there. */
async function withoutBroker(jobs: Record<string, object>): Promise<TestDaemon> {
  const daemon = await prepareDaemon({ broker: 'mosquitto', config: { jobs } });
  await daemon.mosquitto?.stop();
  daemon.launch();
  await expect.poll(async () => (await say(daemon, 'health')).code, { timeout: 20_000 }).toBe(0);
  return daemon;
}

test('commands of the terminal are carried out while the broker is away', async () => {
  const jobs = { busy: { ...ENDLESS, max_workers: 3 }, chained: { ...ENDLESS, starts: [{ on: 'go' }] } };
  const daemon = await withoutBroker(jobs);
  const started = (slot: number) => new RegExp(`^busy: 1 worker started: slot ${slot} \\([\\w-]+\\)\\n$`);
  expect(await say(daemon, 'start', 'busy')).toMatchObject(done(started(1)));
  expect(await say(daemon, 'start', 'busy', '5')).toMatchObject(
    done(/^busy: 2 of 5 workers started: slot 2 \(\S+\), slot 3 \(\S+\)\n$/),
  );
  expect(await say(daemon, 'start', 'busy')).toMatchObject(
    refused('refused (limit_reached): 3 of 3 workers run (max_workers 3)'),
  );
  expect(await say(daemon, 'dismiss', 'busy', '2')).toMatchObject(
    done('busy: the worker in slot 2 is stopped'),
  );
  expect(await say(daemon, 'dismiss', 'busy', '2')).toMatchObject(refused(/^refused \(unknown_worker\): /));

  expect(await say(daemon, 'pause', 'busy')).toMatchObject(done('busy is paused'));
  expect((await say(daemon, 'why', 'busy')).stdout).toMatch(/^busy: paused: /);
  expect(await say(daemon, 'start', 'busy')).toMatchObject(refused(/^refused \(job_paused\): /));
  expect(await say(daemon, 'resume', 'busy')).toMatchObject(
    done('busy is no longer paused; nothing else holds it'),
  );
  expect(await say(daemon, 'set', 'busy', 'max_workers', '2')).toMatchObject(done('busy: max_workers is 2'));
  expect((await say(daemon, 'why', 'busy')).stdout).toMatch(/^busy: max_workers: 2 of 2 workers run/);
  expect(await say(daemon, 'set', 'busy', 'max_workers', 'many')).toMatchObject(
    refused(/^refused \(invalid_payload\): a whole number/),
  );
  expect(await say(daemon, 'set', 'busy', 'colour', 'red')).toMatchObject(
    refused(/^refused \(unknown_command\): .*max_workers/),
  );
  expect(await say(daemon, 'dismiss', 'busy')).toMatchObject(done('busy: no worker runs any more'));
  expect(await say(daemon, 'reset', 'busy')).toMatchObject(done('busy: plots done and failures begin at 0'));
  expect(await say(daemon, 'reset', 'nobody')).toMatchObject(
    refused("refused (unknown_job): there is no job 'nobody'"),
  );

  expect(await say(daemon, 'fire', 'go')).toMatchObject(done("'go' was fired; 1 job starts on it"));
  await expect
    .poll(async () => (await say(daemon, 'why', 'chained')).stdout)
    .toMatch(/^chained: max_workers: 1 of 1/);
  expect(await say(daemon, 'start')).toMatchObject({ code: 2, stdout: '' });

  await daemon.configure({ jobs: { ...jobs, later: QUICK } });
  expect(await say(daemon, 'reload')).toMatchObject(done('the configuration was read again'));
  expect((await say(daemon, 'why', 'later')).code).toBe(0);
  await writeFile(daemon.configFile, JSON.stringify({ data_dir: 'data', jobs: { later: { plotter: 1 } } }));
  expect(await say(daemon, 'reload')).toMatchObject(
    refused(/^refused \(invalid_config, jobs\.later\.plotter\): \S+config\.yaml:\d+:\d+: /),
  );
});

test('the status is what the topics show', async () => {
  const daemon = await startDaemon({
    broker: 'mosquitto',
    config: { jobs: { busy: { ...ENDLESS, max_workers: 2, title: 'Nightly' }, idle: QUICK } },
  });
  const { bus } = daemon;
  await bus.command('job/busy/do/start');
  await bus.shows('job/busy/worker/1', { status: 'plotting', stage: '1.1' });
  await bus.message('host');
  const json = await say(daemon, 'status', 'busy', '--json');
  expect(json).toMatchObject({ code: 0, stderr: '' });
  const { progress: _, eta: __, ...worker } = bus.object('job/busy/worker/1');
  const { last_end_at: ___, ...farm } = bus.object('farm');
  expect(JSON.parse(json.stdout)).toMatchObject({
    farm,
    host: { disks: [{ role: 'temp', path: daemon.path('tmp') }, { role: 'destination' }] },
    jobs: [bus.object('job/busy')],
    workers: [{ job: 'busy', slot: 1, ...worker }],
    moves: [],
  });

  await daemon.mosquitto?.stop();
  const { stdout, code } = await say(daemon, 'status');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, 4)).toEqual([
    expect.stringMatching(/^farm: 1 of 1000 workers, 0 plots today(, the last ends \d{4}-\S+ \S+)?$/),
    '',
    'busy (Nightly): running, 1 of 2 workers, 0 plots done',
    expect.stringMatching(/^ {2}waits for nothing: /),
  ]);
  expect(lines[4]).toMatch(/^ {2}slot 1 {2}plotting {2}1(\.\d)? .* \d+\.\d %/);
  expect(lines[5]).toBe('idle: idle, 0 of 1 workers, 0 plots done');
  expect(stdout).toMatch(/\ntemp +\S+\/tmp +\d+ % used +.* free of /);
  for (const only of ['█', '░', '\x1b']) expect(stdout).not.toContain(only);
  expect(await say(daemon, 'status', 'nobody')).toMatchObject(refused("there is no job 'nobody'"));
});

test('the history is the same on the terminal and over MQTT, and needs no broker', async () => {
  const daemon = await startDaemon({
    broker: 'mosquitto',
    config: { jobs: { good: QUICK, bad: FAILING, long: ENDLESS } },
  });
  const { bus } = daemon;
  expect(await say(daemon, 'history')).toMatchObject(done('no worker has ended'));
  expect(await bus.command('bridge/request/history')).toEqual({
    status: 'ok',
    data: { plots: [], total: 0 },
  });
  for (const [index, job] of ['good', 'bad', 'good'].entries()) {
    await bus.command(`job/${job}/do/start`);
    await bus.event('worker_end', {}, index + 1);
  }
  const answer = await bus.command('bridge/request/history', { limit: 2 });
  expect(answer).toMatchObject({
    data: {
      total: 3,
      plots: [
        { job: 'bad', slot: 1, result: 'failed', plot: null, error: expect.any(String) },
        {
          ...{ job: 'good', slot: 1, result: 'done', plotter: 'madmax', error: null },
          plot: expect.stringMatching(/\.plot$/),
          phases: { 1: expect.any(Number), 5: expect.any(Number) },
          cause: { kind: 'manual', event: null, seq: null },
        },
      ],
    },
  });
  const { plots } = z.object({ plots: z.array(z.unknown()) }).parse(answer.data);
  expect((await daemon.lines('data', 'history.jsonl')).slice(-2).map((line) => JSON.parse(line))).toEqual(
    plots,
  );
  expect(await bus.command('bridge/request/history', { job: 'long' })).toMatchObject({
    data: { plots: [], total: 0 },
  });
  expect(await bus.command('bridge/request/history', 'nobody')).toMatchObject({
    error: { code: 'unknown_job' },
  });

  await daemon.mosquitto?.stop();
  const json = await say(daemon, 'history', '--limit', '2', '--json');
  expect(json).toMatchObject({ code: 0, stderr: '' });
  expect(
    json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(plots);
  const { stdout } = await say(daemon, 'history', '--since', '1h');
  const [head, ...lines] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^ended +job +slot +result +seconds +phase 1 .* phase 5 +kind +plot$/);
  expect(lines).toEqual([
    expect.stringMatching(/ good +1 +done +\d+ .*\.plot$/),
    expect.stringMatching(/ bad +1 +failed /),
    expect.stringMatching(/ good +1 +done +\d+ .*\.plot$/),
    expect.stringMatching(/^3 workers: 2 done, 1 failed; 2 plots, .* in all, took \d+ s each, phase 1 /),
  ]);
  expect((await say(daemon, 'history', 'good', '--limit', '1')).stdout).toMatch(
    /\n1 of 2 workers: 1 done; the plot of /,
  );
  expect(await say(daemon, 'history', 'nobody')).toMatchObject(refused(/^refused \(unknown_job\): /));
});

test('a command needs no more of the file than data_dir, and says who does not answer', async () => {
  const daemon = await withoutBroker({ busy: ENDLESS });
  await daemon.configure({ mqtt: { password: `\${NOT_SET}` }, data_dir: daemon.path('data') });
  expect(await say(daemon, 'start', 'busy')).toMatchObject({ code: 0 });
  await daemon.kill();
  expect(await say(daemon, 'dismiss', 'busy')).toMatchObject(
    refused(/^the daemon does not answer: no daemon works on \S+\n$/),
  );
  await rm(daemon.configFile);
  expect(await say(daemon, 'dismiss', 'busy')).toMatchObject(
    refused(/^the daemon does not answer: there is no configuration at /),
  );
});

test('who waits no longer for the end of a worker is told that it may come all the same', async () => {
  const stubborn = `sh -c 'trap "" TERM; while :; do sleep 1; done' sh "$@"`;
  const daemon = await withoutBroker({ slow: { ...ENDLESS, command: stubborn, stop_grace: '1h' } });
  expect(await say(daemon, 'start', 'slow')).toMatchObject({ code: 0 });
  expect(await say(daemon, 'dismiss', 'slow')).toMatchObject(
    refused(/^the daemon does not answer: no answer within 5 s .*; it may do it all the same\n$/),
  );
});
