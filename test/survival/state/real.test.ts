import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { allow, QUICK, STEPPING_JOB, waitForFile } from '../../support/e2e/plotters.ts';

const post_command = 'echo $PLOT2MQTT_WORKER >>post.txt';
const JOBS = {
  quick: { ...QUICK, post_command },
  slow: { ...STEPPING_JOB, post_command },
};

interface Killed {
  daemon: TestDaemon;
  /** The worker whose plotter runs on. */
  worker: string;
  instance: unknown;
  seq: number;
  ids: Set<string>;
}

/** A daemon that was killed after one plot and in the middle of another. */
async function killedInMidPlot(): Promise<Killed> {
  // What a daemon tells first, an embedded broker has nobody to tell to yet.
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  await daemon.configure({ jobs: JOBS });
  const { bus } = await daemon.start();
  const { instance } = bus.object('bridge/info');
  await bus.command('bridge/request/job/create', { id: 'made', plotter: 'madmax', plots_to_do: 7 });
  await bus.command('job/quick/do/start');
  await bus.event('worker_end', { job: 'quick', result: 'done' });
  await bus.command('job/slow/do/start');
  const { worker } = await bus.event('plotter_started', { job: 'slow' });
  await bus.event('stage_started', { job: 'slow', stage: '1.7' });
  await daemon.kill();
  const events = bus.events();
  const seq = Math.max(...events.map((event) => event.seq));
  return { daemon, worker: String(worker), instance, seq, ids: new Set(events.map(({ id }) => id)) };
}

function flip(file: string, at: (bytes: Buffer) => number): void {
  const bytes = readFileSync(file);
  const index = at(bytes);
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

const newest = (daemon: TestDaemon): string => {
  const names = readdirSync(daemon.path('data')).filter((name) => /^journal\.\d+\.jsonl$/.test(name));
  const number = (name: string) => Number(name.split('.')[1]);
  return daemon.path('data', names.sort((a, b) => number(b) - number(a))[0] ?? '');
};

/** Whatever it is that befell the files: the plot that runs is found, counts, and all agrees. */
async function expectAllIsWell(killed: Killed, lost: boolean): Promise<void> {
  const { daemon, worker, instance, seq, ids } = killed;
  const { bus } = daemon;
  const from = bus.mark();
  await daemon.start();
  expect(bus.object('bridge/info').instance).toBe(instance);
  await bus.shows('job/slow/worker/1', { worker, status: 'plotting' });
  await bus.shows('job/quick', { plots_done: 1 });
  await allow(daemon, 'all');
  await bus.event('worker_end', { worker, result: 'done' });
  await bus.shows('bridge/stats', { plots_done: 2, workers: 0 });
  await bus.shows('job/slow', { plots_done: 1 });
  expect((await daemon.lines('post.txt')).length).toBe(2);
  expect(await daemon.lines('data', 'history.jsonl')).toHaveLength(2);
  expect(readdirSync(daemon.path('data', 'workers'))).toEqual([]);
  expect(readdirSync(daemon.path('tmp'))).toEqual([]);
  const told = bus.messages.slice(from).filter(({ topic }) => topic === 'plot2mqtt/event');
  const after = told.map(({ text }) => JSON.parse(text)).filter(({ id }) => !ids.has(id));
  const numbers = after.map((event) => event.seq);
  expect(numbers).toEqual(numbers.map((_, index) => numbers[0] + index));
  // Without the state, what is left says no more than that there was a loss.
  if (lost) expect(numbers[0]).toBeGreaterThan(1_000_000);
  else expect(numbers[0]).toBe(seq + 1);
  await daemon.stop();
  const said = daemon.said.length;
  await daemon.start();
  expect(daemon.said.slice(said).join('\n')).not.toMatch(/"level":(4|5)0/);
  await bus.shows('bridge/stats', { plots_done: 2, workers: 0 });
}

describe('with a plot in flight', () => {
  const state = (daemon: TestDaemon) => daemon.path('data', 'state.json');

  test('one flipped bit in state.json: the one before it and the journals tell all', async () => {
    const killed = await killedInMidPlot();
    flip(state(killed.daemon), (bytes) => bytes.indexOf('"plots_done":') + '"plots_done":'.length);
    await expectAllIsWell(killed, false);
    await killed.daemon.bus.shows('job/made', { plots_to_do: 7 });
    expect(killed.daemon.said.join('\n')).toContain('state.json.bad-');
  });

  test('JSON that is no state in state.json', async () => {
    const killed = await killedInMidPlot();
    writeFileSync(
      state(killed.daemon),
      '{"format":"plot2mqtt-state","version":1,"generation":1,"saved_at":"","state":{}}',
    );
    await expectAllIsWell(killed, false);
  });

  test('one flipped bit in the journal: later lines count, events and post-commands come once', async () => {
    const killed = await killedInMidPlot();
    flip(newest(killed.daemon), (bytes) => bytes.indexOf('"post_process_started"') + 5);
    await expectAllIsWell(killed, true);
  });

  test('the journal cut between two lines before the live worker was in it', async () => {
    const killed = await killedInMidPlot();
    const file = newest(killed.daemon);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.slice(0, text.lastIndexOf('\n', text.indexOf(`["worker","${killed.worker}",{"id"`)) + 1),
    );
    await expectAllIsWell(killed, true);
  });

  test('no state and no journal at all: instance, history and the worker’s directory are left', async () => {
    const killed = await killedInMidPlot();
    const data = killed.daemon.path('data');
    for (const name of readdirSync(data)) if (/^(state|journal)/.test(name)) rmSync(join(data, name));
    await expectAllIsWell(killed, true);
  });

  test('everything but the worker’s processes and config.yaml is damaged', async () => {
    const killed = await killedInMidPlot();
    const data = killed.daemon.path('data');
    for (const name of readdirSync(data))
      if (/^(state|journal|instance)/.test(name)) writeFileSync(join(data, name), 'damaged');
    writeFileSync(join(data, 'workers', killed.worker, 'worker.json'), 'damaged');
    appendFileSync(join(data, 'history.jsonl'), '{"worker":"torn');
    const { daemon, worker } = killed;
    await daemon.start();
    await daemon.bus.shows('job/slow/worker/1', { worker, status: 'plotting' });
    await allow(daemon, 'all');
    await daemon.bus.event('worker_end', { worker, result: 'done' });
    await daemon.bus.shows('bridge/stats', { plots_done: 2, workers: 0 });
    expect(await daemon.lines('post.txt')).toHaveLength(2);
  });

  test.each(['missing', 'damaged', 'of a process that is another'])(
    'a claim that is %s: the plotter is found',
    async (how) => {
      const killed = await killedInMidPlot();
      const claim = join(killed.daemon.path('data', 'workers', killed.worker), 'plotter.claim');
      if (how === 'missing') rmSync(claim);
      else if (how === 'damaged') writeFileSync(claim, readFileSync(claim, 'utf8').replace(' ', '\0'));
      else writeFileSync(claim, readFileSync(claim, 'utf8').replace(/^\d+/, '1'));
      await expectAllIsWell(killed, false);
    },
  );
});

