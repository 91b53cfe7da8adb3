import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCheck } from '../../../src/cli/check.ts';
import { configText, runInit } from '../../../src/cli/init.ts';
import { lookAround } from '../../../src/cli/surroundings.ts';
import { loadConfig } from '../../../src/config/load.ts';

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
  loadConfig(file, { env: process.env, builtIn: ['chia', 'madmax'], fixedWords: new Set() });

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
  ])('at $where', async ({ where, id, command }) => {
    await program(where);
    expect((await lookAround()).plotter).toEqual({ id, command });
  });

  it('and takes the faster one of two', async () => {
    await program('bin/chia');
    await program('chia-plotter/build/chia_plot');
    expect((await lookAround()).plotter?.id).toBe('madmax');
  });

  it('and says so where there is none', async () => {
    expect((await lookAround()).plotter).toBeNull();
  });
});

describe('init writes', () => {
  it('a configuration with the plotter and a job of it, for its owner alone', async () => {
    await program('bin/chia_plot');
    const file = join(home, 'config.yaml');
    expect(await runInit(file)).toBe(0);
    expect(said).toContain(`plot2mqtt check --config ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const loaded = await load(file);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.plotters.madmax).toMatchObject({ command: 'chia_plot' });
    expect(loaded.config.jobs.nightly).toMatchObject({ plotter: 'madmax', max_workers: 2 });
  });

  it('a configuration without a job where there is no plotter, and says so', async () => {
    const file = join(home, 'config.yaml');
    expect(await runInit(file)).toBe(0);
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
    expect(await runInit(file)).toBe(1);
    expect(said).toContain('is there already and stays as it is');
    expect(await readFile(file, 'utf8')).toBe('mine: true\n');
  });

  it('nothing where there is no such directory, and says why', async () => {
    expect(await runInit(join(home, 'nowhere/config.yaml'))).toBe(1);
    expect(said).toContain("can't be written");
  });
});

it.each([
  { plotter: null, temp: null, destination: null },
  { plotter: { id: 'madmax' as const, command: 'chia_plot' }, temp: '/mnt/ssd', destination: '/mnt/farm: 1' },
  { plotter: null, temp: '/mnt/"fast"', destination: null },
])('what init writes for $plotter.id, $temp, $destination is valid and names them', async (found) => {
  const file = join(home, 'config.yaml');
  await writeFile(file, configText(found));
  const loaded = await load(file);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.config.defaults.temp_dir ?? null).toBe(found.temp);
  expect(loaded.config.defaults.dest_dir ?? null).toBe(found.destination);
});
