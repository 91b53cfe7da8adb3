import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { LONGEST, longestFirst } from '../../support/longest-first.ts';

const TESTS = join(import.meta.dirname, '../..');

test('the files that are to start first are there, each named once', () => {
  expect(LONGEST.filter((name) => !existsSync(join(TESTS, name)))).toEqual([]);
  expect(new Set(LONGEST).size).toBe(LONGEST.length);
});

test('they start in the order of the list, all others after them as they were', () => {
  const [first = '', second = ''] = LONGEST;
  const names = ['unit/b.test.ts', second, 'e2e/c.test.ts', first, 'unit/a.test.ts'];
  const sorted = longestFirst(names.map((name) => ({ moduleId: join(TESTS, name) })));
  const expected = [first, second, 'unit/b.test.ts', 'e2e/c.test.ts', 'unit/a.test.ts'];
  expect(sorted.map(({ moduleId }) => relative(TESTS, moduleId))).toEqual(expected);
});
