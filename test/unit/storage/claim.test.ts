import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Control } from '../../../src/daemon/data-dir/control.ts';
import { identityOf } from '../../../src/host/process-identity.ts';
import type { ClaimLostError } from '../../../src/storage/claim/held-claim.ts';
import { DataDirLockedError } from '../../../src/storage/claim/take-claim.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { bundledChild } from './support/child.ts';
import { starter, TIMES, take } from './support/claims.ts';
import { collectingLog } from './support/log.ts';

const deadPid = async (): Promise<number> => {
  const child = spawn('true');
  await once(child, 'close');
  return child.pid ?? 0;
};

/** A claim as a daemon of another host leaves it. */
const foreign = (beat = 0) =>
  `${JSON.stringify({
    pid: process.pid,
    identity: 'other-boot:1',
    token: 'foreign',
    host: 'rig2',
    boot: 'other-boot',
    pid_namespace: 'pid:[1]',
    socket: null,
    beat: String(beat).padStart(12, '0'),
  })}\n`;

test('a second daemon is refused and told the process id of the first; after a release it is not', async () => {
  const dir = temporaryDirectory();
  const claim = await take(dir);
  await expect(take(dir)).rejects.toThrow(DataDirLockedError);
  await expect(take(dir)).rejects.toThrow(`${dir} is in use by another daemon, process ${process.pid}:`);
  claim.release();
  expect(readdirSync(dir)).toEqual([]);
  (await take(dir)).release();
});

test('a release removes no claim but its own', async () => {
  const dir = temporaryDirectory();
  const claim = await take(dir);
  writeFileSync(join(dir, 'lock.1'), `${JSON.stringify({ pid: 1, identity: identityOf(1) })}\n`);
  claim.release();
  await expect(take(dir)).rejects.toThrow('process 1:');
});

describe('a stale claim is taken over', () => {
  test.each([
    ['of a dead process', async () => JSON.stringify({ pid: await deadPid(), identity: 'gone' })],
    [
      'of a process id that is another program by now',
      async () => JSON.stringify({ pid: 1, identity: 'other' }),
    ],
    ['of version 1 and another boot', async () => JSON.stringify({ pid: process.pid, identity: 'boot:1' })],
    ['that is torn', async () => '{"pid":'],
    ['that is empty', async () => ''],
    ['of another host whose heart has stopped', async () => foreign()],
  ])('%s', async (_, content) => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'lock.7'), await content());
    writeFileSync(join(dir, `lock.draft-${await deadPid()}`), '');
    const claim = await take(dir);
    expect(readdirSync(dir)).toEqual(['lock.8']);
    claim.release();
  });

  test.each([true, false])('of one that was killed, at once (with a socket: %s)', async (socket) => {
    const dir = temporaryDirectory();
    const holder = await starter(await bundledChild('claim'), dir, { socket });
    holder.go();
    expect(await holder.line()).toBe('won');
    await expect(take(dir)).rejects.toThrow(`process ${holder.pid}:`);
    await holder.kill();
    const began = performance.now();
    (await take(dir)).release();
    expect(performance.now() - began).toBeLessThan(TIMES.watchMs / 2);
  });
});

test('one of another host is alive while its heart beats: it is named, and the log says what is waited for', async () => {
  const dir = temporaryDirectory();
  const file = join(dir, 'lock.1');
  let beat = 0;
  writeFileSync(file, foreign());
  const heart = setInterval(() => writeFileSync(file, foreign(++beat)), TIMES.watchMs / 4);
  onTestFinished(() => clearInterval(heart));
  const { log, warnings } = collectingLog();
  const waited: (string | null)[] = [];
  const refused = take(dir, { log, onWait: (text) => waited.push(text) });
  await expect(refused).rejects.toThrow(
    `${dir} is in use by another daemon, host rig2 (process ${process.pid} there):`,
  );
  expect(warnings).toEqual([expect.stringContaining('its heartbeat is watched for 2 s')]);
  expect(waited).toEqual([warnings[0], null]);
});

test('one that was stopped (SIGSTOP) still has its directory', async () => {
  const dir = temporaryDirectory();
  const holder = await starter(await bundledChild('claim'), dir);
  holder.go();
  expect(await holder.line()).toBe('won');
  holder.signal('SIGSTOP');
  await expect(take(dir)).rejects.toThrow(`process ${holder.pid}:`);
});

test('a copy of the directory is free while its original is in use', async () => {
  const dir = temporaryDirectory();
  const holder = await starter(await bundledChild('claim'), dir);
  holder.go();
  expect(await holder.line()).toBe('won');
  const copy = join(temporaryDirectory(), 'copy');
  cpSync(dir, copy, { recursive: true, filter: (source) => !source.endsWith('.sock') });
  (await take(copy)).release();
  await expect(take(dir)).rejects.toThrow(`process ${holder.pid}:`);
});

