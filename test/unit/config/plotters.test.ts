import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { problemsOf } from './support.ts';

const TEMP = { type: 'directory', role: 'temp' };
const OUT = { type: 'directory', role: 'destination' };
const K = { type: 'integer', default: 28 };

/** What is wrong with a plotter of one's own, without places in the file. */
async function wrongWith(keys: object): Promise<string[]> {
  const mine = {
    title: 'Mine',
    command: 'mine',
    arguments: {},
    stages: [{ id: '1', title: 'One' }],
    patterns: [],
  };
  const problems = await problemsOf(stringify({ plotters: { mine: { ...mine, ...keys } } }));
  return problems.map((problem) => problem.replace(/^\d+:\d+ plotters\.mine\./, ''));
}

const withArgument = (argument: object, name = 'x', others: object = {}) => ({
  arguments: { ...others, [name]: argument },
});
const withDefault = (value: string, argument: object = { type: 'string' }) =>
  withArgument({ ...argument, default: value });

describe('what is wrong with arguments', () => {
  it.each<[string, object, string]>([
    [
      'a list of words',
      withArgument({ type: 'words', list: true }),
      'arguments.x.list: "list" is only for an argument with "type: directory"',
    ],
    [
      'a remote number',
      withArgument({ type: 'integer', remote: '@' }),
      'arguments.x.remote: "remote" is only for an argument with "type: directory"',
    ],
    [
      'a pattern that is none',
      withArgument({ ...OUT, remote: '@(' }),
      'arguments.x.remote: Invalid regular expression: /@(/: Unterminated group',
    ],
    [
      'a temporary directory that is not passed',
      withArgument({ ...TEMP, pass: false }),
      'arguments.x.pass: a temporary directory is made for the program: it has to be passed',
    ],
    [
      'a place of what is no list of words',
      withArgument({ type: 'integer', in_place: true }),
      'arguments.x.in_place: "in_place" is only for an argument with "type: words"',
    ],
    [
      'a flag of what is not passed',
      withArgument({ type: 'integer', flag: '-x', pass: false }),
      'arguments.x.flag: an argument that is not passed ("pass: false") has no flag',
    ],
    [
      'an argument that is called as a computed value',
      withArgument(K, 'sequence'),
      `arguments.sequence: an argument can't be called "sequence": {sequence} is a computed value`,
    ],
    [
      'no such argument',
      { words: ['{size}'] },
      'words[0]: {size} is neither an argument nor {sequence}, {sequence:N} or {random:N}',
    ],
    [
      'one in a flag',
      withArgument({ ...K, flag: '--{q}' }),
      'arguments.x.flag: {q} is neither an argument nor {sequence}, {sequence:N} or {random:N}',
    ],
    [
      'no digits',
      { words: ['{random}'] },
      'words[0]: {random:N} wants how many hexadecimal digits, 1 to 1024, such as {random:64}',
    ],
    [
      'too many',
      { words: ['{random:9999}'] },
      'words[0]: {random:N} wants how many hexadecimal digits, 1 to 1024, such as {random:64}',
    ],
    [
      'a sequence of none',
      { words: ['{sequence:0}'] },
      'words[0]: {sequence:N} counts from 0 to N - 1: N is at least 1',
    ],
    [
      'an argument with a number',
      { words: ['{k:3}'], ...withArgument(K, 'k') },
      'words[0]: {k:3}: only {sequence:N} and {random:N} have a number',
    ],
    [
      'itself',
      withDefault('{x}'),
      'arguments.x.default: {x} has no value yet: it stands behind this argument',
    ],
    [
      'what may have no value',
      withArgument({ type: 'string', default: '{k}' }, 'x', { k: { type: 'integer' } }),
      `arguments.x.default: {k} may have no value: give 'k' a default, or make it required`,
    ],
    [
      'one of a group',
      { words: ['{a}'], arguments: { a: { type: 'string', required: true, one_of: 'g' } } },
      `words[0]: {a} may have no value: give 'a' a default, or make it required`,
    ],
    [
      'a list',
      { words: ['{a}'], arguments: { a: { ...OUT, list: true, required: true } } },
      'words[0]: {a} is a list: only single values can stand in a text',
    ],
    [
      'a directory that is not chosen yet',
      withArgument({ type: 'string', default: '{tmp}/x' }, 'x', { tmp: { ...TEMP, required: true } }),
      'arguments.x.default: {tmp} is chosen at each start: a directory can stand in words and flags, not in a default',
    ],
    [
      'a directory that is drawn',
      withDefault('/mnt/{sequence}', OUT),
      `arguments.x.default: a directory can't have {sequence} in its default: directories are there before a start`,
    ],
    [
      'a number without an end',
      withDefault('{sequence}', { type: 'integer', max: 255 }),
      'arguments.x.default: {sequence} grows beyond the largest value, 255: with {sequence:256} it begins anew',
    ],
  ])('%s', async (_, keys, message) => {
    expect(await wrongWith(keys)).toEqual([message]);
  });
});

