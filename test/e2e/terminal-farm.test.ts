import { expect, inject, test } from 'vitest';
import * as z from 'zod';
import { prepareDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS } from '../support/e2e/plotters.ts';
import { TestTerminal } from '../support/terminal/terminal.ts';

const say = (daemon: TestDaemon, ...words: string[]) => daemon.run([...words, '--config', daemon.configFile]);
const done = (stdout: string | RegExp) => ({
  code: 0,
  stdout: typeof stdout === 'string' ? `${stdout}\n` : expect.stringMatching(stdout),
  stderr: '',
});

const statusSchema = z.object({
  farm: z.looseObject({
    workers: z.int(),
    drained: z.boolean(),
    holds: z.array(z.looseObject({ name: z.string() })),
  }),
  jobs: z.array(z.looseObject({ id: z.string(), state: z.string() })),
});

async function status(daemon: TestDaemon) {
  const { farm, jobs } = statusSchema.parse(JSON.parse((await say(daemon, 'status', '--json')).stdout));
  return {
    ...{ workers: farm.workers, drained: farm.drained, holds: farm.holds.map(({ name }) => name) },
    states: Object.fromEntries(jobs.map(({ id, state }) => [id, state])),
  };
}

/** A daemon whose broker is away, with a worker of each of two jobs. */
async function busyFarm(): Promise<TestDaemon> {
  const daemon = await prepareDaemon({
    broker: 'mosquitto',
    config: {
      jobs: { cpu: { ...ENDLESS, max_workers: 2 }, gpu: ENDLESS },
      holds: { price: { kind: 'no_starts', jobs: ['c*'] } },
    },
  });
  await daemon.mosquitto?.stop();
  daemon.launch();
  await expect.poll(async () => (await say(daemon, 'health')).code, { timeout: 20_000 }).toBe(0);
  for (const job of ['cpu', 'gpu']) expect(await say(daemon, 'start', job)).toMatchObject({ code: 0 });
  return daemon;
}

test('the farm is paused, and who still holds is named', async () => {
  const daemon = await busyFarm();
  expect(await say(daemon, 'resume')).toMatchObject(done('the farm was not paused; nothing else holds it'));
  expect(await say(daemon, 'resume', 'cpu')).toMatchObject(done('cpu was not paused; nothing else holds it'));
  expect(await say(daemon, 'pause')).toMatchObject(done('the farm is paused'));
  expect(await say(daemon, 'pause')).toMatchObject(done('the farm was paused already'));
  expect((await status(daemon)).states).toEqual({ cpu: 'paused', gpu: 'paused' });
  expect(await say(daemon, 'hold', 'price', '--reason', '31 ct/kWh', '--for', '2h')).toMatchObject(
    done(
      /^the farm's hold 'price' stands; 'price' \(no_starts; jobs c\*; until \d{4}-\d\d-\d\d \d\d:\d\d; 31 ct\/kWh\)\n$/,
    ),
  );
  expect(await say(daemon, 'hold', 'heat', 'cpu')).toMatchObject(done("cpu: the hold 'heat' stands"));
  expect(await say(daemon, 'hold', 'heat', 'cpu')).toMatchObject(
    done("cpu: the hold 'heat' stood so already"),
  );
  expect(await say(daemon, 'pause', 'cpu')).toMatchObject(done('cpu is paused'));
  expect((await say(daemon, 'why', 'cpu')).stdout).toMatch(/31 ct\/kWh/);

  expect(await say(daemon, 'resume')).toMatchObject(
    done(
      /^the pause of the farm is released; still held: 'price' \(.*; 31 ct\/kWh\), job 'cpu' by 'heat', its own pause\n$/,
    ),
  );
  expect((await status(daemon)).states).toEqual({ cpu: 'paused', gpu: 'running' });
  expect(await say(daemon, 'resume', 'cpu')).toMatchObject(
    done(/^cpu is no longer paused; still held: the farm's hold 'price' \(.*\), its hold 'heat'\n$/),
  );
  expect(await say(daemon, 'release', 'heat', 'cpu')).toMatchObject(
    done(/^cpu: 'heat' is released; still held: the farm's hold 'price' /),
  );
  expect(await say(daemon, 'release', 'price')).toMatchObject(
    done("the farm's hold 'price' is released; nothing else holds it"),
  );
  expect(await say(daemon, 'release', 'price')).toMatchObject(
    done("the farm has no hold 'price'; nothing else holds it"),
  );
  expect((await status(daemon)).states).toEqual({ cpu: 'running', gpu: 'running' });
  expect(await say(daemon, 'release', 'heat', 'nobody')).toMatchObject({
    code: 1,
    stderr: "refused (unknown_job): there is no job 'nobody'\n",
  });
});

test('the farm is limited, drained, and stopped after a yes', async () => {
  const daemon = await busyFarm();
  expect(await say(daemon, 'set', 'farm', 'max_workers', '2')).toMatchObject(
    done('the farm: max_workers is 2'),
  );
  expect(await say(daemon, 'start', 'cpu')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^refused \(limit_reached\)/),
  });
  expect(await say(daemon, 'drain', '--for', '1h')).toMatchObject(
    done(/^the farm drains, no worker is started; 2 workers run(, the last will have ended 2.*)?\n$/),
  );
  expect((await say(daemon, 'status')).stdout).toMatch(
    /^farm: 2 of 2 workers.*\n {2}held by 'drain' \(no_starts; until .*\)\n/,
  );
  expect(await say(daemon, 'release', 'drain')).toMatchObject({ code: 0 });

  expect(await say(daemon, 'stop')).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: '"stop" stops every worker: say "plot2mqtt stop --yes"\n',
  });
  const program = [process.execPath, inject('program'), 'stop', '--config', daemon.configFile];
  const asked = () =>
    new TestTerminal(program, { columns: 100, rows: 24 }, { cwd: daemon.dir, env: daemon.environment });
  for (const no of ['n\r', '\r', '\x03', '\x04']) {
    const terminal = asked();
    await expect
      .poll(() => terminal.raw, { timeout: 20_000 })
      .toContain('Stop all 2 workers? What they have plotted is lost. [y/N] ');
    terminal.keys(no);
    expect(await terminal.ended).toBe(1);
    expect(terminal.raw).toContain('nothing was stopped');
  }
  expect(await status(daemon)).toMatchObject({ workers: 2, holds: [] });
  const terminal = asked();
  await expect.poll(() => terminal.raw, { timeout: 20_000 }).toContain('[y/N] ');
  terminal.keys('y\r');
  expect(await terminal.ended).toBe(0);
  expect(terminal.raw).toContain('no worker runs any more; none is started until "plot2mqtt release drain"');
  expect(await status(daemon)).toMatchObject({ workers: 0, drained: true, holds: ['drain'] });
  expect(await say(daemon, 'drain')).toMatchObject(
    done(/^the farm (drains|drained).*; nothing runs any more\n$/),
  );
  expect(await say(daemon, 'stop', '--yes')).toMatchObject({ code: 0 });
  expect(await say(daemon, 'release', 'drain')).toMatchObject(
    done("the farm's hold 'drain' is released; nothing else holds it"),
  );
});