describe('of ten that start at once over a stale claim exactly one wins', () => {
  test.each([
    { socket: true, links: true },
    { socket: true, links: false },
    { socket: false, links: true },
    { socket: false, links: false },
  ])('sockets: $socket, hard links: $links', { timeout: 60_000 }, async (options) => {
    const dir = temporaryDirectory();
    const program = await bundledChild('claim');
    for (let round = 1; round <= 2; round++) {
      // In the second round, the claim of the winner that was killed is the stale one.
      if (round === 1) writeFileSync(join(dir, 'lock.1'), JSON.stringify({ pid: 1, identity: 'other' }));
      const starters = await Promise.all(Array.from({ length: 10 }, () => starter(program, dir, options)));
      for (const { go } of starters) go();
      const results = await Promise.all(starters.map(({ line }) => line()));
      // Without hard links, those that see each other's claim too early or too late may all give way.
      const won = results.filter((result) => result === 'won').length;
      if (options.links) expect(won).toBe(1);
      else expect(won).toBeLessThanOrEqual(1);
      for (const result of results.filter((other) => other !== 'won'))
        expect(result).toMatch(/^lost DataDirLockedError .* is in use by another daemon, process \d+:/);
      if (won === 1) expect(readdirSync(dir).filter((name) => /^lock\./.test(name))).toHaveLength(1);
      await Promise.all(starters.map(({ kill }) => kill()));
    }
  });
});

describe('a daemon whose claim is taken', () => {
  async function held() {
    const dir = temporaryDirectory();
    const lost: ClaimLostError[] = [];
    const claim = await take(dir, { onLost: (error) => lost.push(error) });
    onTestFinished(() => claim.release());
    return { dir, claim, lost };
  }

  test.each([
    ['removed', (file: string) => rmSync(file)],
    ['replaced', (file: string) => writeFileSync(file, foreign())],
  ])('notices at its next heartbeat when it is %s', async (_, happen) => {
    const { claim, lost } = await held();
    happen(claim.file);
    await expect
      .poll(() => lost.map(({ message }) => message))
      .toEqual([
        expect.stringContaining(`${claim.file}, this daemon's claim on its data_dir, was taken or removed`),
      ]);
    expect(() => claim.verify()).toThrow('was taken or removed');
  });

  test('looks before it writes, where it was suspended meanwhile', async () => {
    const dir = temporaryDirectory();
    const lost: ClaimLostError[] = [];
    const times = { ...TIMES, beatMs: 60_000 };
    const claim = await take(dir, { times, onLost: (error) => lost.push(error) });
    rmSync(claim.file);
    expect(() => claim.verify()).not.toThrow();
    const real = Date.now;
    onTestFinished(() => {
      Date.now = real;
    });
    Date.now = () => real() + 40_000;
    expect(() => claim.verify()).toThrow('was taken or removed');
    expect(lost).toHaveLength(1);
  });

  test('takes no directory that is away for a theft', async () => {
    const { dir, claim, lost } = await held();
    const away = `${dir}.away`;
    renameSync(dir, away);
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMES.beatMs));
    mkdirSync(dir);
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMES.beatMs));
    rmSync(dir, { recursive: true });
    renameSync(away, dir);
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMES.beatMs));
    expect(lost).toEqual([]);
    expect(() => claim.verify()).not.toThrow();
  });

  test('its heartbeat is written in place, and moves', async () => {
    const { claim } = await held();
    const before = readFileSync(claim.file, 'utf8');
    await expect.poll(() => readFileSync(claim.file, 'utf8')).not.toBe(before);
    expect(readFileSync(claim.file, 'utf8')).toHaveLength(before.length);
    expect(JSON.parse(readFileSync(claim.file, 'utf8'))).toMatchObject({ pid: process.pid });
  });
});

test('waiting for a heartbeat ends with the signal to stop', async () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'lock.1'), foreign());
  const stopping = new AbortController();
  const waiting = take(dir, {
    times: { ...TIMES, watchMs: 60_000 },
    signal: stopping.signal,
    onWait: (text) => text !== null && stopping.abort(),
  });
  await expect(waiting).rejects.toThrow();
  expect(readdirSync(dir)).toEqual(['lock.1']);
});

test('a socket that another daemon has by now proves nothing about this claim', async () => {
  const dir = temporaryDirectory();
  const log = pino({ level: 'silent' });
  const other = new Control({ dataDir: dir, config: '/config.yaml', token: 'other', log });
  await other.listen();
  await other.publish();
  onTestFinished(() => other.close());
  writeFileSync(join(dir, 'lock.1'), foreign().replace('"socket":null', '"socket":"daemon.foreign.sock"'));
  (await take(dir)).release();
});
