import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  fileBytes,
  PROBE_SCRIPT,
  probeDirectory,
  readProbe,
  usedBytes,
} from '../../../src/host/directories.ts';
import { createLooks } from '../../../src/host/looks.ts';
import { mountOf } from '../../../src/host/mounts.ts';
import { createTurns } from '../../../src/host/turns.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const MINUTE = { timeoutMs: 60_000 };

/** Mounts a small file system of its own; false where this account may not. */
function mounted(dir: string, options: string): boolean {
  mkdirSync(dir, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir]);
  });
  return true;
}

describe('probing a directory', () => {
  test('one that is fine has its room and its file system', async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'inner'));
    const probe = await probeDirectory(dir, MINUTE);
    const inner = await probeDirectory(join(dir, 'inner'), MINUTE);
    expect(probe).toMatchObject({ path: dir, problem: null, device: inner.device });
    expect(probe.device).toMatch(/^\d+$/);
    expect(probe.free_bytes).toBeGreaterThan(0);
    expect(probe.total_bytes).toBeGreaterThan(probe.free_bytes ?? 0);
  });

  test('what is missing, no directory, below a file, or a link in a circle', async () => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'file'), '');
    symlinkSync('circle', join(dir, 'circle'));
    const nothing = { device: null, free_bytes: null, total_bytes: null };
    const cases = { absent: 'missing', file: 'not_a_directory', 'file/below': 'missing', circle: 'missing' };
    for (const [name, problem] of Object.entries(cases)) {
      const path = join(dir, name);
      expect(await probeDirectory(path, MINUTE)).toEqual({ path, problem, ...nothing });
    }
  });

  test('one that this account may not write to', async ({ skip }) => {
    if (process.getuid?.() === 0) return skip('root may write anywhere');
    const dir = temporaryDirectory();
    chmodSync(dir, 0o500);
    expect(await probeDirectory(dir, MINUTE)).toMatchObject({ problem: 'not_writable' });
  });

  test('a file system mounted read-only, and the room of a small one', async ({ skip }) => {
    const dir = temporaryDirectory();
    const [small, readOnly] = [join(dir, 'small'), join(dir, 'read only')];
    if (!mounted(small, 'size=64k') || !mounted(readOnly, 'size=64k,ro'))
      return skip('needs the right to mount');
    expect(mountOf(join(readOnly, 'x'))).toBe(readOnly);
    expect(await probeDirectory(readOnly, MINUTE)).toMatchObject({
      problem: 'not_writable',
      total_bytes: 65536,
    });
    const before = await probeDirectory(small, MINUTE);
    expect(before).toMatchObject({ problem: null, free_bytes: 65536, total_bytes: 65536 });
    expect(before.device).not.toBe((await probeDirectory(dir, MINUTE)).device);
    writeFileSync(join(small, 'file'), Buffer.alloc(10_000));
    const after = await probeDirectory(small, MINUTE);
    expect(after.free_bytes).toBeLessThanOrEqual(65536 - 10_000);
    expect(after.device).toBe(before.device);
  });
});

describe('a disk that does not answer', () => {
  /** Looks that never end in a thread, until they are let go; a process says `said`, if it isn't to hang too. */
  function hangingLooks(hangs: (path: string) => boolean, said: string | null = null) {
    const looks: string[] = [];
    const letGo: (() => void)[] = [];
    const lookAt = createLooks(createTurns(3));
    const script = said === null ? `while :; do sleep 0.1; [ -e "$1" ] || exit 1; done` : `printf ${said}`;
    const look = (path: string, timeoutMs = 60_000) =>
      lookAt(
        path,
        {
          async inThread() {
            looks.push(path);
            if (hangs(path)) await new Promise<void>((resolve) => letGo.push(resolve));
            return 'thread';
          },
          script,
          read: (answer) => answer,
        },
        { timeoutMs },
      );
    return { look, looks, letGo };
  }
  // A mount of its own on every Linux, and a path on that of the root.
  const [dead, other] = ['/proc', '/nowhere'];

  test('is told so after the time-out, isn’t asked again while it hangs, and others are not held up', async () => {
    const { look, looks, letGo } = hangingLooks((path) => path.startsWith(dead));
    const first = look(`${dead}/a`, 10);
    const second = look(`${dead}/b`, 10);
    expect(await look(other)).toBe('thread');
    expect(await Promise.all([first, second])).toEqual([null, null]);
    expect(await look(`${dead}/a`, 10)).toBeNull();
    expect(looks).toEqual([`${dead}/a`, other]);

    // Back again: the one call that hung ends, and the next one is made.
    const next = look(`${dead}/c`);
    for (const go of letGo.splice(0)) go();
    await expect.poll(() => looks).toContain(`${dead}/c`);
    for (const go of letGo.splice(0)) go();
    expect(await next).toBe('thread');
  });

  test('several of them never take all threads that Node has for files: others are looked at by a process', async ({
    skip,
  }) => {
    const dir = temporaryDirectory();
    const mounts = ['one', 'two', 'three', 'four'].map((name) => join(dir, name));
    if (!mounts.every((mount) => mounted(mount, 'size=64k'))) return skip('needs the right to mount');
    const { look, looks } = hangingLooks(() => true, 'process');
    const answers = await Promise.all(mounts.map((mount) => look(mount)));
    expect(answers).toEqual(mounts.map(() => 'process'));
    expect(looks).toEqual(mounts.slice(0, 3));
  });
});

test('a process finds of a directory what a thread does', async () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'file'), '');
  symlinkSync('circle', join(dir, 'circle'));
  mkdirSync(join(dir, "it's a\nname"));
  for (const name of ['', 'absent', 'file', 'file/below', 'circle', "it's a\nname"]) {
    const path = join(dir, name);
    const said = execFileSync('/bin/sh', ['-c', PROBE_SCRIPT, 'sh', path], { encoding: 'utf8' });
    const { free_bytes, ...rest } = readProbe(path, said);
    const { free_bytes: free, ...expected } = await probeDirectory(path, MINUTE);
    expect(rest).toEqual(expected);
    expect(free_bytes === null).toBe(free === null);
  }
});

test('used bytes are blocks of files below, without what links point to', async () => {
  const dir = temporaryDirectory();
  const temporary = join(dir, 'temporary');
  mkdirSync(join(temporary, 'inner'), { recursive: true });
  writeFileSync(join(dir, 'outside'), Buffer.alloc(1_000_000, 1));
  writeFileSync(join(temporary, 'inner', 'file'), Buffer.alloc(40_960, 1));
  writeFileSync(join(temporary, 'sparse'), '');
  truncateSync(join(temporary, 'sparse'), 1_000_000_000);
  symlinkSync(join(dir, 'outside'), join(temporary, 'link'));
  symlinkSync(dir, join(temporary, 'link to a directory'));
  const used = await usedBytes(temporary);
  expect(used).toBeGreaterThanOrEqual(40_960);
  expect(used).toBeLessThan(100_000);
  expect(await usedBytes(join(dir, 'absent'))).toBe(0);
});

test('the bytes of a file, and null for what is none', async () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'file'), 'four');
  expect(await fileBytes(join(dir, 'file'))).toBe(4);
  expect(await fileBytes(join(dir, 'absent'))).toBeNull();
  expect(await fileBytes(join(dir, 'file', 'below'))).toBeNull();
  expect(await fileBytes(dir)).toBeNull();
});

test.each([
  ['/', '/'],
  ['/proc/self', '/proc'],
  ['/processes', '/'],
])('the mount of %s is %s', (path, mount) => {
  expect(mountOf(path)).toBe(mount);
});
