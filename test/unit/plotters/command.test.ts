import { describe, expect, it } from 'vitest';
import { plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import type { ArgumentValues } from '../../../src/contract/names.ts';
import { commandWords, directoriesOf } from '../../../src/plotters/command.ts';
import { spaceNeeds } from '../../../src/plotters/space.ts';
import { definitionOf } from './replay.ts';

describe('commandWords', () => {
  it.each<[string, string, ArgumentValues, Record<string, string>, string]>([
    [
      'chia k32',
      'chia',
      { temp_dir: '/t', dest_dir: '/d', k: 32, threads: 2 },
      {},
      '-n 1 -t /t -d /d -k 32 -r 2',
    ],
    ['small k', 'chia', { temp_dir: '/t', dest_dir: '/d', k: 31 }, {}, '-n 1 -t /t -d /d -k 31 --override-k'],
    [
      'all of chia',
      'chia',
      {
        extra: ['-a', '1'],
        exclude_final_dir: true,
        disable_bitfield: true,
        memory_mib: 4000,
        buckets: 64,
        threads: 4,
        k: 33,
        dest_dir: '/d',
        temp2_dir: '/t2',
        temp_dir: '/t',
        pool_contract: 'xch1',
        farmer_key: 'ab',
      },
      {},
      '-n 1 -f ab -c xch1 -t /t -2 /t2 -d /d -k 33 -r 4 -u 64 -b 4000 -e -x -a 1',
    ],
    ['switches that are off', 'chia', { disable_bitfield: false, k: 32 }, {}, '-n 1 -k 32'],
    [
      'all of madmax: directories end with a slash',
      'madmax',
      {
        farmer_key: 'ab',
        pool_key: 'cd',
        temp_dir: '/t',
        temp2_dir: '/t2/',
        dest_dir: '/d',
        k: 25,
        threads: 8,
        buckets: 512,
        buckets34: 128,
        alternate_tmp: true,
        extra: ['-K', '2'],
      },
      {},
      '-n 1 -f ab -p cd -t /t/ -2 /t2/ -d /d/ -k 25 -r 8 -u 512 -v 128 -G -K 2',
    ],
    [
      "a worker's own directories",
      'madmax',
      { temp_dir: '/t', temp2_dir: '/t2', dest_dir: '/d' },
      { temp_dir: '/t/plot2mqtt-7', temp2_dir: '/t2/plot2mqtt-7' },
      '-n 1 -t /t/plot2mqtt-7/ -2 /t2/plot2mqtt-7/ -d /d/',
    ],
  ])('%s', (_, plotter, values, directories, words) => {
    expect(commandWords(definitionOf(plotter), values, { directories })).toEqual(words.split(' '));
  });

  it.each<[string, ArgumentValues, string]>([
    [
      'bladebit-disk',
      {
        farmer_key: 'ab',
        pool_key: 'cd',
        k: 32,
        temp_dir: '/t',
        dest_dir: '/d',
        extra: ['--f1-threads', '4'],
      },
      '-n 1 -p cd -f ab diskplot -t1 /t --f1-threads 4 /d',
    ],
    [
      'bladebit-ram',
      { farmer_key: 'ab', pool_key: 'cd', k: 32, compression: 5, no_numa: true, dest_dir: '/d' },
      '-n 1 -p cd -z 5 -m -f ab ramplot /d',
    ],
    [
      'bladebit-cuda',
      {
        farmer_key: 'ab',
        pool_contract: 'xch1',
        k: 32,
        device: 1,
        disk_128: true,
        temp_dir: '/t',
        dest_dir: '/d',
      },
      '-n 1 -c xch1 -f ab cudaplot -d 1 --disk-128 -t1 /t /d',
    ],
    [
      'gigahorse-cuda',
      { farmer_key: 'ab', pool_key: 'cd', k: 33, compression: 7, temp_dir: '/t', dest_dir: '@farm' },
      '-n 1 -f ab -p cd -t /t/ -d @farm -C 7',
    ],
    [
      'pos2',
      { k: 28, plot_id: 'ab', strength: 2, plot_index: 7, meta_group: 0, dest_dir: '/d', extra: ['1'] },
      'test 28 ab 2 7 0 1',
    ],
    [
      'chia-v2',
      { farmer_key: 'ab', pool_key: 'cd', k: 28, strength: 3, dest_dir: '/d', exclude_final_dir: true },
      '-n 1 -f ab -p cd -d /d --strength 3 -x',
    ],
  ])('of %s, whose words stand where it wants them', (plotter, values, words) => {
    expect(commandWords(definitionOf(plotter), values)).toEqual(words.split(' '));
  });

  it('hands values over as they are, one word each', () => {
    const words = commandWords(definitionOf('chia'), {
      temp_dir: "/t/a b; rm -rf ~ $(x) '",
      extra: ['', ' '],
    });
    expect(words).toEqual(['-n', '1', '-t', "/t/a b; rm -rf ~ $(x) '", '', ' ']);
  });

  it('passes arguments without a flag as the bare value, and words that go with a value', () => {
    const definition = plotterDefinitionSchema.parse({
      title: 'T',
      command: 't',
      arguments: {
        mode: { type: 'string', with: [{ equals: 'fast', words: ['--now'] }, { words: ['--mode-set'] }] },
        quiet: { type: 'boolean', flag: '-q', with: [{ equals: false, words: ['-v'] }] },
      },
      stages: [{ id: '1', title: 'One' }],
      patterns: [],
    });
    expect(commandWords(definition, { mode: 'fast', quiet: false })).toEqual([
      'fast',
      '--now',
      '--mode-set',
      '-v',
    ]);
    expect(commandWords(definition, { mode: 'slow', quiet: true })).toEqual(['slow', '--mode-set', '-q']);
  });
});

describe('directoriesOf', () => {
  it('tells temporary directories and the destination', () => {
    expect(directoriesOf(definitionOf('chia'), { dest_dir: '/d', temp2_dir: '/t2', temp_dir: '/t' })).toEqual(
      {
        temp: [
          { argument: 'temp_dir', path: '/t' },
          { argument: 'temp2_dir', path: '/t2' },
        ],
        destination: { argument: 'dest_dir', path: '/d' },
        destinations: [{ argument: 'dest_dir', path: '/d' }],
      },
    );
    expect(directoriesOf(definitionOf('chia'), {})).toEqual({
      temp: [],
      destination: null,
      destinations: [],
    });
  });
});

describe('spaceNeeds', () => {
  const GiB = 1024 ** 3;

  it.each<[string, string, ArgumentValues, Record<string, number>]>([
    ['one directory for all', 'chia', { k: 32, temp_dir: '/t' }, { temp_dir: 239 }],
    [
      'the second for the plot',
      'chia',
      { k: 32, temp_dir: '/t', temp2_dir: '/u' },
      { temp_dir: 239, temp2_dir: 101.4 },
    ],
    ['the second is the first', 'chia', { k: 32, temp_dir: '/t', temp2_dir: '/t' }, { temp_dir: 239 }],
    ['madmax together', 'madmax', { k: 32, temp_dir: '/t' }, { temp_dir: 256 }],
    ['madmax apart', 'madmax', { k: 32, temp_dir: '/t', temp2_dir: '/u' }, { temp_dir: 220, temp2_dir: 110 }],
  ])('%s: %s', (_, plotter, values, gib) => {
    const needs = spaceNeeds(definitionOf(plotter), values);
    expect(needs?.plot).toBeGreaterThan(108_836_238_815);
    expect(needs?.plot).toBeLessThan(109_500_000_000);
    const temp = needs?.temp.map(({ argument, bytes }) => [argument, Math.round((bytes / GiB) * 10) / 10]);
    expect(Object.fromEntries(temp ?? [])).toEqual(gib);
    expect(needs?.temp.map(({ path }) => path)).toEqual([...new Set(Object.values(values).slice(1))]);
  });

  it.each([
    ['chia', 18, 4_120_340],
    ['chia', 20, 17_410_475],
    ['chia', 22, 74_589_975],
    ['madmax', 24, 323_745_341],
    ['chia', 25, 673_270_798],
  ])('%s k%i: not less than plots that were seen', (plotter, k, size) => {
    const plot = spaceNeeds(definitionOf(plotter), { k, temp_dir: '/t' })?.plot ?? 0;
    expect(plot).toBeGreaterThanOrEqual(size);
    expect(plot).toBeLessThan(size * 1.05);
  });

  it.each<[string, ArgumentValues, number]>([
    ['gigahorse', { k: 20, compression: 1 }, 16_352_982],
    ['gigahorse', { k: 22, compression: 3 }, 64_494_949],
    ['pos2', { k: 18 }, 638_669],
    ['pos2', { k: 22, strength: 3 }, 12_309_562],
    ['pos2', { k: 24 }, 53_430_137],
    ['pos2', { k: 28 }, 988_628_029],
    ['chia-v2', { k: 28 }, 988_628_029],
    ['bladebit-ram', { k: 32 }, 108_836_238_815],
    ['bladebit-cuda', { k: 32, compression: 7 }, 78 * GiB],
    // Level 7 and 31, as others have told of them.
    ['gigahorse-cuda', { k: 32, compression: 7 }, 74.6 * GiB],
    ['gigahorse-cuda', { k: 32, compression: 31 }, 41_533_187_192],
  ])('%s %o: not less than plots that were seen, and little more', (plotter, values, size) => {
    const plot = spaceNeeds(definitionOf(plotter), { ...values, dest_dir: '/d' })?.plot ?? 0;
    expect(plot).toBeGreaterThanOrEqual(size);
    expect(plot).toBeLessThan(size * 1.15);
  });

  it('knows the room of every level of compression that is offered', () => {
    for (const plotter of ['bladebit-ram', 'bladebit-cuda', 'gigahorse', 'gigahorse-cuda']) {
      const { min = 0, max = 0 } = definitionOf(plotter).arguments.compression ?? {};
      for (let compression = min; compression <= max; compression += 1)
        if (plotter !== 'gigahorse-cuda' || compression < 10 || (compression > 10 && compression < 21))
          expect(spaceNeeds(definitionOf(plotter), { k: 32, compression, temp_dir: '/t' })).not.toBeNull();
    }
  });

  it.each(['chia', 'madmax'])('%s: all grows with the size', (plotter) => {
    const definition = definitionOf(plotter);
    const sizes = Object.keys(definition.space).map(Number);
    const needs = sizes.map((k) => spaceNeeds(definition, { k, temp_dir: '/t', temp2_dir: '/u' }));
    for (const of of [(n: (typeof needs)[0]) => n?.plot, (n: (typeof needs)[0]) => n?.temp[0]?.bytes])
      for (const [index, need] of needs.entries())
        if (index > 0) expect(of(need)).toBeGreaterThan((of(needs[index - 1] ?? null) ?? 0) * 1.2);
    expect(sizes).toEqual(expect.arrayContaining([25, 26, 27, 28, 29, 30, 31, 32, 33, 34]));
  });

  it('is null where the size is not known', () => {
    expect(spaceNeeds(definitionOf('chia'), { k: 50, temp_dir: '/t' })).toBeNull();
    expect(spaceNeeds(definitionOf('chia'), { temp_dir: '/t' })).toBeNull();
  });
});
