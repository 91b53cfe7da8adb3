import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf } from '../support/product/blocks.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const page = readFileSync(new URL('../../docs/farm.md', import.meta.url), 'utf8');
/** A mount namespace of its own, in which disks may be mounted that nobody else sees. */
const APART = ['--mount', '--propagation', 'private'];
const allowed = execaSync('unshare', [...APART, 'true'], { reject: false }).exitCode === 0;

const KEY = 'ab'.repeat(48);
const range = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at + 1}`);
const DISKS = ['nvme0', 'nvme1', ...range('farm', 20)];

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-'));
  await mkdir(join(home, 'chia-blockchain'), { recursive: true });
  await mkdir(join(home, 'chia-plotter/build'), { recursive: true });
  for (const name of ['chia-blockchain/activate', 'chia-plotter/build/chia_plot'])
    await writeFile(join(home, name), '#!/bin/sh\n', { mode: 0o755 });
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** The farm of the page, as it is before anything is filled in. */
function farm(): string {
  const text = blocksOf(page).find(({ language }) => language === 'yaml')?.text ?? '';
  return text
    .replace(/farmer_key: …/, `farmer_key: "${KEY}"`)
    .replace(/pool_contract: xch1…/, `pool_key: "${KEY}"`);
}

/** What check says of it on a host that has its disks, without `away`. */
async function check(config: string, { away = [] }: { away?: readonly string[] } = {}) {
  const file = join(home, 'config.yaml');
  await writeFile(file, config);
  const script = [
    'mount -t tmpfs -o size=1m tmpfs /mnt',
    ...DISKS.map((name) => `mkdir /mnt/${name}`),
    ...DISKS.filter((name) => !away.includes(name)).map((name) => {
      const inside = name.startsWith('nvme') ? ['tmp', 'done'] : ['plots'];
      const folders = inside.map((each) => `/mnt/${name}/${each}`).join(' ');
      return `mount -t tmpfs -o size=4000g tmpfs /mnt/${name}; mkdir ${folders}`;
    }),
    'touch -d 2022-01-01 /mnt/farm8/plots/plot-k32-2022-01-01-00-00-0000.plot',
    'touch /mnt/farm8/plots/plot-k33-2022-01-01-00-00-0000.plot',
    'exec "$0" "$1" check --config "$2"',
  ];
  const words = [...APART, 'sh', '-euc', script.join('\n'), process.execPath, program, file];
  const { exitCode, stdout } = await execa('unshare', words, {
    env: { HOME: home, PATH: process.env.PATH },
    reject: false,
  });
  return { exitCode, told: stdout.split('\n').filter((line) => line.startsWith(file)), stdout };
}

it('the farm of the page has about thirty lines, and names no directory in a job', () => {
  const lines = farm().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(25);
  expect(lines.length).toBeLessThanOrEqual(35);
  expect(farm()).not.toMatch(/^ {2}\w+: \{.*(?:temp|dest)_dir/m);
});

it.skipIf(!allowed)('check has nothing against it on a host with its disks (needs root)', async () => {
  const { exitCode, told, stdout } = await check(farm());
  expect(told.slice(0, -1)).toEqual([]);
  expect(told.at(-1)).toMatch(/ is valid\.$/);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/ temp_dir \/mnt\/nvme\*\/tmp: \/mnt\/nvme0\/tmp, \/mnt\/nvme1\/tmp$/m);
  expect(stdout).toMatch(/replot: 1 plot .* in \/mnt\/farm8\/plots would be removed/);
});

it.skipIf(!allowed).each([
  {
    mistake: 'a disk that is away',
    away: ['farm7', 'farm3'],
    from: '',
    to: '',
    says: [/\/mnt\/farm7 is not mounted: it is left out/, /\/mnt\/farm3 is not mounted: it is left out/],
  },
  {
    mistake: 'jobs that plot to where the move brings plots',
    from: 'dest_dir: "/mnt/nvme*/done"',
    to: 'dest_dir: "/mnt/farm*/plots"',
    says: ['spare', 'large', 'day', 'night'].map((job) =>
      RegExp(`job '${job}' makes its plots in .* brings others`),
    ),
  },
  {
    mistake: 'a move out of a directory that no job makes plots in',
    from: 'from: "/mnt/nvme*/done"',
    to: 'from: "/mnt/nvme*/tmp"',
    says: ['spare', 'large', 'day', 'night'].map((job) =>
      RegExp(`job '${job}' makes its plots in .* no move takes`),
    ),
  },
  {
    mistake: 'an entry of disks with the wrong name',
    from: 'match: "/mnt/nvme*"',
    to: 'match: "/mnt/nvme*/plotting"',
    says: [/\/mnt\/nvme\*\/plotting matches no directory/],
  },
  {
    mistake: 'a rule of replotting that means every plot',
    from: ', k: 32 }',
    to: ', k: [32, 33] }',
    says: [/move 'farm': this rule of replotting would remove every plot/],
  },
  {
    mistake: 'old plots that are looked for on other disks',
    from: ', k: 32 }',
    to: ', k: 32, dirs: "/mnt/nvme*/done" }',
    says: [/no plot in .* is one that this rule/, /\/mnt\/nvme\*\/done is on no disk of its destinations/],
  },
])('check says $mistake (needs root)', async ({ away = [], from, to, says }) => {
  expect(farm()).toContain(from);
  const { exitCode, told } = await check(
    farm().replace(from, () => to),
    { away },
  );
  expect(exitCode).toBe(0);
  expect(told.slice(0, -1)).toHaveLength(says.length);
  for (const sentence of says) expect(told).toContainEqual(expect.stringMatching(sentence));
});