describe('what says nothing, or another thing than was meant', () => {
  const COUNT = { type: 'integer', flag: '-n' };
  it.each<[string, object, string]>([
    [
      'no number at all',
      withArgument({ type: 'integer', min: 9, max: 1 }),
      'arguments.x.min: the smallest value, 9, is more than the largest, 1',
    ],
    [
      'half a byte',
      withArgument({ type: 'hex', length: 63 }),
      'arguments.x.length: must be even: two hexadecimal characters are a byte',
    ],
    [
      'the number of plots once more',
      { several: { flag: '-n' }, patterns: [{ match: 'x', begin: true }], ...withArgument(COUNT) },
      'arguments.x.flag: "-n" is the flag of "several" already',
    ],
    [
      'other spellings of no flag',
      { other_flags: { '-q': ['--quiet'] } },
      'other_flags.-q: "-q" is no flag of an argument, nor a word of the definition',
    ],
    [
      'random digits as a number',
      withDefault('{random:4}', { type: 'integer' }),
      'arguments.x.default: {random:4} is hexadecimal digits, and integer wants decimal ones: {sequence:N} is a number',
    ],
    [
      'a number that begins too low',
      withDefault('{sequence:9}', { type: 'integer', min: 1 }),
      'arguments.x.default: {sequence:9} begins with 0, which is less than the smallest value, 1',
    ],
    [
      'a number in a command',
      { command: 'mine --index {sequence:9}' },
      'command: {sequence:9} is not computed in a command: it belongs into "words", a flag or a default',
    ],
    [
      'open files by what there is not',
      { open_files: { largest_of: ['x'] } },
      'open_files.largest_of[0]: there is no argument "x"',
    ],
    [
      'a size that is no number',
      { space: { k32: { plot: 1 } }, ...withArgument(K, 'k') },
      `space.k32: "k32" is no value of 'k', which is a number`,
    ],
    [
      'a suffix that leads elsewhere',
      { plot_suffix: '/../x' },
      'plot_suffix: expected a suffix such as ".plot", or none ("")',
    ],
    [
      'unfinished as finished by others',
      { partial: ['.plot2'] },
      'partial[0]: an unfinished file is not named like a finished one (".plot2")',
    ],
  ])('%s', async (_, keys, message) => {
    expect(await wrongWith(keys)).toEqual([message]);
  });

  it('but one flag for a group of which one is given', async () => {
    const group = { type: 'string', flag: '-p', one_of: 'pool' };
    expect(await wrongWith({ arguments: { x: group, y: group } })).toEqual([]);
  });
});

describe('what is wrong with room and suffixes', () => {
  it.each<[string, object, string[]]>([
    ['for each of what', { space: { per: 'n', plot: 1 } }, ['space.per: there is no argument "n"']],
    [
      'for each of no number',
      { space: { per: 'x', plot: 1 }, ...withArgument({ type: 'string' }) },
      ['space.per: "x" is no argument with "type: integer", and only of numbers there are so many'],
    ],
    [
      'a key that there is not, for each',
      { space: { per: 'k', plot: 1, plsu: 2 }, ...withArgument(K, 'k') },
      ["space.plsu: unknown key 'plsu'; did you mean 'plus'?"],
    ],
    [
      'no plot, for each',
      { space: { per: 'k' }, ...withArgument(K, 'k') },
      ["space.plot: 'plot' is missing: expected a number"],
    ],
    ['a plot of no size', { space: { 32: { plot: '1GB' } } }, ['space.32.plot: expected a number']],
    [
      'a key that there is not, by size',
      { space: { 32: { plot: 1, tmp: {} } } },
      ["space.32.tmp: unknown key 'tmp'; did you mean 'temp'?"],
    ],
    [
      'room of no temporary directory',
      { space: { 32: { plot: 1, temp: { out: 1 } } }, ...withArgument(OUT, 'out') },
      ['space.32.temp.out: "out" is no argument with "role: temp"'],
    ],
    [
      'the same for each',
      { space: { per: 'k', plot: 1, temp: { out: 1 } }, arguments: { k: K, out: OUT } },
      ['space.temp.out: "out" is no argument with "role: temp"'],
    ],
    [
      'by what',
      { space: { by: ['k', 'c'], '32/7': { plot: 1 } }, ...withArgument(K, 'k') },
      ['space.by[1]: there is no argument "c"'],
    ],
    [
      'by two that are not named',
      { space: { '32/7': { plot: 1 } } },
      [
        'space.32/7: a size such as "32" is wanted, not "32/7": sizes by 2 arguments need their names, such as "by: [k, compression]"',
      ],
    ],
    ['a suffix without a dot', { suffixes: ['plot'] }, ['suffixes[0]: expected a suffix such as ".plot"']],
    ['none', { suffixes: [] }, ['suffixes: must not be empty']],
    [
      'another one',
      { suffixes: ['.gplot'], plot_suffix: '.plot' },
      ['plot_suffix: ".plot" is none of the suffixes: .gplot'],
    ],
    [
      'unfinished as finished',
      { suffixes: ['.gplot'], partial: ['.part.gplot'] },
      ['partial[0]: an unfinished file is not named like a finished one (".gplot")'],
    ],
    [
      'temporary files that grow',
      { stages: [{ id: '1', title: 'One', temp: 'grows' }] },
      ['stages[0].temp: expected shrinks'],
    ],
  ])('%s', async (_, keys, messages) => {
    expect(await wrongWith(keys)).toEqual(messages);
  });

  it('nothing', async () => {
    const keys = {
      words: ['{k}', '{random:64}', '{sequence:256}'],
      arguments: {
        k: K,
        n: { type: 'integer', default: 2, pass: false },
        tmp: { ...TEMP, list: true },
        out: { ...OUT, remote: '@' },
      },
      space: { per: 'n', plot: 1, temp: { tmp: 2 }, plus: 3 },
      suffixes: ['.gplot', '.plot2'],
      plot_suffix: '.gplot',
      partial: ['.gplot.tmp'],
      stages: [{ id: '1', title: 'One', temp: 'shrinks' }],
    };
    expect(await wrongWith(keys)).toEqual([]);
  });
});
