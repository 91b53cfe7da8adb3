import { describe, expect, it } from 'vitest';
import type { ArgumentValues } from '../../../src/contract/names.ts';
import { type ArgumentLevelName, resolveArguments } from '../../../src/plotters/arguments.ts';
import { definitionOf } from './replay.ts';

const KEY = 'ab'.repeat(48);
const OTHER_KEY = 'CD'.repeat(48);
const CONTRACT = 'xch1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0srg6dkm';
const BASE = { farmer_key: KEY, pool_key: KEY, temp_dir: '/tmp/t', dest_dir: '/plots' };
const MADMAX_DEFAULTS = { k: 32, threads: 4, buckets: 256 };

type Levels = Partial<Record<ArgumentLevelName, ArgumentValues>>;
function resolve(plotter: string, { job = {}, plotter: own = {}, defaults = {} }: Levels) {
  return resolveArguments(definitionOf(plotter), [
    { level: 'job', values: job },
    { level: 'plotter', values: own },
    { level: 'defaults', values: defaults },
  ]);
}

describe('values', () => {
  it.each<[string, string, Levels, ArgumentValues]>([
    ['defaults of the definition', 'madmax', { defaults: BASE }, { ...BASE, ...MADMAX_DEFAULTS }],
    [
      'nearest level wins, argument by argument',
      'madmax',
      {
        job: { threads: 2 },
        plotter: { threads: 8, buckets: 512 },
        defaults: { ...BASE, threads: 3, buckets: 64 },
      },
      { ...BASE, ...MADMAX_DEFAULTS, threads: 2, buckets: 512 },
    ],
    [
      'false is a value',
      'madmax',
      { job: { alternate_tmp: false }, plotter: { alternate_tmp: true }, defaults: BASE },
      { ...BASE, ...MADMAX_DEFAULTS, alternate_tmp: false },
    ],
    [
      'the nearest level of a group decides: a contract in the job hides the key in defaults',
      'madmax',
      { job: { pool_contract: CONTRACT }, defaults: BASE },
      {
        farmer_key: KEY,
        pool_contract: CONTRACT,
        temp_dir: '/tmp/t',
        dest_dir: '/plots',
        ...MADMAX_DEFAULTS,
      },
    ],
    [
      'the same the other way round',
      'madmax',
      { plotter: { pool_key: OTHER_KEY }, defaults: { ...BASE, pool_key: KEY, pool_contract: CONTRACT } },
      { ...BASE, pool_key: OTHER_KEY, ...MADMAX_DEFAULTS },
    ],
    [
      'what the plotter does not have is ignored in defaults',
      'madmax',
      { defaults: { ...BASE, memory_mib: 4000, nonsense: true } },
      { ...BASE, ...MADMAX_DEFAULTS },
    ],
    [
      'text becomes what it means',
      'madmax',
      { job: { threads: '12', alternate_tmp: 'true', extra: ['-K', '2'] }, defaults: BASE },
      { ...BASE, ...MADMAX_DEFAULTS, threads: 12, alternate_tmp: true, extra: ['-K', '2'] },
    ],
    [
      'chia has a keychain: no keys needed',
      'chia',
      { defaults: { temp_dir: '/t', dest_dir: '/d' } },
      { temp_dir: '/t', dest_dir: '/d', k: 32, threads: 2, buckets: 128, memory_mib: 3389 },
    ],
    [
      'a contract of the test network',
      'chia',
      { job: { pool_contract: `t${CONTRACT}` }, defaults: { temp_dir: '/t', dest_dir: '/d' } },
      {
        pool_contract: `t${CONTRACT}`,
        temp_dir: '/t',
        dest_dir: '/d',
        k: 32,
        threads: 2,
        buckets: 128,
        memory_mib: 3389,
      },
    ],
  ])('%s', (_, plotter, levels, values) => {
    expect(resolve(plotter, levels)).toEqual({ ok: true, values });
  });

  it('come in the order of the definition', () => {
    const resolved = resolve('madmax', {
      job: { dest_dir: '/d', temp_dir: '/t', pool_key: KEY, farmer_key: KEY },
    });
    expect(resolved.ok && Object.keys(resolved.values)).toEqual([
      'farmer_key',
      'pool_key',
      'temp_dir',
      'dest_dir',
      'k',
      'threads',
      'buckets',
    ]);
  });

  it('makes directories absolute with what the caller gives for it', () => {
    const levels = [{ level: 'job' as const, values: { temp_dir: 'tmp', dest_dir: '/d' } }];
    const resolved = resolveArguments(definitionOf('chia'), levels, (path) =>
      path[0] === '/' ? path : `/etc/${path}`,
    );
    expect(resolved).toMatchObject({ ok: true, values: { temp_dir: '/etc/tmp', dest_dir: '/d' } });
  });
});

