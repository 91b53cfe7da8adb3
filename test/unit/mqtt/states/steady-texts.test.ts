import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SteadyTexts } from '../../../../src/mqtt/states/steady-texts.ts';

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a sentence stands ten minutes while it tells of the same, and is looked at again then', () => {
  const renewed: string[] = [];
  const texts = new SteadyTexts((id) => renewed.push(id));
  const show = (about: string, text: string) => texts.show('nightly', about, text, performance.now());
  expect(show('limit', '1 of 2')).toBe('1 of 2');
  vi.advanceTimersByTime(9 * MINUTE);
  expect(show('limit', '2 of 2')).toBe('1 of 2');
  expect(renewed).toEqual([]);
  vi.advanceTimersByTime(MINUTE);
  expect(renewed).toEqual(['nightly']);
  expect(show('limit', '2 of 2')).toBe('2 of 2');
  // Another gate is told at once, and what it says has a time of its own.
  vi.advanceTimersByTime(MINUTE);
  expect(show('disk', '3 of 3')).toBe('3 of 3');
  expect(show('disk', '4 of 4')).toBe('3 of 3');
  expect(show('disk', '3 of 3')).toBe('3 of 3');
  // Each has its own; what is gone is forgotten.
  expect(texts.show('other', 'disk', 'x', performance.now())).toBe('x');
  texts.delete('nightly');
  vi.advanceTimersByTime(20 * MINUTE);
  expect(renewed).toEqual(['nightly']);
  expect(show('disk', '4 of 4')).toBe('4 of 4');
});

test('one that has stood for long is renewed at once', () => {
  const texts = new SteadyTexts(() => {});
  expect(texts.show('a', 'limit', '1 of 2', 0)).toBe('1 of 2');
  expect(texts.show('a', 'limit', '2 of 2', 11 * MINUTE)).toBe('2 of 2');
  expect(texts.show('a', 'limit', '1 of 2', 12 * MINUTE)).toBe('2 of 2');
  texts.stop();
});
