import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bench, KEYS, openBench } from './harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.remove());

const CHIA = ['chia', '-k', '25', '--override-k', '-t', 't', '-d', 'd', ...KEYS];
const MADMAX = ['madmax', '-k', '24', '-t', 't/', '-d', 'd/', ...KEYS];
const list = (name: string) => readdirSync(join(bench.directory, name));

describe('SIGTERM', () => {
  test.each([
    ['chia', CHIA, 'Computing table 2', '.plot.p1.t2.sort_bucket_000.tmp'],
    ['MadMax with one plot', MADMAX, 'Table 1 took', '.p1.t2.sort_bucket_0.tmp'],
  ])('%s dies at once, its temporary files stay', async (_, words, line, file) => {
    const { child, ended, said } = bench.start(words);
    const isThere = () => list('t').some((name) => name.endsWith(file));
    await said(line);
    // It says so first, and then makes the file.
    await vi.waitFor(() => expect(isThere()).toBe(true), 10_000);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(isThere()).toBe(true);
    expect(list('d')).toEqual([]);
  });

  test('MadMax with several plots finishes this one and exits with 0', async () => {
    const { child, ended, said } = bench.start([...MADMAX, '-n', '3', '--speed', '20']);
    await said('Table 1 took');
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout.join('\n')).toContain(
      'The crafting of plots will stop after the creation and copy of the current plot.',
    );
    expect(stdout).toContain(
      'Process has been interrupted, waiting for copy/rename operations to finish ...',
    );
    expect(list('d')).toHaveLength(1);
    expect(list('t')).toEqual([]);
  });

  test('MadMax with several plots ends at once of two in a second', async () => {
    const { child, ended, said } = bench.start([...MADMAX, '-n', '-1']);
    await said('Table 1 took');
    const again = setInterval(() => child.kill('SIGTERM'), 50);
    const { code, stdout } = await ended;
    clearInterval(again);
    expect(code).toBe(252);
    expect(stdout.at(-1)).toBe('Double Ctrl-C pressed, exiting now!');
    expect(list('t')).not.toEqual([]);
  });

  test('with --ignore-term it takes SIGKILL', async () => {
    const { child, ended, said } = bench.start([...CHIA, '--ignore-term', '--speed', '30']);
    await said('Computing table 1');
    child.kill('SIGTERM');
    await said('Computing table 3');
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  });
});

describe('SIGINT', () => {
  test('chia makes all its plots, then says Aborted! and exits with 1', async () => {
    const { child, ended, said } = bench.start([...CHIA, '-n', '2', '--speed', '60']);
    await said('Computing table 2');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr.slice(-2)).toEqual(['', 'Aborted!']);
    expect(list('d')).toHaveLength(2);
  });

  test('MadMax with one plot dies of it', async () => {
    const { child, ended, said } = bench.start(MADMAX);
    await said('Table 1 took');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGINT' });
  });
});

describe('a reader that goes', () => {
  test('chia plots on', async () => {
    const { child, ended, said } = bench.start([...CHIA, '--speed', '300']);
    await said('Computing table 2');
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0 });
    expect(list('d')).toHaveLength(1);
  });

  test('MadMax dies of SIGPIPE', async () => {
    const { child, ended, said } = bench.start([...MADMAX, '--speed', '10']);
    await said('Table 1 took');
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: null, signal: 'SIGPIPE' });
    expect(list('d')).toEqual([]);
  });
});
