import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { PASSING_EVENTS } from '../../src/contract/rows/events.ts';
import { refused } from '../support/e2e/answers.ts';
import { prepareDaemon, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, QUICK } from '../support/e2e/plotters.ts';

const eventSchema = z.looseObject({
  id: z.string(),
  seq: z.int(),
  type: z.string(),
  job: z.string().nullable(),
});

/** Follows events beside a daemon, until it is told to end. */
function follow(daemon: TestDaemon, ...words: string[]) {
  const program = [inject('program'), 'events', ...words, '--config', daemon.configFile];
  const child = spawn(process.execPath, program, { cwd: daemon.dir, env: daemon.environment });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code);
  const lines = () => said.out.split('\n').filter(Boolean);
  return {
    said,
    ended,
    lines,
    events: () => lines().map((line) => eventSchema.parse(JSON.parse(line))),
    interrupt: () => child.kill('SIGINT'),
  };
}

const isKept = (type: string) => !PASSING_EVENTS.has(type);
const fire = (daemon: TestDaemon, name: string) => daemon.run(['fire', name, '--config', daemon.configFile]);

test('events are followed while the broker is away, of all or of a job, until Ctrl-C', async () => {
  const daemon = await prepareDaemon({
    broker: 'mosquitto',
    config: { jobs: { busy: ENDLESS, other: ENDLESS } },
  });
  await daemon.mosquitto?.stop();
  daemon.launch();
  const config = ['--config', daemon.configFile];
  await expect.poll(async () => (await daemon.run(['health', ...config])).code, { timeout: 20_000 }).toBe(0);
  const [all, busy, plain] = [
    follow(daemon, '--json'),
    follow(daemon, 'busy', '--json'),
    follow(daemon, 'busy', '--since', '1h'),
  ];
  // That they follow is only seen by what they say.
  for (const each of [all, busy])
    await expect
      .poll(
        async () => {
          await daemon.run(['pause', 'busy', ...config]);
          await daemon.run(['hold', 'x', 'busy', ...config]);
          await daemon.run(['release', 'x', 'busy', ...config]);
          return each.events().map(({ type }) => type);
        },
        { timeout: 20_000 },
      )
      .toContain('hold_released');
  await daemon.run(['resume', 'busy', ...config]);
  await daemon.run(['start', 'busy', ...config]);
  await daemon.run(['start', 'other', ...config]);
  await expect.poll(() => busy.events().map(({ type }) => type)).toContain('stage_started');
  await expect.poll(() => all.events().map(({ job }) => job)).toContain('other');
  expect(new Set(busy.events().map(({ job }) => job))).toEqual(new Set(['busy']));
  await expect.poll(() => plain.lines().join('\n')).toMatch(/ {2}busy\/1 {2}stage_started {2}stage 1/);
  expect(plain.lines().slice(0, 2)).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}busy {2}job_created$/),
    expect.stringMatching(/ {2}busy {2}hold_set {2}hold x, kind pause$/),
  ]);
  expect(plain.said.out).toMatch(/busy\/1 {2}worker_started {2}cause \{"kind":"manual"/);
  expect(plain.said.out).not.toContain('arguments');
  for (const each of [all, busy, plain]) {
    each.interrupt();
    expect(await each.ended).toBe(0);
    expect(each.said.err).toBe('');
  }
});

test('none is missed or doubled between what was and what comes', async () => {
  const daemon = await startDaemon({ config: { jobs: { quick: { ...QUICK, max_workers: 0 } } } });
  let names = 0;
  let going = true;
  const firing = (async () => {
    for (; going; names += 1) await daemon.bus.command(`fire/n${names}`);
  })();
  await expect.poll(() => names).toBeGreaterThan(20);
  const followers = [];
  for (let count = 0; count < 8; count++) {
    followers.push(follow(daemon, '--since', '1h', '--json'));
    const before = names;
    await expect.poll(() => names).toBeGreaterThan(before + 20);
  }
  await daemon.bus.command('job/quick/do/start');
  await daemon.bus.event('worker_end');
  for (const each of followers) await expect.poll(() => each.said.out).toContain('"worker_end"');
  going = false;
  await firing;
  const last = `n${names - 1}`;
  const published = daemon.bus
    .events({})
    .filter(({ type }) => isKept(type))
    .map(({ seq }) => seq);
  for (const each of followers) {
    await expect.poll(() => each.said.out).toContain(`"${last}"`);
    const seqs = each.events().map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
    const keptSeqs = each
      .events()
      .filter(({ type }) => isKept(type))
      .map(({ seq }) => seq);
    expect(keptSeqs.slice(-published.length)).toEqual(published);
    each.interrupt();
    expect(await each.ended).toBe(0);
  }
  expect(published.length).toBeGreaterThan(100);
});

