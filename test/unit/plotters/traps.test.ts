import { describe, expect, it, test } from 'vitest';
import { compileParser } from '../../../src/plotters/parser.ts';
import { checkValue } from '../../../src/plotters/values.ts';
import { CASES } from './log-cases.ts';
import { definitionOf, fixture, replay } from './replay.ts';

/** The signals of some lines of a log that says nothing else. */
function signalsOf(plotter: string, lines: readonly string[]) {
  const parser = compileParser(definitionOf(plotter));
  return lines.flatMap((line) => parser.parse(line, null));
}

const upTo = (log: string, line: string) => {
  const at = log.indexOf(line);
  expect(at).toBeGreaterThan(0);
  return log.slice(0, at);
};

describe('half lines, carriage returns, line ends in writes of their own', () => {
  const all = Object.entries(CASES).flatMap(([folder, { plotter, logs }]) =>
    Object.entries(logs).map(
      ([name, log]) => [folder, name, log.plotter ?? (plotter === '' ? name : plotter)] as const,
    ),
  );
  it.each(all)('%s/%s: it makes no difference in which pieces a log comes', (folder, name, plotter) => {
    const log = fixture(`${folder}/${name}.log`);
    expect(replay(plotter, log, 7)).toEqual(replay(plotter, log));
  });

  it('sees each line of a bar that is drawn over the one before', () => {
    const told = replay('pos2', fixture('pos2/k24_pipe.log'));
    expect(told.progress.length).toBeGreaterThan(15);
    expect(told.backwards).toBe(0);
  });
});

describe('BladeBit', () => {
  it('takes no "Completed Plot 1" for an end, nor for the first plot', () => {
    const log = fixture('seen-elsewhere/bladebit-cuda_n2.log');
    const first = log.slice(0, log.indexOf('Generating plot 2'));
    const made = upTo(first, '.plot.tmp -> ').replace(/\n.*$/, '\n');
    expect(made).toContain('Completed Plot 1 in');
    expect(replay('bladebit-cuda', made)).toMatchObject({ files: [] });
    const told = replay('bladebit-cuda', log);
    expect(new Set(told.ids).size).toBe(2);
    expect(told.files).toEqual(told.names.map((name) => `/mnt/plots/${name}.plot`));
  });

  it('has the reason of a fatal error in the line behind it, or in the same', () => {
    const error = { type: 'error', message: 'Overran park buffer for table 3.', waits: false, fatal: true };
    for (const plotter of ['bladebit-ram', 'bladebit-disk', 'bladebit-cuda']) {
      const reason = 'Overran park buffer for table 3.';
      expect(signalsOf(plotter, ['Fatal Error:  ', reason, 'more of it'])).toEqual([error]);
      expect(signalsOf(plotter, [`Fatal Error:  ${reason}`])).toEqual([error]);
      expect(signalsOf(plotter, [reason])).toEqual([]);
    }
  });

  it('in memory has a plot in its place when it says so, not when it is about to rename it', () => {
    const log = fixture('seen-elsewhere/bladebit-ram_n2.log');
    const said = upTo(log, 'Previous plot finished writing to disk');
    expect(said).toContain('.plot.tmp -> ');
    expect(replay('bladebit-ram', said).files).toEqual([]);
    expect(replay('bladebit-ram', log).files).toHaveLength(2);
  });

  it('names the plot of 2021 only when it is there', () => {
    const log = fixture('k32/bladebit-ram.log');
    expect(replay('bladebit-ram', upTo(log, 'Plot /mnt/tmp')).names).toEqual([]);
    expect(replay('bladebit-ram', log).files).toEqual([
      expect.stringMatching(
        /^\/mnt\/tmp\/01\/manual-transfer\/plot-k32-2021-08-29-22-22-[0-9a-f]{64}\.plot$/,
      ),
    ]);
  });
});

describe('MMX and chives', () => {
  const id = '5a'.repeat(32);
  it.each([
    ['madmax', `plot-mmx-k32-2026-11-20-11-30-${id}`],
    ['gigahorse', `plot-mmx-k32-c7-2026-11-20-11-30-${id}`],
    ['gigahorse-cuda', `plot-mmx-k34-c1-2026-11-20-11-30-${id}`],
  ])('%s: a plot has its name and its id', (plotter, name) => {
    const told = signalsOf(plotter, [`Plot Name: ${name}`]);
    expect(told).toContainEqual({ type: 'plot_name', name });
    expect(told).toContainEqual({ type: 'plot_id', id });
  });

  it.each(['madmax', 'gigahorse', 'gigahorse-cuda'])('%s takes their addresses', (plotter) => {
    const { pool_contract } = definitionOf(plotter).arguments;
    if (pool_contract === undefined) throw new Error(plotter);
    for (const prefix of ['xch1', 'txch1', 'xcc1', 'mmx1']) {
      const value = `${prefix}${'q'.repeat(58)}`;
      expect(checkValue(pool_contract, value)).toEqual({ value });
    }
    expect(checkValue(pool_contract, `btc1${'q'.repeat(58)}`)).toHaveProperty('wrong');
  });
});