test('a post-command that runs runs once, whatever of its files and of the state is gone', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  const waiting = `${post_command}; ${waitForFile('go')}`;
  await daemon.configure({ jobs: { quick: { ...QUICK, post_command: waiting } } });
  const { bus } = await daemon.start();
  await bus.command('job/quick/do/start');
  const { worker } = await bus.event('post_process_started');
  await daemon.kill();
  const data = daemon.path('data');
  rmSync(join(data, 'workers', String(worker), 'post.claim'));
  for (const name of readdirSync(data)) if (/^(state|journal)/.test(name)) rmSync(join(data, name));
  await daemon.start();
  await bus.shows('job/quick/worker/1', { worker, status: 'post_process' });
  writeFileSync(daemon.path('go'), '');
  await bus.event('worker_end', { worker, result: 'done', error: null });
  await bus.shows('bridge/stats', { plots_done: 1, workers: 0 });
  expect(await daemon.lines('post.txt')).toHaveLength(1);
});

describe('a data_dir that was moved', () => {
  async function start(daemon: TestDaemon): Promise<{ code: number | null; said: string }> {
    const { code, stdout, stderr } = await daemon.run(['run', '--config', daemon.configFile]);
    return { code, said: stdout + stderr };
  }

  test('is refused while workers live, with the path at which it was; a link there, or their end, makes it good', async () => {
    const killed = await killedInMidPlot();
    const { daemon, worker } = killed;
    const [was, is] = [daemon.path('data'), daemon.path('moved')];
    renameSync(was, is);
    await daemon.configure({ data_dir: is, jobs: JOBS });
    const { code, said } = await start(daemon);
    expect(code).toBe(1);
    expect(said).toContain(`data_dir was moved from ${was} to ${is} while worker ${worker} runs`);
    symlinkSync(is, was);
    await daemon.start();
    await daemon.bus.shows('job/slow/worker/1', { worker, status: 'plotting' });
    await allow(daemon, 'all');
    await daemon.bus.event('worker_end', { worker, result: 'done' });
    await daemon.stop();
    rmSync(was);
    await daemon.start();
    await daemon.bus.shows('bridge/stats', { plots_done: 2, workers: 0 });
  });
});
