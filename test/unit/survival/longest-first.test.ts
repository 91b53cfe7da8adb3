import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LONGEST } from '../../support/longest-first.ts';

const TESTS = join(import.meta.dirname, '../..');

test('the files that are to start first are there, each named once', () => {
  expect(LONGEST.filter((name) => !existsSync(join(TESTS, name)))).toEqual([]);
  expect(new Set(LONGEST).size).toBe(LONGEST.length);
});
