import { describe, expect, it } from 'vitest';
import { matchesWildcard, patternsMeet } from '../../../src/util/wildcard.ts';

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

describe('two patterns', () => {
  it.each([
    ['cpu', 'cpu', true],
    ['cpu', 'gpu', false],
    ['nvme*', '*', true],
    ['nvme*', 'n?me0', true],
    ['nvme*', 'n?me', true],
    ['nvme?', 'nvme', false],
    ['nvme?', 'nvme*', true],
    ['*a', '*b', false],
    ['a*', '*b', true],
    ['a*c', 'ab*', true],
    ['a*', 'b*', false],
    ['??', '*', true],
    ['?', '', false],
    ['*', '', true],
    ['', '', true],
    ['*a*b*', 'b?a', false],
    ['*a*b*', 'b?a?b', true],
  ])('%s and %s can mean one name: %s', (one, other, meet) => {
    expect(patternsMeet(one, other)).toBe(meet);
    expect(patternsMeet(other, one)).toBe(meet);
  });
});