describe('problems', () => {
  it.each<
    [string, Levels, { code: string; argument: string; level: string | null; message: string | RegExp }]
  >([
    [
      'missing',
      { job: { temp_dir: '/x' }, defaults: without('dest_dir', 'temp_dir') },
      problem('missing_argument', 'dest_dir', null, "argument 'dest_dir' is missing"),
    ],
    [
      'missing group',
      { defaults: without('pool_key') },
      problem(
        'missing_argument',
        'pool_key',
        null,
        "one of the arguments 'pool_key' or 'pool_contract' is missing",
      ),
    ],
    [
      'two of a group',
      { job: { pool_key: KEY, pool_contract: CONTRACT }, defaults: BASE },
      problem(
        'invalid_argument',
        'pool_contract',
        'job',
        "arguments 'pool_key' and 'pool_contract' exclude each other: give one of them",
      ),
    ],
    [
      'unknown in the job',
      { job: { thread: 2 }, defaults: BASE },
      problem('unknown_argument', 'thread', 'job', /^unknown argument 'thread'.*threads/),
    ],
    [
      'unknown in the plotter',
      { plotter: { memory_mib: 2 }, defaults: BASE },
      problem('unknown_argument', 'memory_mib', 'plotter', /^unknown argument 'memory_mib'/),
    ],
    [
      'short key',
      { job: { farmer_key: 'abcd' }, defaults: BASE },
      problem(
        'invalid_argument',
        'farmer_key',
        'job',
        /^argument 'farmer_key' must have 96 hexadecimal characters, not 4 \(.*chia keys show/,
      ),
    ],
    [
      'a name of every object',
      { job: { constructor: 'x' }, defaults: BASE },
      problem('unknown_argument', 'constructor', 'job', /^unknown argument 'constructor'/),
    ],
  ])('%s', (_, levels, { message, ...rest }) => {
    const text = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(resolve('madmax', levels)).toMatchObject({ ok: false, problems: [{ ...rest, message: text }] });
  });

  it('are found all at once, and what is wrong is not called missing too', () => {
    const resolved = resolve('madmax', {
      job: { k: 99, colour: 'red', farmer_key: 'x' },
      defaults: { dest_dir: '/d' },
    });
    expect(resolved.ok ? [] : resolved.problems.map(({ code, argument }) => `${code} ${argument}`)).toEqual([
      'unknown_argument colour',
      'invalid_argument farmer_key',
      'invalid_argument k',
      'missing_argument temp_dir',
      'missing_argument pool_key',
    ]);
  });

  it('pool key and contract exclude each other for chia too', () => {
    const both = { pool_key: KEY, pool_contract: CONTRACT, temp_dir: '/t', dest_dir: '/d' };
    expect(resolve('chia', { defaults: both })).toMatchObject({
      ok: false,
      problems: [{ level: 'defaults' }],
    });
  });
});

function without(...names: string[]): ArgumentValues {
  return Object.fromEntries(Object.entries(BASE).filter(([name]) => !names.includes(name)));
}

function problem(code: string, argument: string, level: string | null, message: string | RegExp) {
  return { code, argument, level, message };
}