test('a killed daemon has all events of its past, each once, but stages and progress', async () => {
  const daemon = await startDaemon({ config: { jobs: { quick: QUICK } } });
  for (let round = 1; round <= 3; round++) {
    await daemon.bus.command('job/quick/do/start');
    await daemon.bus.event('worker_end', {}, round);
    await daemon.bus.command(`fire/round-${round}`);
    await daemon.restart();
  }
  const answer = await daemon.bus.command('bridge/request/events', { limit: 1000 });
  const { events } = z.object({ events: z.array(eventSchema) }).parse(answer.data);
  const seqs = events.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
  // What came before the first client did is only there.
  expect(events).toEqual(expect.arrayContaining(daemon.bus.events({}).filter(({ type }) => isKept(type))));
  expect(events.filter(({ type }) => !isKept(type))).toEqual([]);
  expect((await daemon.lines('data', 'events.jsonl')).map((line) => JSON.parse(line))).toEqual(events);

  const since = String(events[5]?.at);
  const later = await daemon.bus.command('bridge/request/events', { job: 'quick', since, limit: 3 });
  const ofQuick = events.filter(({ job, at }) => job === 'quick' && String(at) >= since);
  expect(later.data).toEqual({ events: ofQuick.slice(-3) });
  expect(await daemon.bus.command('bridge/request/events', 'nobody')).toMatchObject(refused('unknown_job'));
  expect(await daemon.bus.command('bridge/request/events', { limit: 0 })).toMatchObject(
    refused('invalid_payload', 'limit'),
  );
});

describe('following ends', () => {
  const shell = (daemon: TestDaemon, script: string) =>
    new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      const command = `'${process.execPath}' '${inject('program')}' events --config '${daemon.configFile}'`;
      const text = `set -o pipefail\n${script.replaceAll('EVENTS', command)}`;
      const child = spawn('bash', ['-c', text], { cwd: daemon.dir, env: daemon.environment });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      child.on('close', (code) => resolve({ code, out, err }));
    });

  test('when nobody reads any more, also where nothing happens', async () => {
    const daemon = await startDaemon({ config: { jobs: { quick: QUICK } } });
    for (const name of ['one', 'two', 'three']) await fire(daemon, name);
    const ended = await shell(daemon, 'EVENTS --since 1h | head -2');
    expect(ended).toEqual({
      code: 0,
      err: '',
      out: expect.stringMatching(/job_created\n.*name one, source mqtt\n$/),
    });
    expect(ended.out.split('\n')).toHaveLength(3);
    // It has read all there is, and goes.
    expect(await shell(daemon, 'EVENTS --since 1h | head -4')).toMatchObject({ code: 0, err: '' });
    expect(await shell(daemon, 'EVENTS --since 1h | false')).toMatchObject({ code: 1, out: '', err: '' });
  });

  test('with 1 where its output is full, the daemon ends, or there is no such job', async () => {
    const daemon = await startDaemon({ config: { jobs: { quick: QUICK } } });
    await fire(daemon, 'one');
    expect(await shell(daemon, 'EVENTS --since 1h > /dev/full')).toEqual({ code: 1, out: '', err: '' });
    const nobody = follow(daemon, 'nobody');
    expect(await nobody.ended).toBe(1);
    expect(nobody.said).toEqual({ out: '', err: "there is no job 'nobody'\n" });
    const gone = follow(daemon, 'nobody', '--since', '1h');
    expect(await gone.ended).toBe(1);
    expect(gone.said).toEqual({ out: '', err: "there is no job 'nobody'\n" });
    const left = follow(daemon, '--since', '1h');
    await expect.poll(() => left.said.out).toContain('name one');
    await daemon.stop();
    expect(await left.ended).toBe(1);
    expect(left.said.err).toMatch(/^the daemon has ended/);
    const late = follow(daemon);
    expect(await late.ended).toBe(1);
    expect(late.said.err).toMatch(/^the daemon does not answer: no daemon works on /);
  });
});
