import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootId, identityOf } from '../../../src/host/process-identity.ts';
import { processFiles } from '../../../src/process/files.ts';
import { type Found, find } from '../../../src/process/find.ts';
import { launch } from '../../../src/process/launch.ts';
import {
  isRunning,
  kill,
  killAfterwards,
  launchByAnother,
  logOf,
  makeDir,
  printed,
  specOf,
} from './support.ts';

const lost = { code: null, lost: true, endedAt: expect.any(Number), endedUptime: null };

/** A command that goes on when the test says so. */
const GO = 'while [ ! -e go ]; do sleep 0.02; done';
const go = (dir: string) => writeFileSync(join(dir, 'go'), '');

function running(found: Found): Extract<Found, { state: 'running' }> {
  if (found.state !== 'running') throw new Error(`it is ${found.state}`);
  return found;
}

describe('after the daemon was killed', () => {
  test('the plotter goes on, is found, and its exit status and log are true', async () => {
    const spec = specOf(
      `echo begun; ${GO}; i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i; done; exit 9`,
    );
    const { daemon, pid } = await launchByAnother(spec);
    await printed(spec, 'begun');
    await kill(daemon);

    const found = running(await find(spec.dir, 'plotter'));
    expect(found.pid).toBe(pid);
    go(spec.dir);
    expect(await found.exited).toMatchObject({ code: 9, lost: false });
    expect(logOf(spec).trimEnd().split('\n')).toHaveLength(501);
  });

  test('one that ended meanwhile has its true exit status, and when', async () => {
    const spec = specOf(`${GO}; exit 5`);
    const { daemon, pid } = await launchByAnother(spec);
    await kill(daemon);
    go(spec.dir);
    await expect.poll(() => isRunning(pid)).toBe(false);
    const found = await find(spec.dir, 'plotter');
    expect(found).toMatchObject({ state: 'ended', exit: { code: 5, lost: false }, launched: { pid } });
  });

  test('launching it again takes it over', async () => {
    const spec = specOf(`echo run; ${GO}`);
    const { daemon, pid } = await launchByAnother(spec);
    await kill(daemon);
    const again = await launch(spec);
    expect(again.pid).toBe(pid);
    go(spec.dir);
    expect(await again.exited).toMatchObject({ code: 0, lost: false });
    expect(logOf(spec)).toBe('run\n');
  });

  test('a suspended one stays suspended', async () => {
    const spec = specOf(`echo begun; ${GO}`);
    const { daemon, pid } = await launchByAnother(spec);
    await printed(spec, 'begun');
    await running(await find(spec.dir, 'plotter')).group.suspend();
    await kill(daemon);
    const found = running(await find(spec.dir, 'plotter'));
    expect(found.pid).toBe(pid);
    go(spec.dir);
    expect(await found.group.resume()).toBeNull();
    expect(await found.exited).toMatchObject({ code: 0 });
  });
});

describe('a wrapper that was killed itself', () => {
  test('is noticed by its parent, and what it ran is ended', async () => {
    const spec = specOf('echo $$; exec sleep 60');
    const { pid, exited } = await launch(spec);
    killAfterwards(pid);
    await printed(spec, '\n');
    const command = Number(logOf(spec));
    process.kill(pid, 'SIGKILL');
    expect(await exited).toEqual(lost);
    expect(isRunning(command)).toBe(false);
    expect(await find(spec.dir, 'plotter')).toMatchObject({ state: 'ended', exit: lost });
  });

  test('is noticed by a stranger, and what it ran is ended', async () => {
    const spec = specOf('trap "" TERM; echo $$; sleep 60; sleep 60');
    const { daemon, pid } = await launchByAnother(spec);
    await printed(spec, '\n');
    await kill(daemon);
    const { exited } = running(await find(spec.dir, 'plotter', { graceMs: 50 }));
    process.kill(pid, 'SIGKILL');
    expect(await exited).toEqual(lost);
    expect(isRunning(Number(logOf(spec)))).toBe(false);
  });

  test('between two runs of the daemon too', async () => {
    const spec = specOf('echo $$; exec sleep 60');
    const { daemon, pid } = await launchByAnother(spec);
    await printed(spec, '\n');
    await kill(daemon);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isRunning(pid)).toBe(false);
    const command = Number(logOf(spec));
    expect(isRunning(command)).toBe(true);
    const { exited } = running(await find(spec.dir, 'plotter'));
    expect(await exited).toEqual(lost);
    expect(isRunning(command)).toBe(false);
  });
});

