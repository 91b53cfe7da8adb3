import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { definitions } from '../../../src/plotters/definitions/index.ts';

const root = new URL('../../../', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'plot2mqtt-catalogue-'));
afterAll(() => rm(folder, { recursive: true }));

describe('builtInPlotters', () => {
  it('has one plotter for each YAML file of the folder', async () => {
    const files = await readdir(join(root, 'src/plotters/definitions'));
    const ids = files.filter((file) => file.endsWith('.yaml')).map((file) => file.replace('.yaml', ''));
    expect([...builtInPlotters().keys()]).toEqual(ids.sort());
    expect(ids.toSorted()).toEqual([
      ...['bladebit-cuda', 'bladebit-disk', 'bladebit-ram', 'chia', 'chia-v2'],
      ...['gigahorse', 'gigahorse-cuda', 'madmax', 'pos2'],
    ]);
  });

  it('is parsed once, and frozen to its innermost parts', () => {
    expect(builtInPlotters()).toBe(builtInPlotters());
    const chia = builtInPlotters().get('chia');
    expect([chia, chia?.arguments.k?.with[0], chia?.patterns[0]?.inside].every(Object.isFrozen)).toBe(true);
  });

  it('is in the bundle as data: it is the same where there is no folder and no YAML', async () => {
    const { plotterDefinitions } = await import(`${root}scripts/plotter-definitions.mjs`);
    const entry = join(folder, 'entry.ts');
    await writeFile(entry, `export { definitions } from '${root}src/plotters/definitions/index.ts';`);
    const { metafile } = await build({
      entryPoints: [entry],
      outfile: join(folder, 'bundle.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      plugins: [plotterDefinitions],
      metafile: true,
    });
    expect(Object.keys(metafile.inputs).filter((input) => input.includes('node_modules/yaml'))).toEqual([]);
    const bundled = await import(join(folder, 'bundle.mjs'));
    expect(bundled.definitions).toEqual(definitions);
  });
});

describe('plotterDefinitionSchema', () => {
  const valid = {
    title: 'T',
    command: 't',
    arguments: { tmp: { type: 'directory', role: 'temp' }, out: { type: 'directory', role: 'destination' } },
    stages: [
      { id: '1', title: 'One' },
      { id: '1.1', title: 'One one' },
      { id: '2', title: 'Two' },
    ],
    patterns: [],
  };

  it('takes a small definition', () => {
    expect(plotterDefinitionSchema.safeParse(valid).success).toBe(true);
  });

  it.each<[string, object, string]>([
    ['a wrong expression', { patterns: [{ match: '(' }] }, 'patterns.0.match'],
    ['a stage that is not there', { patterns: [{ match: 'x', enter: '3' }] }, 'there is no stage "3"'],
    ['a group that is not there', { patterns: [{ match: 'x', leave: '1.{t}' }] }, 'no named group "t"'],
    [
      'a group that is set by no pattern',
      { patterns: [{ match: 'x', set: { a: '{b}' } }] },
      'no named group "b"',
    ],
    ['during no stage', { patterns: [{ match: 'x', during: '9' }] }, 'there is no stage "9"'],
    ['when nothing sets it', { patterns: [{ match: 'x', when: { pass: '1' } }] }, 'no pattern sets "pass"'],
    ['a name without its group', { patterns: [{ match: 'x', plot_name: true }] }, 'no group "name"'],
    ['a file without its group', { patterns: [{ match: 'x', final_file: true }] }, 'no group "file"'],
    [
      'a weight of a phase with steps',
      {
        stages: [
          { id: '1', title: 'a', weight: 1 },
          { id: '1.1', title: 'b' },
        ],
      },
      'has steps',
    ],
    [
      'some weights only',
      {
        stages: [
          { id: '1', title: 'a', weight: 1 },
          { id: '2', title: 'b' },
        ],
      },
      'has no weight',
    ],
    ['a step before its phase', { stages: [{ id: '1.1', title: 'a' }] }, 'comes before its phase'],
    [
      'a stage twice',
      {
        stages: [
          { id: '1', title: 'a' },
          { id: '1', title: 'b' },
        ],
      },
      'comes twice',
    ],
    ['a boolean without flag', { arguments: { a: { type: 'boolean' } } }, 'a boolean needs a flag'],
    ['a wrong pattern', { arguments: { a: { type: 'string', pattern: '[' } } }, 'arguments.a.pattern'],
    ['room in the destination', { space: { 32: { plot: 1, temp: { out: 1 } } } }, 'role: temp'],
  ])('refuses %s', (_, part, text) => {
    const { error } = plotterDefinitionSchema.safeParse({ ...valid, ...part });
    const problems = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(problems?.join('\n')).toContain(text);
  });
});