describe('Gigahorse', () => {
  it('names a plot that it renames without its directory', () => {
    const told = replay('gigahorse', fixture('gigahorse_cpu/k22_C3.log'));
    expect(told.files).toEqual([`${told.names[0]}.plot`]);
  });

  it('names a plot that it copies to another host with that host', () => {
    const told = replay('gigahorse-cuda', fixture('seen-elsewhere/gigahorse-cuda_remote.log'));
    expect(told.files).toEqual([`@10.0.0.7:${told.names[0]}.plot`]);
  });
});

describe('plotters of the new format', () => {
  it.each(['err_full_disk', 'err_unwritable_cwd'])('%s: an error that ends with 0 is one', (name) => {
    const lines = fixture(`pos2/${name}.log`).split('\n');
    const errors = signalsOf('pos2', lines).filter(({ type }) => type === 'error');
    expect(errors).toEqual([expect.objectContaining({ fatal: true })]);
  });

  it('has a file under its final name before it is whole: the line says which, and no line that it is made', () => {
    const told = replay('pos2', fixture('pos2/err_full_disk.log'));
    expect(told.names).toEqual([
      'plot_22_2_0_0_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.bin',
    ]);
    expect(told.files).toEqual([]);
  });

  it('takes a group of plots where create2 makes one', () => {
    const log = fixture('chia-v2/pip_k18.log').replace('.plot2', '.gplot');
    expect(replay('chia-v2', log).files).toEqual([expect.stringMatching(/^plot-k18-[0-9a-f]{64}\.gplot$/)]);
  });
});

const PLOT = `plot-k32-2026-11-20-11-30-${'5a'.repeat(32)}`;

/** Lines that no log here has: from the sources, and as others have told of them. */
test.each<[string, string, object]>([
  [
    'bladebit-disk',
    `No space left in plot output directory for plot '/mnt/a/${PLOT}.plot.tmp'. Waiting 10.0 seconds before trying again...`,
    { waits: true, path: `/mnt/a/${PLOT}.plot.tmp` },
  ],
  [
    'bladebit-ram',
    `Error 5 encountered when writing to plot '/mnt/a/${PLOT}.plot.tmp.`,
    { waits: true, path: `/mnt/a/${PLOT}.plot.tmp.` },
  ],
  [
    'bladebit-cuda',
    '[PlotWriter] Error: Could not rename plot file with error: 13.',
    { waits: false, message: 'Could not rename plot file with error: 13.' },
  ],
  [
    'bladebit-cuda',
    `WARNING: Deleting plot '/mnt/a/${PLOT}.plot.tmp' as it is below the proof threshold: 0.120 / 0.600.`,
    { waits: false, message: expect.stringMatching(/^Deleting plot '.*0\.600\.$/) },
  ],
  [
    'bladebit-cuda',
    'CUDA error: 2 (0x2) cudaErrorMemoryAllocation : out of memory',
    { message: 'CUDA error: 2 (0x2) cudaErrorMemoryAllocation : out of memory' },
  ],
  [
    'gigahorse',
    `Copy to ${PLOT}.plot failed with: fwrite() failed with: No space left on device`,
    { waits: true },
  ],
  [
    'gigahorse-cuda',
    `Copy to /mnt/hdd1/${PLOT}.plot failed with: fwrite() failed with: No space left on device`,
    { waits: true, path: `/mnt/hdd1/${PLOT}.plot` },
  ],
  ['gigahorse-cuda', 'All destinations are busy or full, waiting ...', { waits: true }],
  [
    'gigahorse-cuda',
    "FileStore: write('/mnt/local/cuda_plot_tmp2_1.tmp') failed with: Structure needs cleaning",
    { waits: false },
  ],
  ['chia-v2', 'OSError: failed to create plot file', { message: 'failed to create plot file' }],
])('%s: %s', (plotter, line, wanted) => {
  const signals = signalsOf(plotter, [line]);
  expect(signals).toEqual([expect.objectContaining({ type: 'error', ...wanted })]);
  if (!('path' in wanted)) expect(signals[0]).not.toHaveProperty('path');
});
