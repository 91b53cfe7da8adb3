import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { rounds } from '../support/size.ts';

const EXAMPLE = readFileSync(new URL('../../../config.yaml', import.meta.url), 'utf8').replaceAll(
  /^( *)# (?=\S)/gm,
  '$1',
);
const LINES = EXAMPLE.split('\n');
const folder = mkdtempSync(join(tmpdir(), 'plot2mqtt-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Pieces that have meaning in YAML, or in a configuration, where they aren't expected. */
const PIECES = [
  ...['&a [*a]', '*a', '<<: *a', '? {a: b}', '!!js/function "x"', '!!binary x', '!secret nothing', '!secret'],
  ...[
    '- - - -',
    '{',
    '[',
    '}',
    ']',
    '"',
    "'",
    '|',
    '>',
    '---',
    '...',
    '%YAML 9',
    '\t',
    '\u0000',
    '\ufeff',
    ': :',
  ],
  ...[
    '__proto__: {polluted: yes}',
    'constructor: {prototype: 1}',
    '$'.concat('{HOME}'),
    '$'.concat('{'),
    '$$'.concat('{x}'),
    '1e999',
    '0x1F',
    '.nan',
  ],
  ...[
    '9'.repeat(400),
    '['.repeat(2000),
    '{a: '.repeat(300),
    '~',
    'null',
    'jobs:',
    'mqtt: []',
    'cpus: ["0-99999999"]',
  ],
];
const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 20 }));

/** The example with lines lost, doubled, shifted and filled with what doesn't belong there. */
const text = fc
  .array(fc.record({ at: fc.nat(LINES.length), what: fc.nat(4), piece, column: fc.nat(60) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((changes) => {
    const lines = [...LINES];
    for (const { at, what, piece: odd, column } of changes) {
      const line = lines[at] ?? '';
      if (what === 0) lines.splice(at, 1);
      else if (what === 1) lines.splice(at, 0, line);
      else if (what === 2) lines[at] = `${line.slice(0, column)}${odd}${line.slice(column)}`;
      else if (what === 3) lines.splice(at, 0, `${' '.repeat(column % 12)}${odd}`);
      else lines[at] = ' '.repeat(column % 8) + line.trimStart();
    }
    return lines.join('\n');
  });

test('config.yaml: whatever is in it, it is taken or refused with a place and a reason', async () => {
  const file = join(folder, 'config.yaml');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        text,
        piece,
        fc.array(piece).map((all) => all.join('\n')),
      ),
      async (yaml) => {
        writeFileSync(file, yaml);
        const loaded = await loadConfig(file, {
          env: {},
          builtIn: ['chia', 'madmax'],
          fixedWords: new Set(),
        });
        if (loaded.ok) return;
        expect(loaded.problems.length).toBeGreaterThan(0);
        for (const { line, column, message } of loaded.problems) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(message).not.toBe('');
        }
      },
    ),
    { numRuns: rounds(300, 10_000), endOnFailure: true },
  );
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

test('aliases that multiply are refused, in no time', async () => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`,
  );
  const file = join(folder, 'laughs.yaml');
  writeFileSync(file, `a0: &a0 lol\n${levels.join('\n')}\n`);
  const loaded = await loadConfig(file, { env: {}, builtIn: [], fixedWords: new Set() });
  expect(loaded.ok).toBe(false);
});
