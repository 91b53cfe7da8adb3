import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { find } from '../../../src/process/find.ts';
import { type Launched, launch } from '../../../src/process/launch.ts';
import { isRunning, killAfterwards, logOf, printed, specOf, statOf } from './support.ts';

const onLinux = test.runIf(process.platform === 'linux');

async function started(snippet: string): Promise<Launched & { spec: ReturnType<typeof specOf> }> {
  const spec = specOf(snippet);
  const launched = await launch(spec);
  killAfterwards(launched.pid);
  await printed(spec, 'up');
  return { ...launched, spec };
}

test('SIGTERM to the group ends the command, and its wrapper lives to say so', async () => {
  const { group, exited } = await started('echo up; sleep 60; echo not reached');
  expect(group.signal('SIGTERM')).toBe(true);
  expect(await exited).toMatchObject({ code: 143, lost: false });
  expect(group.signal('SIGTERM')).toBe(false);
});

test('a command that ends by itself on SIGTERM keeps its exit status', async () => {
  const { group, exited } = await started('trap "exit 6" TERM; echo up; sleep 60 & wait');
  await group.terminate(10_000);
  expect(await exited).toMatchObject({ code: 6, lost: false });
});

test('what ignores SIGTERM is killed after the grace time, with all its children', async () => {
  const { pid, group, exited, spec } = await started(
    'trap "" TERM; (sleep 60; sleep 60) & (sleep 60 | sleep 60) & echo up; sleep 60; sleep 60',
  );
  expect(group.survivors().length).toBeGreaterThan(4);
  await group.terminate(50);
  expect(group.survivors()).toEqual([]);
  expect(isRunning(pid)).toBe(false);
  expect(await exited).toMatchObject({ code: null, lost: true });
  expect(await find(spec.dir, 'plotter')).toMatchObject({ state: 'ended', exit: { lost: true } });
});

test('a child that a command left behind runs on until the group is terminated', async () => {
  const { group, exited, spec } = await started(
    '(trap "" TERM; echo $! up; sleep 60; sleep 60) & sleep 0.1; exit 0',
  );
  expect(await exited).toMatchObject({ code: 0 });
  expect(group.survivors().length).toBeGreaterThan(0);

  const found = await find(spec.dir, 'plotter');
  expect(found).toMatchObject({ state: 'ended', exit: { code: 0 } });
  await (found.state === 'ended' ? found.launched : null)?.group.terminate(50);
  expect(group.survivors()).toEqual([]);
});

onLinux('SIGSTOP suspends the whole group, SIGCONT lets it go on', async () => {
  const { pid, group, exited, spec } = await started('(echo child; sleep 0.3; echo up; sleep 0.3) ; exit 0');
  group.signal('SIGSTOP');
  for (const member of group.survivors()) await expect.poll(() => statOf(member)).toMatch(/\) T /);
  expect(group.survivors()).toContain(pid);
  group.signal('SIGCONT');
  expect(await exited).toMatchObject({ code: 0, lost: false });
  expect(logOf(spec)).toContain('up');
});

test('a command is there to be ended as soon as it is launched', async () => {
  for (let round = 0; round < 20; round++) {
    const { group, exited } = await launch(specOf('sleep 60'));
    await group.terminate(600_000);
    expect(await exited).toMatchObject({ code: 143, lost: false });
  }
});

test('a suspended group is terminated without waiting for the grace time', async () => {
  const { group, exited } = await started('echo up; sleep 60');
  group.signal('SIGSTOP');
  await group.terminate(600_000);
  expect(await exited).toMatchObject({ code: 143, lost: false });
});

test('terminating twice at once, and again later, is no harm', async () => {
  const { group, exited } = await started('echo up; sleep 60');
  await Promise.all([group.terminate(10_000), group.terminate(10_000)]);
  await group.terminate(10_000);
  expect(await exited).toMatchObject({ code: 143 });
});

test('what left the session is on its own', async () => {
  if (!existsSync('/usr/bin/setsid')) return;
  const { group, exited, spec } = await started(
    'setsid -f sh -c "echo \\$\\$ >pid; sleep 60"; echo up; sleep 60',
  );
  const file = join(spec.dir, 'pid');
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toMatch(/\d+\n/);
  const stranger = Number(readFileSync(file, 'utf8'));
  await group.terminate(10_000);
  await exited;
  expect(isRunning(stranger)).toBe(true);
  process.kill(-stranger, 'SIGKILL');
  writeFileSync(file, '');
});
