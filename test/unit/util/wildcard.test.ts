import { describe, expect, it } from 'vitest';
import { matchesWildcard } from '../../../src/util/wildcard.ts';

describe('a pattern', () => {
  it.each([
    ['cpu', 'cpu', true],
    ['cpu', 'cpu2', false],
    ['cpu*', 'cpu', true],
    ['cpu*', 'cpu2', true],
    ['*cpu', 'big-cpu', true],
    ['*cpu', 'cpu2', false],
    ['cpu?', 'cpu', false],
    ['cpu?', 'cpu2', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['?', '', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['*a?', 'aab', true],
    ['c.u', 'cpu', false],
    ['[cpu]', 'c', false],
  ])('%s of %s: %s', (pattern, name, matches) => {
    expect(matchesWildcard(pattern, name)).toBe(matches);
  });

  it('of stars alone costs no more than its length', () => {
    expect(matchesWildcard(`${'*a'.repeat(500)}b`, 'a'.repeat(5_000))).toBe(false);
  });
});