describe('a process id alone is never believed', () => {
  const claimed = (claim: string) => {
    const dir = makeDir();
    writeFileSync(processFiles(dir, 'plotter').claim, claim);
    return dir;
  };

  test.each([
    ['another time of start', () => `${process.pid} ${bootId()}:1 w1\n`],
    ['another boot', () => `${process.pid} ${identityOf(process.pid)?.replace(/^[^:]+/, 'other')} w1\n`],
  ])('%s: it is lost, and whoever has its id now is left alone', async (_, claim) => {
    const dir = claimed(claim());
    const found = await find(dir, 'plotter');
    expect(found).toMatchObject({ state: 'ended', exit: lost });
    const group = found.state === 'ended' ? found.launched?.group : undefined;
    expect(await group?.survivors()).toEqual([]);
    // It would be this test.
    await group?.suspend();
    await group?.terminate(0);
  });

  test('a group of that id that is somebody else’s is left alone', async () => {
    const other = specOf(`echo up; ${GO}`);
    const { pid, exited } = await launch(other);
    killAfterwards(pid);
    await printed(other, 'up');
    const dir = claimed(`${pid} ${bootId()}:1 another-worker\n`);
    expect(await find(dir, 'plotter')).toMatchObject({ state: 'ended', exit: lost });
    go(other.dir);
    expect(await exited).toMatchObject({ code: 0, lost: false });
  });

  test('an exit status wins over everything', async () => {
    const dir = claimed(`${process.pid} ${bootId()}:1 w1\n`);
    writeFileSync(processFiles(dir, 'plotter').exit, '3   \n');
    expect(await find(dir, 'plotter')).toMatchObject({ state: 'ended', exit: { code: 3, lost: false } });
  });

  test('blanks are no exit status', async () => {
    const dir = claimed(`${process.pid} ${bootId()}:1 w1\n`);
    writeFileSync(processFiles(dir, 'plotter').exit, '    \n');
    expect(await find(dir, 'plotter')).toMatchObject({ state: 'ended', exit: lost });
  });
});

describe('a claim without content', () => {
  test('is waited for', async () => {
    const dir = makeDir();
    const { claim, exit } = processFiles(dir, 'plotter');
    writeFileSync(claim, '');
    const finding = find(dir, 'plotter');
    writeFileSync(exit, '0   \n');
    writeFileSync(claim, `${process.pid} ${bootId()}:1 w1\n`);
    expect(await finding).toMatchObject({
      state: 'ended',
      exit: { code: 0 },
      launched: { pid: process.pid },
    });
  });

  test('that stays so is void for good: nothing is run under it', async () => {
    const spec = specOf('echo run');
    const { claim } = processFiles(spec.dir, 'plotter');
    writeFileSync(claim, '');
    expect(await find(spec.dir, 'plotter')).toEqual({ state: 'ended', exit: lost, launched: null });
    expect(readFileSync(claim, 'utf8')).toBe('void\n');
    await expect(launch(spec)).rejects.toThrow('may not be begun again');
  });
});

test('a living wrapper whose FIFO was removed is not taken for gone', async () => {
  const spec = specOf(`echo begun; ${GO}`);
  const { pid } = await launch(spec);
  killAfterwards(pid);
  await printed(spec, 'begun');
  rmSync(processFiles(spec.dir, 'plotter').alive);
  const { exited } = running(await find(spec.dir, 'plotter'));
  go(spec.dir);
  expect(await exited).toMatchObject({ code: 0, lost: false });
});

test('what was never started is absent', async () => {
  expect(await find(makeDir(), 'post')).toEqual({ state: 'absent' });
});
