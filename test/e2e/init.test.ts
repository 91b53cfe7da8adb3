import { mkdtemp, readFile, rm } from 'node:fs/promises';
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

it.skipIf(!allowed)('init finds disks that are large enough, not the system’s own (needs root)', async () => {
  const script = `
    mount -t tmpfs -o size=1m tmpfs /mnt && mkdir /mnt/small /mnt/farm
    mount -t tmpfs -o size=100m tmpfs /mnt/small
    mount -t tmpfs -o size=4000g tmpfs /mnt/farm
    exec "$0" "$1" init --config "$2"`;
  const file = join(home, 'config.yaml');
  await execa('unshare', [...APART, 'sh', '-euc', script, process.execPath, program, file], {
    env: { HOME: home },
  });
  const { defaults } = parse(await readFile(file, 'utf8'));
  expect(defaults).toEqual({ temp_dir: '/mnt/farm', dest_dir: '/mnt/farm' });
});
