import { describe, expect, it } from 'vitest';
import type { PlotterDefinition } from '../../../src/config/schema/plotter.ts';
import { definitionOf, fixture } from './replay.ts';

/** The options of a help text, each with what is said of it, further lines included. */
function optionsIn(help: string): Map<string, string> {
  const options = new Map<string, string>();
  let last: string[] = [];
  for (const line of help.split('\n')) {
    const [, names] = /^ *(-{1,2}[A-Za-z0-9][^:]*?)(?: {2,}| *: | +arg\b|$)/.exec(line) ?? [];
    if (names !== undefined && /^ {0,7}-/.test(line))
      last = names
        .split(/[,\s]+/)
        .filter((word) => word.startsWith('-'))
        .map((word) => word.replace(/\[.*$/, ''));
    for (const name of last) options.set(name, `${options.get(name) ?? ''} ${line.trim()}`);
  }
  return options;
}

/** Every flag of a definition, with its other spellings. */
function spellingsOf({ arguments: all, other_flags = {}, words }: PlotterDefinition): string[][] {
  const fixed = words.filter((word) => word.startsWith('-'));
  const flags = [...fixed, ...Object.values(all).flatMap(({ flag }) => flag ?? [])];
  return flags.map((flag) => [flag, ...(other_flags[flag] ?? [])]);
}

/** Which help texts there are of a plotter. BladeBit has one for all its commands, and one for each. */
const HELP: Record<string, string[]> = {
  madmax: ['madmax'],
  gigahorse: ['gigahorse'],
  'bladebit-disk': ['bladebit', 'bladebit-diskplot'],
  'bladebit-ram': ['bladebit'],
};

describe.each(Object.entries(HELP))('the command line of %s', (plotter, texts) => {
  const definition = definitionOf(plotter);
  const options = optionsIn(texts.map((name) => fixture(`help/${name}.log`)).join('\n'));

  it.each(spellingsOf(definition))('has %s in the help text, in the other spelling too', (...spellings) => {
    for (const spelling of spellings) expect(options.has(spelling), spelling).toBe(true);
    const [first = '', ...others] = spellings;
    for (const spelling of others) expect(options.get(spelling)).toBe(options.get(first));
  });

  it('has the defaults and bounds that the help text has', () => {
    for (const argument of Object.values(definition.arguments)) {
      const said = options.get(argument.flag ?? '') ?? '';
      const [, value] = /default = (\d+)\b/i.exec(said) ?? [];
      if (value !== undefined && argument.default !== undefined)
        expect(argument.default, said).toBe(Number(value));
      const [, min, max] = /min = (\d+), max = (\d+)/.exec(said) ?? [];
      if (max !== undefined)
        expect({ min: argument.min, max: argument.max }).toEqual({ min: Number(min), max: Number(max) });
    }
  });
});

it('BladeBit compresses from 0 to 7, and has buckets from 64 to 512 at k32', () => {
  const [global, disk] = ['bladebit', 'bladebit-diskplot'].map((name) => fixture(`help/${name}.log`));
  expect(global).toContain('from 0 to 7 (inclusive)');
  expect(disk).toContain('128, 256, 512, 1024 and 64');
  expect(disk).toContain('1024 is not available for plots of k < 33');
  expect(definitionOf('bladebit-ram').arguments.compression).toMatchObject({ min: 0, max: 7 });
  expect(definitionOf('bladebit-disk').arguments.buckets).toMatchObject({ min: 64, max: 512, default: 256 });
});

it('the reference plotter has its words in the order of its help text', () => {
  const words = [...fixture('help/pos2.log').matchAll(/^ {4}[<[](\w+)[>\]]/gm)].map(([, word]) => word);
  const own = Object.entries(definitionOf('pos2').arguments)
    .filter(([, { pass, type }]) => pass && type !== 'words')
    .map(([name]) => name);
  const renamed = words.map((word) => (word === 'plot_id_hex' ? 'plot_id' : word));
  expect(renamed.slice(0, own.length)).toEqual(own);
  expect(fixture('help/pos2.log')).toContain('even integer between 18 and 32');
  expect(definitionOf('pos2').arguments.k).toMatchObject({ min: 18, max: 32 });
});
