import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { check } from '../support.ts';

const WROTE = { match: '^wrote (?<file>.+)', final_file: true };
const OUT = { flag: '-d', type: 'directory', role: 'destination', required: true };
const MINE = {
  title: 'Mine',
  command: 'chia_plot',
  arguments: { dest_dir: OUT },
  stages: [{ id: '1', title: 'One' }],
  patterns: [WROTE],
};

/** What check says of a definition, and the exit code. */
async function said(keys: object): Promise<{ code: number; lines: string[] }> {
  const job = { plotter: 'mine', keep_running: true, arguments: { dest_dir: 'farm' } };
  const { code, lines } = await check(
    stringify({ plotters: { mine: { ...MINE, ...keys } }, jobs: { a: job } }),
  );
  return { code, lines: lines.filter((line) => line.startsWith('FILE:') && line.includes(': plotters.')) };
}

const withCount = (count: object) => ({ arguments: { dest_dir: OUT, count: { type: 'integer', ...count } } });

it.each<[string, object, RegExp]>([
  [
    'a default is wrong',
    withCount({ max: 9, default: 77 }),
    /plotters\.mine\.arguments\.count\.default: .*'count' must be at most 9, not 77/,
  ],
])('is wrong: %s', async (_, keys, message) => {
  const { code, lines } = await said(keys);
  expect(lines).toEqual([expect.stringMatching(message)]);
  expect(lines[0]).toMatch(/^FILE:\d+:\d+: plotters/);
  expect(code).toBe(2);
});

const withX = (x: object) => ({ arguments: { dest_dir: OUT, x } });

it.each<[string, object, RegExp]>([
  ['no line names a plot', { patterns: [] }, /plotters\.mine\.patterns: .* no plot would ever count/],
  ...(
    [
      ['min', 'integer', { type: 'string', min: 1 }],
      ['length', 'hex', { type: 'string', length: 4 }],
      ['pattern', 'string', { type: 'integer', pattern: '1' }],
      ['role', 'directory', { type: 'string', role: 'temp' }],
      ['trailing_slash', 'directory', { type: 'integer', trailing_slash: true }],
    ] as const
  ).map(([key, type, x]): [string, object, RegExp] => [
    `what "${key}" says of another type`,
    withX(x),
    new RegExp(`plotters\\.mine\\.arguments\\.x\\.${key}: .*isn't of "type: ${type}"`),
  ]),
  [
    'one flag for two',
    withX({ type: 'integer', flag: '-d' }),
    /plotters\.mine\.arguments\.x\.flag: .*"-d" is the flag of "dest_dir" already/,
  ],
  [
    'sizes by no argument',
    { space: { 32: { plot: 1 } } },
    /plotters\.mine\.space: .* no argument "k", so that room/,
  ],
  [
    'room for each of what may not be said',
    { ...withCount({}), space: { per: 'count', plot: 1 } },
    /plotters\.mine\.space: .*"count" may have no value/,
  ],
  [
    'a count of nothing',
    { patterns: [WROTE, { match: '^(?<done>\\d+)', inside: {} }] },
    /plotters\.mine\.patterns\[1\]\.inside: .*"done" says nothing without "of"/,
  ],
])('is warned of: %s', async (_, keys, message) => {
  const { code, lines } = await said(keys);
  expect(lines).toEqual([expect.stringMatching(message)]);
  expect(code).toBe(0);
});

it.each<[string, object]>([
  ['a plot is told by being new', { patterns: [], success: { produced: 'x' } }],
  [
    'a count of what was set',
    {
      patterns: [
        { ...WROTE, set: { of: '9' } },
        { match: '(?<done>.)', inside: {} },
      ],
    },
  ],
  ['room for each of what has a default', { ...withCount({ default: 1 }), space: { per: 'count', plot: 1 } }],
])('is right: %s', async (_, keys) => {
  expect((await said(keys)).lines).toEqual([]);
});
