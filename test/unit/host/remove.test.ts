import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeFile, removeWorkerDirectory } from '../../../src/host/remove.ts';
import { temporaryDirectory } from '../../support/directory.ts';

test('a directory goes with all that is in it; what links in it point to stays', async () => {
  const dir = temporaryDirectory();
  const worker = join(dir, 'plot2mqtt-w1');
  mkdirSync(join(worker, 'a', 'b', 'c'), { recursive: true });
  mkdirSync(join(dir, 'foreign'));
  writeFileSync(join(dir, 'foreign', 'precious'), '');
  writeFileSync(join(worker, 'a', 'b', 'x.tmp'), '');
  symlinkSync(join(dir, 'foreign'), join(worker, 'link'));
  symlinkSync(join(dir, 'foreign', 'precious'), join(worker, 'a', 'link'));
  symlinkSync('nowhere', join(worker, 'a', 'dangling'));
  execFileSync('mkfifo', [join(worker, 'pipe')]);
  expect(await removeWorkerDirectory(dir, 'plot2mqtt-w1')).toEqual({ outcome: 'removed' });
  expect(await removeWorkerDirectory(dir, 'plot2mqtt-w1')).toEqual({ outcome: 'missing' });
  expect(readdirSync(dir, { recursive: true }).sort()).toEqual(['foreign', 'foreign/precious']);
});

test('works below a parent that is a link', async () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, 'real', 'w'), { recursive: true });
  symlinkSync(join(dir, 'real'), join(dir, 'temp'));
  expect(await removeWorkerDirectory(join(dir, 'temp'), 'w')).toEqual({ outcome: 'removed' });
  expect(existsSync(join(dir, 'real', 'w'))).toBe(false);
});

test('a link in its place is not followed, nor removed', async () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, 'foreign'));
  writeFileSync(join(dir, 'foreign', 'precious'), '');
  symlinkSync(join(dir, 'foreign'), join(dir, 'w'));
  expect(await removeWorkerDirectory(dir, 'w')).toEqual({
    outcome: 'refused',
    reason: `${join(dir, 'w')} is a link`,
  });
  expect(readdirSync(dir).sort()).toEqual(['foreign', 'w']);
  expect(existsSync(join(dir, 'foreign', 'precious'))).toBe(true);
});

test('a file in its place is left', async () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'w'), '');
  expect(await removeWorkerDirectory(dir, 'w')).toMatchObject({ outcome: 'refused' });
  expect(existsSync(join(dir, 'w'))).toBe(true);
});

test.each(['', '.', '..', '../x', 'a/b', '/', '.hidden', 'a\0', '-', 'w\n', ' '])(
  'the name %j is refused',
  async (name) => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'inner', 'x'), { recursive: true });
    mkdirSync(join(dir, 'x'));
    expect(await removeWorkerDirectory(join(dir, 'inner'), name)).toMatchObject({ outcome: 'refused' });
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual(['inner', 'inner/x', 'x']);
  },
);

test.for(['w', 'w/inner'])('another file system mounted on %s is left, and told', async (place, { skip }) => {
  const dir = temporaryDirectory();
  const mount = join(dir, place);
  mkdirSync(mount, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount], { stdio: 'ignore' });
  } catch {
    return skip('needs the right to mount a tmpfs');
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', mount]);
  });
  writeFileSync(join(mount, 'precious'), '');
  const { outcome, ...rest } = await removeWorkerDirectory(dir, 'w');
  expect(outcome).toMatch(/^(refused|failed)$/);
  expect(rest).toEqual({ reason: `another file system is mounted on ${mount}` });
  expect(existsSync(join(mount, 'precious'))).toBe(true);
});

test('what is not its own is left', async () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, 'w'));
  const foreign = () => 'was not made by this worker';
  expect(await removeWorkerDirectory(dir, 'w', foreign)).toEqual({
    outcome: 'refused',
    reason: `${join(dir, 'w')} was not made by this worker`,
  });
  expect(existsSync(join(dir, 'w'))).toBe(true);
});

const ANY = () => null;

test('one file goes, and nothing that only bears its name', async () => {
  const dir = temporaryDirectory();
  for (const name of ['a.plot.tmp', 'b.plot.tmp', 'precious']) writeFileSync(join(dir, name), '');
  mkdirSync(join(dir, 'directory.tmp'));
  symlinkSync('precious', join(dir, 'link.tmp'));
  linkSync(join(dir, 'precious'), join(dir, 'second.tmp'));
  expect(await removeFile(dir, 'a.plot.tmp', ANY)).toEqual({ outcome: 'removed' });
  expect(await removeFile(dir, 'a.plot.tmp', ANY)).toEqual({ outcome: 'missing' });
  for (const name of ['directory.tmp', 'link.tmp', 'second.tmp', '../x', '.hidden', ''])
    expect(await removeFile(dir, name, ANY)).toMatchObject({ outcome: 'refused' });
  expect(await removeFile(dir, 'b.plot.tmp', () => 'is another one')).toMatchObject({ outcome: 'refused' });
  expect(readdirSync(dir).sort()).toEqual([
    'b.plot.tmp',
    'directory.tmp',
    'link.tmp',
    'precious',
    'second.tmp',
  ]);
});
