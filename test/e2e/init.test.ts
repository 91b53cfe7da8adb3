import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** A mount namespace of its own, in which disks may be mounted that nobody else sees. */
const APART = ['--mount', '--propagation', 'private'];
const allowed = execaSync('unshare', [...APART, 'true'], { reject: false }).exitCode === 0;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'init-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Runs a shell script, then init, where nobody sees what it mounts; what init wrote, and what check says of it. */
async function initAfter(name: string, script: string) {
  const file = join(home, `${name}.yaml`);
  const all = `mount -t tmpfs -o size=1m tmpfs /mnt\n${script}\n"$0" "$1" init --config "$2"; "$0" "$1" check --config "$2" || true`;
  const { stdout } = await execa('unshare', [...APART, 'sh', '-euc', all, process.execPath, program, file], {
    env: { HOME: home, PATH: `${join(home, 'bin')}:${process.env.PATH}` },
  });
  return { said: stdout.split('\n'), text: await readFile(file, 'utf8') };
}

/** Shell: a file system of this size at a directory; `fast` says in which way its disk is known. */
const disk = (point: string, size: string, fast?: boolean) =>
  [
    `mkdir ${point}; mount -t tmpfs -o size=${size} tmpfs ${point}`,
    ...(fast === undefined
      ? []
      : [
          `block=/sys/dev/block/$(mountpoint -d ${point})/queue`,
          `mkdir -p $block; echo ${fast ? 0 : 1} > $block/rotational`,
        ]),
  ].join('\n');

it.skipIf(!allowed)('init finds disks that are large enough, not the system’s own (needs root)', async () => {
  const script = [disk('/mnt/small', '100m'), disk('/mnt/farm', '4000g')].join('\n');
  const { defaults } = parse((await initAfter('one', script)).text);
  expect(defaults).toEqual({ temp_dir: '/mnt/farm', dest_dir: '/mnt/farm' });
});

it.skipIf(!allowed)('init writes a farm, with which check is happy but for keys (needs root)', async () => {
  await mkdir(join(home, 'bin'));
  await writeFile(join(home, 'bin/chia_plot'), '#!/bin/sh\n', { mode: 0o755 });
  const script = [
    'mount -t tmpfs tmpfs /sys/dev/block',
    ...['/mnt/nvme0', '/mnt/nvme1'].map((point) => disk(point, '2000g', true)),
    ...['/mnt/farm1', '/mnt/farm2', '/mnt/farm10'].map((point) => disk(point, '8000g', false)),
    disk('/mnt/nas', '9000g'),
    disk('/mnt/usb', '8g', false),
    // The same disk once more, and a part of the system.
    'mkdir /mnt/nas-again; mount --bind /mnt/nas /mnt/nas-again',
    'mount -t tmpfs -o size=9000g tmpfs /var/tmp',
    'mkdir /mnt/nvme0/tmp /mnt/nvme1/tmp /mnt/farm1/plots /mnt/farm2/plots /mnt/farm10/plots',
    'find /mnt > "$2.before"',
    'trap \'find /mnt > "$2.after"\' EXIT',
  ].join('\n');
  const { said, text } = await initAfter('farm', script);
  const { defaults, disks, jobs } = parse(text);
  expect(defaults).toEqual({ temp_dir: '/mnt/nvme*/tmp', dest_dir: ['/mnt/farm*/plots', '/mnt/nas'] });
  expect(disks).toEqual([
    { match: '/mnt/nvme*', mounted: true, max_in_phase: { 1: 1 } },
    { match: '/mnt/farm*', mounted: true },
    { match: '/mnt/nas', mounted: true },
  ]);
  expect(jobs.nightly).toMatchObject({ plotter: 'madmax', keep_running: true, max_workers: 4 });
  const told = said.filter((line) => line.includes('farm.yaml:'));
  expect(told).toEqual([
    expect.stringContaining("'farmer_key' is missing"),
    expect.stringContaining('pool_'),
  ]);
  const [before, after] = await Promise.all(
    ['before', 'after'].map((when) => readFile(join(home, `farm.yaml.${when}`), 'utf8')),
  );
  expect(after).toBe(before);
});

it.skipIf(!allowed)('init says on which disks nobody may write (needs root)', async () => {
  const script = [disk('/mnt/farm1', '4000g'), disk('/mnt/farm2', '4000g'), 'mount -o remount,ro /mnt/farm2'];
  const { said, text } = await initAfter('left-out', script.join('\n'));
  expect(parse(text).defaults.dest_dir).toBe('/mnt/farm1');
  expect(said.join('\n')).toMatch(/This account may not write on \/mnt\/farm2, so/);
});
