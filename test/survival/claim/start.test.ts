import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { fill } from '../support/fill.ts';
import { CAN_MOUNT, type Disk, mountDisk } from '../support/tmpfs.ts';

const waits = (daemon: TestDaemon) =>
  daemon.said.filter((line) => line.includes('the start waits for data_dir'));

async function waiting(prepare: (daemon: TestDaemon) => void): Promise<TestDaemon> {
  const daemon = await prepareDaemon();
  prepare(daemon);
  daemon.launch();
  await expect.poll(() => waits(daemon), { timeout: 10_000 }).not.toEqual([]);
  return daemon;
}

interface Trouble {
  what: string;
  reason: RegExp;
  happen: (daemon: TestDaemon, disk: Disk) => void;
  mend: (daemon: TestDaemon, disk: Disk) => void;
}
const TROUBLES: Trouble[] = [
  {
    what: 'full',
    reason: /\/data\/lock\.draft-\w+ can't be written: ENOSPC/,
    happen: (daemon) => fill(daemon.path('data', 'ballast')),
    mend: (daemon) => rmSync(daemon.path('data', 'ballast')),
  },
  {
    what: 'read-only',
    reason: /\/data\/lock\.draft-\w+ can't be written: EROFS/,
    happen: (_, disk) => disk.remount('ro'),
    mend: (_, disk) => disk.remount('rw'),
  },
];

describe.skipIf(!CAN_MOUNT)('a data_dir that does not work at the start is waited for', () => {
  test.each(TROUBLES)(
    '$what: it is said once, and the daemon comes up when it is mended',
    async (trouble) => {
      let disk: Disk | undefined;
      const daemon = await waiting((prepared) => {
        disk = mountDisk(prepared.path('data'), '1m');
        chmodSync(disk.path, 0o700);
        trouble.happen(prepared, disk);
      });
      await sleep(5_000);
      expect(waits(daemon)).toHaveLength(1);
      expect(waits(daemon)[0]).toMatch(trouble.reason);
      expect(daemon.exitCode).toBeNull();
      const health = await daemon.run(['health']);
      expect(health).toMatchObject({ code: 1, stderr: expect.stringMatching(trouble.reason) });
      if (disk !== undefined) trouble.mend(daemon, disk);
      await expect.poll(async () => (await daemon.run(['health'])).code, { timeout: 20_000 }).toBe(0);
      expect(daemon.said.join('\n')).toContain('can be used now: the start goes on');
      expect(await daemon.stop()).toBe(0);
    },
  );

  test.each(TROUBLES)('$what: told to stop while it waits, it stops cleanly', async ({ happen }) => {
    const daemon = await waiting((prepared) => {
      const disk = mountDisk(prepared.path('data'), '1m');
      chmodSync(disk.path, 0o700);
      happen(prepared, disk);
    });
    // It would end a program that doesn't listen yet.
    daemon.signal('SIGHUP');
    await daemon.run(['health']);
    expect(await daemon.stop()).toBe(0);
  });
});

test('a disk that is not mounted yet is waited for', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can become another account');
  const daemon = await prepareDaemon();
  const mountPoint = daemon.path('disk');
  mkdirSync(mountPoint, { mode: 0o755 });
  await daemon.configure({ data_dir: 'disk/data' });
  for (const name of ['', 'tmp', 'plots', 'config.yaml']) chownSync(daemon.path(name), 65534, 65534);
  chmodSync(dirname(inject('program')), 0o755);
  daemon.through = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
  daemon.launch();
  await expect.poll(() => waits(daemon), { timeout: 10_000 }).toHaveLength(1);
  expect(waits(daemon)[0]).toMatch(/EACCES.*\/disk\/data.*is its disk mounted\?/);
  chownSync(mountPoint, 65534, 65534);
  await expect.poll(async () => (await daemon.run(['health'])).code, { timeout: 20_000 }).toBe(0);
});

test('a stop while the daemon still comes up is a clean one: it says what goes on', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  await daemon.configure({ jobs: { job: STEPPING_JOB } });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('plotter_started');
  await daemon.kill();
  await bus.end();
  // A broker that never answers: whether the base topic is free isn't known for long.
  await daemon.mosquitto?.stop();
  const { port } = new URL(daemon.url);
  const silent = createServer(() => {}).listen(Number(port), '127.0.0.1');
  onTestFinished(() => void silent.close());
  daemon.launch();
  await once(silent, 'connection');
  const began = performance.now();
  expect(await daemon.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(daemon.said.join('\n')).toContain('stopped; the plot of 1 worker is left running');
  expect(existsSync(daemon.path('data', 'lock'))).toBe(false);
});

test('a file in the place of data_dir is a mistake: exit 1, with its name', async () => {
  const daemon = await prepareDaemon();
  writeFileSync(daemon.path('data'), '');
  const ended = await daemon.run(['run']);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain(
    `data_dir ${daemon.path('data')} can't be used: a file is where a directory should be`,
  );
  await daemon.configure({ data_dir: 'data/inside' });
  const inside = await daemon.run(['run']);
  expect(inside.code).toBe(1);
  expect(inside.stdout).toContain(`data_dir ${daemon.path('data/inside')} can't be used`);
});
