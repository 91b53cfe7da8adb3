import { describe, expect, it } from 'vitest';
import { plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import { compileParser } from '../../../src/plotters/parser.ts';
import { definitionOf } from './replay.ts';

const stages = [
  { id: '1', title: 'One' },
  { id: '1.1', title: 'One one' },
  { id: '1.2', title: 'One two' },
  { id: '2', title: 'Two' },
];
function parserOf(patterns: object[]) {
  return compileParser(
    plotterDefinitionSchema.parse({ title: 'T', command: 't', arguments: {}, stages, patterns }),
  );
}

describe('compileParser', () => {
  it.each([
    ['enter', { match: '^go (?<n>\\d)', enter: '1.{n}' }, 'go 2', [{ type: 'enter', stage: '1.2' }]],
    ['leave', { match: 'end', leave: '1' }, 'the end', [{ type: 'leave', stage: '1' }]],
    [
      'lookup',
      { match: '^t(?<n>\\d)', enter: '1.{n}', lookup: { 7: '1' } },
      't7',
      [{ type: 'enter', stage: '1.1' }],
    ],
    ['a stage that is not there', { match: '^go (?<n>\\d)', enter: '1.{n}' }, 'go 9', []],
    ['done and of', { match: '(?<done>\\d+)/(?<of>\\d+)', inside: {} }, '3/4', [inside('1.1', 0.75)]],
    ['percent', { match: '(?<percent>[\\d.]+)%', inside: { from: 0.5 } }, ' 50.0%', [inside('1.1', 0.75)]],
    ['more than all', { match: '(?<percent>\\d+)%', inside: { to: 0.5 } }, '140%', [inside('1.1', 0.5)]],
    ['a part', { match: '^half', inside: { stage: '2', to: 0.5 } }, 'half', [inside('2', 0.5)]],
    ['of nothing', { match: '^\\tB (?<done>\\d+) ', inside: {} }, '\tB 5 x', []],
    ['whole line', { match: '^E:', error: {} }, 'E: x ', [{ type: 'error', message: 'E: x', waits: false }]],
    [
      'error group',
      { match: '^E: (?<error>.+)', error: { waits: true } },
      'E: x',
      [{ type: 'error', message: 'x', waits: true }],
    ],
    [
      'where it can not write',
      { match: '^E: (?<path>\\S+)', error: { waits: true } },
      'E: /x/y',
      [{ type: 'error', message: 'E: /x/y', waits: true, path: '/x/y' }],
    ],
    [
      'fatal',
      { match: '^E: (?<error>.+)', error: { fatal: true } },
      'E: x',
      [{ type: 'error', message: 'x', waits: false, fatal: true }],
    ],
    ['of the whole plot', { match: '(?<percent>\\d+)%', inside: { whole: true } }, '100%', [inside('2', 1)]],
    ['going on', { match: '^again', goes_on: true }, 'again', [{ type: 'goes_on' }]],
    [
      'a counter that goes on',
      { match: '^n (?<done>\\d+)', goes_on: true, inside: {} },
      'n 5',
      [{ type: 'goes_on' }],
    ],
    ['a group that took no part', { match: '^a(?<name>b)?', plot_name: true }, 'a', []],
    ['during its phase', { match: '^x', during: '1', leave: '1.1' }, 'x', [{ type: 'leave', stage: '1.1' }]],
    ['during another', { match: '^x', during: '2', leave: '1.1' }, 'x', []],
    [
      'unnamed groups before',
      { match: '^(a)(?:b)(?<name>c)', plot_name: true },
      'abc',
      [{ type: 'plot_name', name: 'c' }],
    ],
    [
      'brackets in classes',
      { match: '^[(](?<name>c)\\(', plot_name: true },
      '(c(',
      [{ type: 'plot_name', name: 'c' }],
    ],
    [
      'back references',
      { match: '^(?<name>c)\\k<name>', plot_name: true },
      'cc',
      [{ type: 'plot_name', name: 'c' }],
    ],
    ['first characters beyond ASCII', { match: '^é', leave: '2' }, 'é!', [{ type: 'leave', stage: '2' }]],
    ['any first character', { match: '^[^a]nd', leave: '2' }, 'énd', [{ type: 'leave', stage: '2' }]],
    [
      'colours',
      { match: '^a: b$', leave: '2' },
      '\x1b[32ma: \x1b[0mb\x1b[0m',
      [{ type: 'leave', stage: '2' }],
    ],
    [
      'colours inside',
      { match: '^\\d .*: ERR text$', leave: '2' },
      '1 : \x1b[31mERR\x1b[0m text',
      [{ type: 'leave', stage: '2' }],
    ],
  ])('%s', (_, pattern, line, signals) => {
    expect(parserOf([pattern]).parse(line, '1.1')).toEqual(signals);
  });

  it('tells all of a line, in the order in which it holds', () => {
    const match = '^(?<name>\\w+) (?<id>\\w+) (?<file>\\w+)';
    const all = {
      match,
      plot_name: true,
      plot_id: true,
      enter: '2',
      inside: { to: 0.5 },
      final_file: true,
      leave: '2',
    };
    expect(
      parserOf([all])
        .parse('n i f', '1.1')
        .map(({ type }) => type),
    ).toEqual(['plot_name', 'plot_id', 'enter', 'inside', 'final_file', 'leave']);
  });

  it('lets the first pattern decide', () => {
    const parser = parserOf([
      { match: '^a(?<done>x)?b', leave: '1.1' },
      { match: '^ab', leave: '2' },
    ]);
    expect(parser.parse('ab', null)).toEqual([{ type: 'leave', stage: '1.1' }]);
  });

  it('remembers what lines have set, for this log alone', () => {
    const definition = plotterDefinitionSchema.parse({
      title: 'T',
      command: 't',
      arguments: {},
      stages,
      patterns: [
        { match: '^Using (?<of>\\d+)', set: { of: '{of}' } },
        { match: '^pass (?<n>\\d)', set: { pass: '{n}' } },
        { match: '^B (?<done>\\d+)$', when: { pass: '2' }, inside: { from: 0.5 } },
        { match: '^B (?<done>\\d+)', inside: { to: 0.5 } },
      ],
    });
    const [parser, other] = [compileParser(definition), compileParser(definition)];
    expect(parser.parse('B 5', '1.1')).toEqual([]);
    expect(parser.parse('Using 10', '1.1')).toEqual([]);
    expect(parser.parse('B 5', '1.1')).toEqual([inside('1.1', 0.25)]);
    parser.parse('pass 2', '1.1');
    expect(parser.parse('B 5', '1.1')).toEqual([inside('1.1', 0.75)]);
    expect(parser.parse('B 5', null)).toEqual([]);
    expect(other.parse('B 5', '1.1')).toEqual([]);
  });

  it('hears a counter at each hundredth of the stage, and at each new stage or pass', () => {
    const parser = parserOf([
      { match: '^of (?<of>\\d+)', set: { of: '{of}' } },
      { match: '^B (?<done>\\d+)', inside: {} },
    ]);
    parser.parse('of 1000', null);
    const heard = (from: number, to: number, stage: string) => {
      const counts = Array.from({ length: to - from }, (_, index) => from + index);
      return counts.flatMap((count) => parser.parse(`B ${count}`, stage)).length;
    };
    for (const first of [heard(0, 1000, '1.1'), heard(0, 1000, '1.1')]) {
      expect(first).toBeGreaterThan(90);
      expect(first).toBeLessThanOrEqual(100);
    }
    expect(heard(999, 1000, '1.2')).toBe(1);
    expect(heard(999, 1000, '1.2')).toBe(0);
  });

  it('hears a percentage at each hundredth, and all else of its line at once', () => {
    const parser = parserOf([{ match: '^(?<percent>[\\d.]+)% ?', inside: {}, leave: '2' }]);
    const told = (line: string) => parser.parse(line, '1.1').map(({ type }) => type);
    expect(told('10%')).toEqual(['inside', 'leave']);
    expect(told('10.5%')).toEqual(['leave']);
    expect(told('11.5%')).toEqual(['inside', 'leave']);
  });

  it('looks at the first part of a line only, and cuts the text of an error', () => {
    const parser = parserOf([
      { match: 'end$', leave: '2' },
      { match: '^E (?<error>.+)', error: {} },
    ]);
    expect(parser.parse(`${'x'.repeat(1_000_000)}end`, '1.1')).toEqual([]);
    const [signal] = parser.parse(`E ${'x'.repeat(1_000_000)}`, '1.1');
    expect(signal?.type === 'error' ? signal.message.length : 0).toBe(500);
  });

  it('allocates nothing for lines without meaning', () => {
    const parser = compileParser(definitionOf('chia'));
    const nothing = parser.parse('', null);
    for (const line of [
      '\tTotal matches: 4294913883',
      'Process ID is: 1',
      'sorting table 7',
      '   ',
      '\u0000',
    ])
      expect(parser.parse(line, null)).toBe(nothing);
  });
});

it('costs little for hostile lines', () => {
  const hostile = [
    'Copy to ',
    'a.b.c.',
    'Starting phase 3/4: into "',
    '2021-01-01T',
    '(((((',
    '\t',
    'Only wrote ',
  ];
  for (const id of ['chia', 'madmax']) {
    const parser = compileParser(definitionOf(id));
    for (const text of hostile) parser.parse(text.repeat(100_000), '1.1');
  }
});

function inside(stage: string, fraction: number) {
  return { type: 'inside', stage, fraction };
}
