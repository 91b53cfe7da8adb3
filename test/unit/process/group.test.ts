import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { find } from '../../../src/process/find.ts';
import { type Launched, launch } from '../../../src/process/launch.ts';
import { membersOf } from '../../../src/process/members.ts';
import { processTable } from '../../../src/process/process-table.ts';
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
  await group.terminate(10_000);
  expect(await exited).toMatchObject({ code: 143, lost: false });
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
  expect((await group.survivors()).length).toBeGreaterThan(4);
  await group.terminate(50);
  expect(await group.survivors()).toEqual([]);
  expect(isRunning(pid)).toBe(false);
  expect(await exited).toMatchObject({ code: null, lost: true });
  expect(await find(spec.dir, 'plotter')).toMatchObject({ state: 'ended', exit: { lost: true } });
});

/** Says each signal that it gets, and ends at the second SIGTERM. */
const COUNTS = `n=0; trap 'echo INT' INT; trap 'n=$((n+1)); echo "TERM $n"; [ $n -lt 2 ] || exit 6' TERM
echo up; while :; do sleep 0.02; done`;

/** Beside them shells say which of their children a signal has ended. */
function signalsIn(spec: Parameters<typeof logOf>[0]): string[] {
  return logOf(spec).match(/^(?:INT|TERM \d)$/gm) ?? [];
}

test('a signal that is repeated comes soon, another one after the grace time', async () => {
  const { group, exited, spec } = await started(COUNTS);
  await group.terminate(600_000, ['SIGTERM', 'SIGTERM', 'SIGKILL']);
  expect(await exited).toMatchObject({ code: 6, lost: false });
  expect(signalsIn(spec)).toEqual(['TERM 1', 'TERM 2']);

  const other = await started(COUNTS);
  await other.group.terminate(100, ['SIGINT', 'SIGTERM', 'SIGKILL']);
  expect(await other.exited).toMatchObject({ lost: true });
  expect(signalsIn(other.spec)).toEqual(['INT', 'TERM 1']);
});

test('what is to be killed at once isn’t asked', async () => {
  const { group, exited, spec } = await started(COUNTS);
  await group.terminate(600_000, ['SIGKILL']);
  expect(await exited).toMatchObject({ lost: true });
  expect(signalsIn(spec)).toEqual([]);
});

test('a child that a command left behind runs on until the group is terminated', async () => {
  const { group, exited, spec } = await started(
    '(trap "" TERM; echo $! up; sleep 60; sleep 60) & sleep 0.1; exit 0',
  );
  expect(await exited).toMatchObject({ code: 0 });
  expect((await group.survivors()).length).toBeGreaterThan(0);

  const found = await find(spec.dir, 'plotter');
  expect(found).toMatchObject({ state: 'ended', exit: { code: 0 } });
  await (found.state === 'ended' ? found.launched : null)?.group.terminate(50);
  expect(await group.survivors()).toEqual([]);
});

onLinux('SIGSTOP suspends the whole group, SIGCONT lets it go on', async () => {
  const { pid, group, exited, spec } = await started('(echo child; sleep 0.3; echo up; sleep 0.3) ; exit 0');
  expect(await group.suspend()).toBeNull();
  for (const member of await group.survivors()) await expect.poll(() => statOf(member)).toMatch(/\) T /);
  expect(await group.survivors()).toContain(pid);
  expect(await group.resume()).toBeNull();
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
  await group.suspend();
  await group.terminate(600_000);
  expect(await exited).toMatchObject({ code: 143, lost: false });
});

test('terminating twice at once, and again later, is no harm', async () => {
  const { group, exited } = await started('echo up; sleep 60');
  await Promise.all([group.terminate(10_000), group.terminate(10_000)]);
  await group.terminate(10_000);
  expect(await exited).toMatchObject({ code: 143 });
});

onLinux('what left the session without the run in its environment is on its own', async () => {
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

describe('what carries the run of a plotter, in a session of its own,', () => {
  const marked = async (step: string) => {
    const spec = specOf('setsid -f sh -c "echo \\$\\$ >pid; sleep 60; sleep 60"; echo up; sleep 60');
    const worker = spec.env.PLOT2MQTT_WORKER;
    const env = { ...spec.env, PLOT2MQTT_RUN: worker, PLOT2MQTT_STEP: step };
    const launched = await launch({ ...spec, env });
    const file = join(spec.dir, 'pid');
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toMatch(/\d+\n/);
    const apart = Number(readFileSync(file, 'utf8'));
    killAfterwards(launched.pid);
    killAfterwards(apart);
    return { ...launched, apart };
  };

  onLinux('is suspended, goes on and ends with it', async () => {
    const { group, apart, exited } = await marked('plotter');
    await group.suspend();
    await expect.poll(() => statOf(apart)).toMatch(/\) T /);
    await group.resume();
    await expect.poll(() => statOf(apart)).not.toMatch(/\) T /);
    await group.suspend();
    expect(await group.terminate(10_000)).toBeNull();
    await exited;
    expect(isRunning(apart)).toBe(false);
  });

  onLinux('ends although the group has ended before', async () => {
    const { pid, group, apart, exited } = await marked('plotter');
    process.kill(-pid, 'SIGTERM');
    await exited;
    expect(await group.survivors()).toContain(apart);
    await group.terminate(10_000);
    expect(isRunning(apart)).toBe(false);
  });

  onLinux('goes on where it is of another step', async () => {
    const { group, apart } = await marked('post');
    await group.terminate(10_000);
    expect(isRunning(apart)).toBe(true);
  });
});

onLinux('neither this program nor what stands above it is ever a member', async () => {
  const seen = await processTable.look();
  const self = seen.find(({ pid }) => pid === process.pid);
  expect(self).toMatchObject({ group: expect.any(Number), state: expect.stringMatching(/[RS]/) });
  const ours = { group: self?.group ?? 0, led: true, wasLed: true, worker: '', run: null };
  expect(membersOf(seen, ours)).not.toContainEqual(expect.objectContaining({ pid: process.pid }));
});

test('of a group whose leader has ended only what is hidden is taken for its own, where it was known before', () => {
  const one = {
    parent: 1,
    group: 7,
    session: 7,
    state: 'S',
    start: '1',
    worker: null,
    run: null,
    step: null,
  };
  const seen = [
    { ...one, pid: 8, hidden: true },
    { ...one, pid: 9, hidden: false },
    { ...one, pid: 10, hidden: true, session: 6 },
  ];
  const of = (wasLed: boolean) =>
    membersOf(seen, { group: 7, led: false, wasLed, worker: 'w', run: null }).map(({ pid }) => pid);
  expect(of(true)).toEqual([8]);
  expect(of(false)).toEqual([]);
});

onLinux('a signal to the innermost reaches programs alone, not the shells above them', async () => {
  const program = `${process.execPath} -e 'process.on("SIGTERM", () => console.log("inner heard")); console.log("up"); setInterval(() => {}, 1000)'`;
  const { group, spec } = await started(`trap 'echo outer heard' TERM; ${program}; true`);
  expect(await group.signalInnermost('SIGTERM', () => true)).toBe(null);
  await printed(spec, 'inner heard');
  expect(await group.signalInnermost('SIGTERM', () => false)).toBe(null);
  expect(logOf(spec).match(/\w+ heard/g)).toEqual(['inner heard']);
  await group.terminate(0);
});
