import { describe, expect, it } from 'vitest';
import { repeatedFlags } from '../../../src/plotters/repeated-flags.ts';
import { bladebitFlags } from '../../../src/simulator/plotters/bladebit-arguments.ts';
import { CHIA_FLAGS } from '../../../src/simulator/plotters/chia-arguments.ts';
import { GIGAHORSE, GIGAHORSE_CUDA, MADMAX } from '../../../src/simulator/plotters/madmax-kinds.ts';
import { CREATE2_FLAGS } from '../../../src/simulator/plotters/new-format.ts';
import { definitionOf } from './replay.ts';

const found = (plotter: string, ...words: string[]) =>
  repeatedFlags(definitionOf(plotter), words).map(({ index, message }) => `${index} ${message}`);

describe('words that repeat a flag', () => {
  it('are named, with what gives it already', () => {
    expect(found('madmax', '-K', '2', '-n', '-1')).toEqual([
      '2 repeats the flag -n: it is what plots_per_run sets',
    ]);
    expect(found('madmax', '--threads=8')).toEqual([
      "0 repeats the flag --threads: it is what the argument 'threads' sets",
    ]);
  });

  it.each([['-n', '-n=5', '-n5', '-n-1', '--count', '--count=5', '-r', '-2', '--tmpdir2', '-G']])(
    'are found in each form',
    (...words) => {
      expect(found('madmax', ...words)).toHaveLength(words.length);
    },
  );

  it.each([
    ['madmax', ['-K', '2', '-x', '8444', '--unique', '--counter', 'n', '-w', '10']],
    ['chia', ['-a', '1234', '--plotid', '--numb', '-i', 'x']],
  ])('are none that %s has beside them', (plotter, words) => {
    expect(found(plotter, ...words)).toEqual([]);
  });

  it.each([
    ['madmax', MADMAX.flags],
    ['gigahorse', GIGAHORSE.flags],
    ['gigahorse-cuda', GIGAHORSE_CUDA.flags],
    ['chia', CHIA_FLAGS],
    ['chia-v2', CREATE2_FLAGS],
    ['bladebit-ram', bladebitFlags('ramplot')],
    ['bladebit-disk', bladebitFlags('diskplot')],
    ['bladebit-cuda', bladebitFlags('cudaplot')],
  ])('are known in each spelling that %s has', (plotter, known) => {
    for (const { flags } of known) {
      const each = flags.map((flag) => found(plotter, flag).length);
      expect(new Set(each).size, flags.join()).toBe(1);
    }
  });
});
