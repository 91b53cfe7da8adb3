import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { plotSuffixOf } from '../../../src/config/schema/plotter.ts';
import { stagePlan } from '../../../src/plotters/stages.ts';
import { CASES, SIZES } from './log-cases.ts';
import { definitionOf, fixture, replay } from './replay.ts';

/** The innermost stages up to one, but for those of which a log says nothing. */
function stagesUntil(plotter: string, last: string | undefined, skips: readonly string[]): string[] {
  const all = stagePlan(definitionOf(plotter)).leaves.map(({ id }) => id);
  if (last === undefined) return [];
  return all.slice(0, all.indexOf(last) + 1).filter((id) => !skips.includes(id));
}

for (const [folder, { plotter, logs }] of Object.entries(CASES))
  describe(`logs of ${folder}`, () => {
    it('all have a case', () => {
      const files = readdirSync(new URL(`../../fixtures/plotters/${folder}`, import.meta.url));
      expect(files.map((file) => file.replace(/\.log$/, '')).sort()).toEqual(Object.keys(logs).sort());
    });

    it.each(Object.entries(logs))('%s', (name, { last, plots = 0, error, waits, ...log }) => {
      const id = log.plotter ?? (plotter === '' ? name : plotter);
      const told = replay(id, fixture(`${folder}/${name}.log`));

      expect(told.stages).toEqual(stagesUntil(id, last, log.skips ?? []));
      expect(told.progress).toEqual(told.progress.toSorted((a, b) => a - b));
      if (plots > 0) expect(told.progress.at(-1)).toBeCloseTo(100);
      else expect(told.progress.at(-1)).toBeLessThan(99.5);
      if (Math.abs(plots) === 1) expect(told.backwards).toBe(0);

      expect(told.files).toHaveLength(Math.max(0, plots));
      const names = told.files.map((file) => file.replace(/^.*[/:]/, ''));
      const suffix = plotSuffixOf(definitionOf(id));
      expect(told.names.map((plot) => `${plot}${suffix}`).sort()).toEqual(
        expect.arrayContaining(names.toSorted()),
      );
      if (plots !== 0) expect(told.names).toHaveLength(Math.abs(plots));
      // Each plot that reached its destination had its size told before, within what the plotter rounds.
      if (plots > 0) expect(told.sizes).toHaveLength(log.unsized ? 0 : plots);
      const actual = SIZES[`${folder}/${name}`];
      if (actual !== undefined) {
        expect(told.sizes[0]).toBeLessThanOrEqual(actual);
        expect(told.sizes[0]).toBeGreaterThan(0.99 * actual);
      }
      for (const plot of told.ids) expect(plot).toMatch(/^[0-9a-f]{64}$/);
      for (const [index, plot] of told.names.entries()) expect(plot).toContain(told.ids[index]);

      expect(told.errors).toEqual(error === undefined ? [] : [textOf(error)]);
      expect(told.waiting).toEqual(waits === undefined ? [] : [textOf(waits)]);
    });
  });

function textOf(text: string | RegExp) {
  return typeof text === 'string' ? text : expect.stringMatching(text);
}

/** What is made in another way has other stages. */
const NEW_FORMAT = ['chia-v2', 'pos2'];

it('all plotters of the old format have the same stages, so that a job can change its plotter', () => {
  for (const [plotter, definition] of builtInPlotters())
    if (!NEW_FORMAT.includes(plotter))
      expect(definition.stages.map(({ id }) => id)).toEqual(definitionOf('chia').stages.map(({ id }) => id));
});

describe('the full k32 logs', () => {
  it('moves through the buckets of chia, whose plot id is known at the beginning and its name in phase 3', () => {
    const log = fixture('k32/chia.log');
    const told = replay('chia', log);
    expect(told.progress.length).toBeGreaterThan(800);
    const leaps = told.progress.slice(1).map((percent, index) => percent - (told.progress[index] ?? 0));
    expect(Math.max(...leaps)).toBeLessThan(3.5);
    const early = replay('chia', log.slice(0, log.indexOf('Computing table 1')));
    expect(early.ids).toEqual(told.ids);
    expect(replay('chia', log.slice(0, log.indexOf('Compressing tables 1'))).names).toEqual(told.names);
    expect(told.files).toEqual([`/farm/yards/902/fake_dst/${told.names[0]}.plot`]);
  });

  it('knows the name and id of a MadMax plot before its first table', () => {
    const log = fixture('k32/madmax.log');
    const early = replay('madmax', log.slice(0, log.indexOf('[P1] Table 1')));
    expect(early.ids).toEqual(['522acbd6308af7e229281352f746449134126482cfabd51d38e0f89745d21698']);
    expect(early.names).toEqual([
      'plot-k32-2021-07-14-21-56-522acbd6308af7e229281352f746449134126482cfabd51d38e0f89745d21698',
    ]);
    expect(replay('madmax', log).files).toEqual([`/farm/yards/902/fake_dst/${early.names[0]}.plot`]);
  });

  it('takes "Total time" before or after the copy: only the renaming ends the plot', () => {
    const lines = fixture('chiapos/k20_copy_other_fs.log').split('\n');
    const total = lines.findIndex((line) => line.startsWith('Total time'));
    const copied = lines.findIndex((line) => line.startsWith('Copied final file'));
    expect(total).toBeGreaterThan(0);
    const swapped = lines.toSpliced(total, 1).toSpliced(copied, 0, lines[total] ?? '');
    expect(replay('chia', swapped.join('\n')).files).toHaveLength(1);
    expect(replay('chia', lines.slice(0, Math.max(total, copied) + 1).join('\n')).files).toEqual([]);
  });
});
