import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { alike } from '../../../../src/cli/init/alike.ts';
import { runCheck } from '../../../../src/cli/check/check.ts';
import { runInit } from '../../../../src/cli/init/init.ts';
import { builtInPlotters } from '../../../../src/plotters/catalogue.ts';
import { configText } from '../../../../src/cli/init/init-text.ts';
import { lookAround } from '../../../../src/cli/init/surroundings.ts';
import { loadConfig } from '../../../../src/config/load.ts';

/** Whatever disks this machine has. */
const NO_DISKS = { table: [] };

let home: string;
let said: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'init-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('PATH', join(home, 'bin'));
  said = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

async function program(name: string): Promise<void> {
  const file = join(home, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, 0o755);
}

const load = (file: string) =>
  loadConfig(file, { env: process.env, builtIn: [...builtInPlotters().keys()], fixedWords: new Set() });

describe('init finds the plotter', () => {
  it.each([
    { where: 'bin/chia_plot', id: 'madmax', command: 'chia_plot' },
    { where: 'bin/chia', id: 'chia', command: 'chia plots create' },
    {
      where: 'chia-plotter/build/chia_plot',
      id: 'madmax',
      command: '~/chia-plotter/build/chia_plot',
    },
    {
      where: 'chia-blockchain/activate',
      id: 'chia',
      command: 'cd ~/chia-blockchain && . ./activate && chia plots create',
    },
    { where: 'bin/bladebit_cuda', id: 'bladebit-cuda', command: 'bladebit_cuda', alone: true },
    {
      where: 'bin/cuda_plot_k32',
      id: 'gigahorse-cuda',
      command: 'cuda_plot_k32',
      alone: true,
      wants: expect.stringContaining('compression: 7'),
    },
    { where: 'bin/bladebit', id: 'bladebit-disk', command: 'bladebit' },
  ])('at $where', async ({ where, ...found }) => {
    await program(where);
    expect((await lookAround(NO_DISKS)).plotter).toEqual(found);
  });

  it('and takes the faster one of two', async () => {
    await program('bin/chia');
    await program('chia-plotter/build/chia_plot');
    expect((await lookAround(NO_DISKS)).plotter?.id).toBe('madmax');
  });

  it('and says so where there is none', async () => {
    expect((await lookAround(NO_DISKS)).plotter).toBeNull();
  });
});

