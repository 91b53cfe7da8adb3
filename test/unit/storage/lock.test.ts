import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { identityOf } from '../../../src/host/process-identity.ts';
import { DataDirLockedError, lockDataDir } from '../../../src/storage/lock.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { bundledChild } from './support/child.ts';

/** A process that takes the lock when told to. */
async function starter(program: string, dir: string) {
  const child = spawn(process.execPath, [program, dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  expect(await line()).toBe('ready');
  return {
    pid: child.pid ?? 0,
    go: () => child.stdin.write('go\n'),
    line,
    async kill() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

const deadPid = async (): Promise<number> => {
  const child = spawn('true');
  await once(child, 'close');
  return child.pid ?? 0;
};

test('a second daemon is refused and told the process id of the first; after a release it is not', () => {
  const dir = temporaryDirectory();
  const lock = lockDataDir(dir);
  expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
  expect(() => lockDataDir(dir)).toThrow(`${dir} is in use by another daemon, process ${process.pid}`);
  lock.release();
  expect(readdirSync(dir)).toEqual([]);
  lockDataDir(dir).release();
});

test('a release removes no lock but its own', () => {
  const dir = temporaryDirectory();
  const lock = lockDataDir(dir);
  const other = `${JSON.stringify({ pid: 1, identity: identityOf(1) })}\n`;
  writeFileSync(join(dir, 'lock.1'), other);
  lock.release();
  expect(() => lockDataDir(dir)).toThrow('process 1');
});

describe('a stale lock is taken over', () => {
  test.each([
    ['of a dead process', async () => JSON.stringify({ pid: await deadPid(), identity: 'gone' })],
    [
      'of a process id that is another program by now',
      async () => JSON.stringify({ pid: 1, identity: 'other' }),
    ],
    ['of another boot', async () => JSON.stringify({ pid: process.pid, identity: 'boot:1' })],
    ['that is torn', async () => '{"pid":'],
    ['that is empty', async () => ''],
  ])('%s', async (_, content) => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'lock.7'), await content());
    writeFileSync(join(dir, `lock.draft-${await deadPid()}`), '');
    const lock = lockDataDir(dir);
    expect(readdirSync(dir)).toEqual(['lock.8']);
    lock.release();
  });

  test('of one that was killed', async () => {
    const dir = temporaryDirectory();
    const holder = await starter(await bundledChild('lock'), dir);
    holder.go();
    expect(await holder.line()).toBe('won');
    expect(() => lockDataDir(dir)).toThrow(`process ${holder.pid}`);
    await holder.kill();
    lockDataDir(dir).release();
  });
});

test('of ten that start at once over a stale lock exactly one wins', async () => {
  const dir = temporaryDirectory();
  const program = await bundledChild('lock');
  for (let round = 1; round <= 3; round++) {
    // From the second round on, the lock of the winner that was killed is the stale one.
    if (round === 1) writeFileSync(join(dir, 'lock.1'), JSON.stringify({ pid: 1, identity: 'other' }));
    const starters = await Promise.all(Array.from({ length: 10 }, () => starter(program, dir)));
    for (const { go } of starters) go();
    const results = await Promise.all(starters.map(({ line }) => line()));
    expect(results.filter((result) => result === 'won')).toHaveLength(1);
    const winner = starters[results.indexOf('won')];
    for (const result of results.filter((other) => other !== 'won')) {
      expect(result).toMatch(/^lost DataDirLockedError /);
      expect(result).toContain(`process ${winner?.pid}:`);
    }
    expect(readdirSync(dir)).toEqual([`lock.${round + 1}`]);
    await Promise.all(starters.map(({ kill }) => kill()));
  }
}, 60_000);
