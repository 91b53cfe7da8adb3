import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { inContainer, NO_CONTAINERS } from '../support/namespaces.ts';
import { LONG } from '../support/size.ts';

const WITH_JOB = { config: { jobs: { job: STEPPING_JOB } } };

/** A second daemon with a broker of its own on the first one's `data_dir`. */
function beside(first: TestDaemon, env: Record<string, string> = {}): Promise<TestDaemon> {
  return prepareDaemon({ config: { ...WITH_JOB.config, data_dir: first.path('data') }, env });
}

/** A daemon in a container in which a plot is being made. */
async function plotting(through: string[], env: Record<string, string> = {}): Promise<TestDaemon> {
  const daemon = await prepareDaemon({ ...WITH_JOB, env });
  daemon.through = through;
  await daemon.start();
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('stage_started', { stage: '1.2' });
  return daemon;
}

async function refused(second: TestDaemon): Promise<string> {
  second.launch();
  await expect.poll(() => second.exitCode, { timeout: 60_000 }).toBe(1);
  return second.said.join('\n');
}

describe.skipIf(NO_CONTAINERS !== null)(
  'two daemons on one data_dir, each with process ids of its own',
  () => {
    test.each([
      { where: 'the first in a container', one: inContainer('box-a'), two: [] },
      { where: 'the second in a container', one: [], two: inContainer('box-b') },
      { where: 'both in containers', one: inContainer('box-a'), two: inContainer('box-b') },
    ])('$where: the second is refused, and takes nothing', async ({ one, two }) => {
      const first = await plotting(one);
      const before = readdirSync(first.path('tmp'));
      const second = await beside(first);
      second.through = two;
      const said = await refused(second);
      expect(said).toMatch(/is in use by another daemon, another container or PID namespace of this host/);
      expect(said).toContain(one.length > 0 ? 'host name box-a' : 'host name ');
      expect(before.length).toBeGreaterThan(0);
      expect(readdirSync(first.path('tmp'))).toEqual(before);
      expect(
        readdirSync(first.path('data'))
          .filter((name) => /^lock|sock/.test(name))
          .sort(),
      ).toEqual(['daemon.sock', 'lock.1']);
      expect((await first.run(['health'])).code).toBe(0);
    });

    test('a container that was killed starts again under another name, at once', async () => {
      const first = await plotting(inContainer('box-a'));
      const { instance } = first.bus.object('bridge/info');
      await first.kill();
      first.through = inContainer('box-b');
      const began = performance.now();
      await first.start();
      expect(performance.now() - began).toBeLessThan(10_000);
      await first.bus.event('worker_end', { result: 'failed' });
      expect(first.bus.object('bridge/info').instance).toBe(instance);
      expect(
        readdirSync(first.path('data'))
          .filter((name) => /^lock|sock/.test(name))
          .sort(),
      ).toEqual(['daemon.sock', 'lock.2']);
    });

    test('one whose socket is out of reach is refused by its heartbeat', async () => {
      // Too long for a socket in data_dir; the directory in its place is another one inside.
      const name = 'x'.repeat(100);
      const place = await prepareDaemon();
      mkdirSync(place.path('run'));
      const env = { XDG_RUNTIME_DIR: place.path('run') };
      const first = await prepareDaemon({ env, config: { ...WITH_JOB.config, data_dir: name } });
      first.through = inContainer('box-a', `mount -t tmpfs none ${place.path('run')}`);
      await first.start();
      const second = await prepareDaemon({ config: { data_dir: first.path(name) } });
      const said = await refused(second);
      expect(said).toMatch(/lock\.1 is the claim of .*box-a.* its heartbeat is watched for 30 s/);
      expect(said).toMatch(/is in use by another daemon, .*box-a/);
      if (!LONG) return;
      await first.kill();
      // Nobody can be asked, and no heart beats: gone, after half a minute.
      const began = performance.now();
      await second.start();
      expect(performance.now() - began).toBeGreaterThan(29_000);
      expect(second.said.join('\n')).toMatch(/lock\.1: no heartbeat, so .*box-a.* is gone/);
    });
  },
);

// As a host that sleeps: neither socket nor heart, then it is back.
test.skipIf(NO_CONTAINERS !== null || !LONG)(
  'one that was suspended is taken over after half a minute, and ends when it wakes up, without writing',
  async () => {
    const first = await plotting(inContainer('box-a'));
    const daemon = first.alive().find(({ command }) => /^\S*node\S* .*main\.js run/.test(command));
    process.kill(daemon?.pid ?? 0, 'SIGSTOP');
    const second = await beside(first);
    await second.start();
    expect(second.said.join('\n')).toMatch(/lock\.1: no heartbeat, so .*box-a.* is gone/);
    process.kill(daemon?.pid ?? 0, 'SIGCONT');
    await expect.poll(() => first.exitCode, { timeout: 10_000 }).toBe(1);
    expect(first.said.at(-1)).toContain('was taken or removed: another daemon works there');
    expect(await second.bus.command('bridge/request/job/list')).toMatchObject({ status: 'ok' });
    expect((await second.run(['health'])).code).toBe(0);
  },
);

test('a daemon whose claim is taken ends with 1, says so, and writes nothing more', async () => {
  const daemon = await startDaemon(WITH_JOB);
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('stage_started', { stage: '1.2' });
  const state = () =>
    readdirSync(daemon.path('data'))
      .filter((name) => /^(journal|state)/.test(name))
      .map((name) => readFileSync(daemon.path('data', name), 'utf8'));
  // What the broker has acknowledged is written down within a second.
  let before = state();
  await expect
    .poll(
      () => {
        const known = before;
        before = state();
        return before.join() === known.join();
      },
      { interval: 1_500, timeout: 30_000 },
    )
    .toBe(true);
  rmSync(daemon.path('data', 'lock.1'));
  await expect.poll(() => daemon.exitCode, { timeout: 10_000 }).toBe(1);
  expect(daemon.said.join('\n')).toMatch(
    /lock\.1, this daemon's claim on its data_dir, was taken or removed/,
  );
  expect(state()).toEqual(before);
  // The plotter goes on.
  expect(daemon.alive().length).toBeGreaterThan(0);
});