describe('init writes', () => {
  it('a configuration with the plotter and a job of it, for its owner alone', async () => {
    await program('bin/chia_plot');
    const file = join(home, 'config.yaml');
    expect(await runInit(file, NO_DISKS)).toBe(0);
    expect(said).toContain(`plot2mqtt check --config ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const loaded = await load(file);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.plotters.madmax).toMatchObject({ command: 'chia_plot' });
    expect(loaded.config.jobs.nightly).toMatchObject({ plotter: 'madmax', max_workers: 2 });
    expect(loaded.config.jobs.nightly).toMatchObject({ keep_running: false, starts: [{ on: 'next' }] });
    expect(loaded.config).toMatchObject({ defaults: {}, disks: [] });
  });

  it('for a plotter that takes the graphics card one run at a time, of several plots', async () => {
    await program('bin/cuda_plot_k32');
    const file = join(home, 'config.yaml');
    expect(await runInit(file, NO_DISKS)).toBe(0);
    const loaded = await load(file);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.jobs.nightly).toMatchObject({
      ...{ plotter: 'gigahorse-cuda', max_workers: 1, plots_per_run: 10 },
    });
    expect(loaded.config.plotters['gigahorse-cuda']).toMatchObject({ arguments: { compression: 7 } });
  });

  it('a configuration without a job where there is no plotter, and says so', async () => {
    const file = join(home, 'config.yaml');
    expect(await runInit(file, NO_DISKS)).toBe(0);
    expect(said).toContain('No plotter was found on this machine');
    expect(await load(file)).toMatchObject({ ok: true, config: { jobs: {} } });
    const lines: string[] = [];
    const machine = { path: '/bin', openFiles: null, systemDisk: null };
    expect(await runCheck({ file, env: process.env, out: (line) => lines.push(line), machine })).toBe(0);
    expect(lines.join('\n')).toMatch(/warning: jobs: there is no job, so nothing is plotted/);
  });

  it('never over one that is there', async () => {
    const file = join(home, 'config.yaml');
    await writeFile(file, 'mine: true\n');
    expect(await runInit(file, NO_DISKS)).toBe(1);
    expect(said).toContain('is there already and stays as it is');
    expect(await readFile(file, 'utf8')).toBe('mine: true\n');
  });

  it('nothing where there is no such directory, and says why', async () => {
    expect(await runInit(join(home, 'nowhere/config.yaml'), NO_DISKS)).toBe(1);
    expect(said).toContain("can't be written");
  });
});

const one = (directory: string) => [{ match: directory, directory, disks: 1 }];

it.each([
  { plotter: null, temp: [], destination: [] },
  {
    plotter: { id: 'madmax', command: 'chia_plot' },
    temp: one('/mnt/ssd'),
    destination: one('/mnt/farm: 1'),
  },
  { plotter: null, temp: one(`/mnt/"fast" \${HOME}`), destination: [] },
])('what init writes for $plotter.id, $temp, $destination is valid and names them', async (found) => {
  const file = join(home, 'config.yaml');
  await writeFile(file, configText({ ...found, twoKinds: false, unwritable: [] }));
  const loaded = await load(file);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.config.defaults.temp_dir).toBe(found.temp[0]?.directory);
  expect(loaded.config.defaults.dest_dir).toBe(found.destination[0]?.directory);
});

describe('init writes of a farm', () => {
  const farm = {
    plotter: { id: 'madmax', command: 'chia_plot' },
    temp: [{ match: '/mnt/nvme*', directory: '/mnt/nvme*/tmp', disks: 2 }],
    destination: [{ match: '/mnt/farm*', directory: '/mnt/farm*/plots', disks: 20 }, ...one('/srv/backup')],
    twoKinds: true,
    unwritable: [],
  };

  it('its disks, their limits, and a job that keeps running', async () => {
    const file = join(home, 'config.yaml');
    await writeFile(file, configText(farm));
    const loaded = await load(file);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { defaults, jobs, disks, moves, limits } = loaded.config;
    expect(defaults).toEqual({ temp_dir: '/mnt/nvme*/tmp', dest_dir: ['/mnt/farm*/plots', '/srv/backup'] });
    expect(jobs.nightly).toMatchObject({ keep_running: true, max_workers: 4, starts: [], arguments: {} });
    expect(disks).toMatchObject([
      { match: '/mnt/nvme*', mounted: true, max_in_phase: { 1: 1 } },
      { match: '/mnt/farm*', mounted: true },
      { match: '/srv/backup', mounted: true },
    ]);
    expect({ moves, limits }).toEqual({ moves: {}, limits: {} });
  });

  it('a move as a comment, which is valid where it is taken in', async () => {
    const file = join(home, 'config.yaml');
    const text = configText(farm);
    const [commented = ''] = /^# moves:\n(?:# .*\n)+/m.exec(text) ?? [];
    await writeFile(file, text + commented.replaceAll(/^# /gm, ''));
    const loaded = await load(file);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.moves.farm).toMatchObject({
      from: ['/mnt/nvme*/done'],
      to: ['/mnt/farm*/plots', '/srv/backup'],
    });
  });

  it('no date, and no move where all disks are of one kind', () => {
    expect(configText(farm)).not.toMatch(/\b20\d\d\b/);
    expect(configText({ ...farm, twoKinds: false })).not.toContain('moves:');
  });
});

describe('disks that look alike are one pattern', () => {
  const on = (point: string, inside = '') => ({ point, directory: `${point}${inside}` });
  const groups = (points: ReturnType<typeof on>[], others: string[] = []) =>
    alike(points, others).map(({ directory, disks }) => `${directory} ${disks}`);

  it.each([
    ['numbered ones', [on('/mnt/farm1'), on('/mnt/farm2'), on('/mnt/farm10')], [], ['/mnt/farm* 3']],
    ['lettered ones', [on('/mnt/disk-a'), on('/mnt/disk-b')], [], ['/mnt/disk-* 2']],
    ['with a directory each', [on('/d/a1/x', '/plots'), on('/d/a2/x', '/plots')], [], ['/d/a*/x/plots 2']],
    ['by the number that is different', [on('/mnt/nvme0n1'), on('/mnt/nvme1n1')], [], ['/mnt/nvme*n1 2']],
    ['not a single one', [on('/mnt/farm1'), on('/mnt/ssd')], [], ['/mnt/farm1 1', '/mnt/ssd 1']],
    ['nor all that there is', [on('/mnt/1'), on('/mnt/2')], [], ['/mnt/1 1', '/mnt/2 1']],
    ['nor another disk', [on('/mnt/d1'), on('/mnt/d2')], ['/mnt/d3'], ['/mnt/d1 1', '/mnt/d2 1']],
    ['a mount further down is none', [on('/mnt/d1'), on('/mnt/d2')], ['/mnt/d1/x'], ['/mnt/d* 2']],
    [
      'nor one on which plots are elsewhere',
      [on('/mnt/d1'), on('/mnt/d2'), on('/mnt/d3', '/plots')],
      [],
      ['/mnt/d1 1', '/mnt/d2 1', '/mnt/d3/plots 1'],
    ],
    [
      'one without their directory is beside them',
      [on('/mnt/d1', '/plots'), on('/mnt/d2', '/plots'), on('/mnt/d3')],
      [],
      ['/mnt/d*/plots 2', '/mnt/d3 1'],
    ],
  ])('%s', (_, points, others, expected) => expect(groups(points, others)).toEqual(expected));
});
