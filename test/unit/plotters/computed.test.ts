import { describe, expect, it } from 'vitest';
import { type PlotterDefinitionInput, plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import type { ArgumentValues } from '../../../src/contract/names.ts';
import { resolveArguments } from '../../../src/plotters/arguments.ts';
import { commandWords } from '../../../src/plotters/command.ts';
import { type Draws, drawnValues, usesSequence } from '../../../src/plotters/computed.ts';

type Arguments = PlotterDefinitionInput['arguments'];

function definitionWith(all: Arguments, words: string[] = []) {
  return plotterDefinitionSchema.parse({
    ...{ title: 'T', command: 't', words, arguments: all, stages: [{ id: '1', title: 'One' }], patterns: [] },
  });
}

const draws = (sequence: number): Draws => ({ sequence, random: (digits) => 'f'.repeat(digits) });

function resolved(all: Arguments, job: ArgumentValues = {}) {
  return resolveArguments(definitionWith(all), [{ level: 'job', values: job }], (path) => `/config/${path}`);
}

/** The words of a start with this number. */
function wordsOf(all: Arguments, sequence: number, job: ArgumentValues = {}, words: string[] = []): string[] {
  const definition = definitionWith(all, words);
  const { values } = resolveArguments(definition, [{ level: 'job', values: job }]);
  return commandWords(definition, drawnValues(definition, values, draws(sequence)), {
    draws: draws(sequence),
  });
}

describe('what is computed', () => {
  const k = { flag: '-k', type: 'integer', default: 28 } as const;
  it.each<[string, Arguments, string[], ArgumentValues, string[]]>([
    ['a number that grows', { n: { type: 'integer', default: '{sequence}' } }, [], {}, ['258']],
    ['modulo', { n: { flag: '-m', type: 'integer', default: '{sequence:256}' } }, [], {}, ['-m', '2']],
    ['random digits', { id: { type: 'hex', length: 8, default: '{random:8}' } }, [], {}, ['ffffffff']],
    ['in words', {}, ['test', '{random:4}', 'no-{sequence:100}'], {}, ['test', 'ffff', 'no-58']],
    ['in flags', { k: { ...k, flag: '--k{sequence:10}' } }, [], {}, ['--k8', '28']],
    ['other arguments in words', { k }, ['{k}', 'k{k}'], { k: 30 }, ['30', 'k30', '-k', '30']],
    [
      'other arguments in defaults',
      { k, name: { type: 'string', default: 'group-{k}-{sequence:256}' } },
      [],
      {},
      ['-k', '28', 'group-28-2'],
    ],
    [
      'what is drawn is the same wherever it stands',
      { seed: { type: 'hex', default: '{random:2}' }, name: { type: 'string', default: 'x-{seed}' } },
      ['{seed}'],
      {},
      ['ff', 'ff', 'x-ff'],
    ],
    [
      'an argument that is not passed',
      { size: { type: 'integer', default: 128, pass: false } },
      ['--plots={size}'],
      { size: 64 },
      ['--plots=64'],
    ],
    [
      'what somebody gives is not computed',
      { n: { type: 'string', default: '{sequence}' } },
      [],
      { n: '{k}' },
      ['{k}'],
    ],
    ['braces that are nothing of it', {}, ['{"a":1}', '{}', '{ k }'], {}, ['{"a":1}', '{}', '{ k }']],
  ])('%s', (_, all, words, job, expected) => {
    expect(wordsOf(all, 258, job, words)).toEqual(expected);
  });

  it('is of its argument’s type', () => {
    const definition = definitionWith({ n: { type: 'integer', default: '{sequence:256}' } });
    const { values } = resolveArguments(definition, []);
    expect(values).toEqual({ n: '{sequence:256}' });
    expect(drawnValues(definition, values, draws(300))).toEqual({ n: 44 });
  });

  it('stands as it is written where nobody draws', () => {
    const definition = definitionWith({ n: { flag: '-m', type: 'integer', default: '{sequence:256}' } }, [
      '{random:64}',
    ]);
    const { values } = resolveArguments(definition, []);
    expect(commandWords(definition, values)).toEqual(['{random:64}', '-m', '{sequence:256}']);
  });

  it('must fit its argument whatever it comes to', () => {
    expect(resolved({ n: { type: 'integer', default: '{sequence:300}', max: 255 } })).toMatchObject({
      ok: false,
      problems: [{ argument: 'n', level: null, message: "argument 'n' must be at most 255, not 299" }],
    });
    expect(resolved({ id: { type: 'hex', length: 64, default: '{random:32}' } })).toMatchObject({
      ok: false,
    });
  });

  it('numbers the workers of a plotter only where it is asked for', () => {
    expect(usesSequence(definitionWith({}, ['{sequence}']))).toBe(true);
    expect(usesSequence(definitionWith({ n: { type: 'integer', default: '{sequence:9}' } }))).toBe(true);
    expect(usesSequence(definitionWith({ n: { type: 'string', default: '{random:9}' } }, ['sequence']))).toBe(
      false,
    );
  });
});

describe('directories', () => {
  const out = { flag: '-d', type: 'directory', role: 'destination', remote: '@' } as const;
  const list = { out: { ...out, list: true, trailing_slash: true } } as const;
  it.each<[string, Arguments, ArgumentValues, string[]]>([
    ['all of a list, the flag repeated', list, { out: ['/a', '/b/'] }, ['-d', '/a/', '-d', '/b/']],
    ['one of them', list, { out: '/a' }, ['-d', '/a/']],
    ['what is elsewhere as it is', list, { out: ['/a', '@host'] }, ['-d', '/a/', '-d', '@host']],
    ['without a flag', { out: { ...list.out, flag: undefined } }, { out: ['/a', '/b'] }, ['/a/', '/b/']],
  ])('%s', (_, all, job, expected) => {
    expect(wordsOf(all, 0, job)).toEqual(expected);
  });

  it.each<[string, Arguments, ArgumentValues, ArgumentValues | string]>([
    ['what is elsewhere is not made absolute', { out }, { out: '@host' }, { out: '@host' }],
    ['what is here is', { out }, { out: 'a@b' }, { out: '/config/a@b' }],
    [
      'one of several can only be here',
      { out },
      { out: ['/a', '@host'] },
      `argument 'out' takes "@host", which is no local directory, only alone: there is no room to choose it by`,
    ],
    [
      'a list may be both',
      { out: { ...out, list: true } },
      { out: ['a', '@host'] },
      { out: ['/config/a', '@host'] },
    ],
    [
      'a list without a role',
      { in: { type: 'directory', list: true } },
      { in: ['a', 'b'] },
      { in: ['/config/a', '/config/b'] },
    ],
    [
      'none without a role else',
      { in: { type: 'directory' } },
      { in: ['a', 'b'] },
      "argument 'in' takes one directory, not a list",
    ],
  ])('%s', (_, all, job, expected) => {
    const found = resolved(all, job);
    if (typeof expected === 'string') expect(found).toMatchObject({ problems: [{ message: expected }] });
    else expect(found).toEqual({ ok: true, values: expected });
  });
});
