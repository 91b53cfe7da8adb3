import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Timers } from '../../../../src/daemon/effects/timers.ts';
import type { Timer } from '../../../../src/engine/timer.ts';

const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A timer that is told apart by its name. */
function named(name: string): Timer {
  return { kind: 'delay', id: name };
}

const nameOf = (timer: Timer) => (timer.kind === 'delay' ? timer.id : timer.kind);

function timers() {
  const woken: string[] = [];
  return { woken, timers: new Timers((due) => woken.push(...due.map(nameOf))) };
}

test('one wake-up for each: set, moved, cancelled', () => {
  const { woken, timers: all } = timers();
  all.set(named('a'), Date.now() + 1000);
  all.set(named('a'), Date.now() + 3000);
  all.set(named('b'), Date.now() + 1000);
  all.set(named('b'), null);
  all.set(named('c'), Date.now() - 1000);
  vi.advanceTimersByTime(2999);
  expect(woken).toEqual(['c']);
  vi.advanceTimersByTime(1);
  expect(woken).toEqual(['c', 'a']);
});

test('what is due at one moment comes together, in the order in which it was set', () => {
  const calls: string[][] = [];
  const all = new Timers((due) => calls.push(due.map(nameOf)));
  const at = Date.now() + 1000;
  for (const key of ['b', 'a', 'gone', 'c']) all.set(named(key), at);
  all.set(named('gone'), null);
  all.set(named('later'), at + 1);
  vi.advanceTimersByTime(2000);
  expect(calls).toEqual([['b', 'a', 'c'], ['later']]);
});

test('one that is set again for the same moment while it is due comes again', () => {
  const at = Date.now() + 1000;
  let calls = 0;
  const all: Timers = new Timers(([timer]) => {
    calls += 1;
    if (timer && calls < 3) all.set(timer, at);
  });
  all.set(named('a'), at);
  vi.advanceTimersByTime(2000);
  expect(calls).toBe(3);
});

test('what is cancelled has no timer left', () => {
  const { timers: all } = timers();
  all.set(named('a'), Date.now() + 1000);
  all.set(named('b'), Date.now() + 1000);
  all.set(named('a'), null);
  expect(vi.getTimerCount()).toBe(1);
  all.set(named('b'), null);
  expect(vi.getTimerCount()).toBe(0);
});

test('one of each kind, for each of what it is about', () => {
  const { woken, timers: all } = timers();
  const kinds: Timer[] = [
    { kind: 'recheck', job: 'a' },
    { kind: 'recheck', job: 'a' },
    { kind: 'keep_running', job: 'a' },
    { kind: 'progress', worker: 'a' },
    { kind: 'history' },
  ];
  for (const timer of kinds) all.set(timer, Date.now());
  vi.advanceTimersByTime(1);
  expect(woken).toEqual(['recheck', 'keep_running', 'progress', 'history']);
});

test('none comes early', () => {
  const { woken, timers: all } = timers();
  vi.advanceTimersByTime(0.6);
  all.set(named('a'), Date.now() + 1000);
  vi.advanceTimersByTime(999.9);
  expect(woken).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(woken).toEqual(['a']);
});

test.each([HOUR, -HOUR])('times that are the same only since the clock was set by %i ms are two', (jump) => {
  const { woken, timers: all } = timers();
  const at = Date.now() + 3 * HOUR;
  all.set(named('before'), at);
  vi.setSystemTime(Date.now() + jump);
  all.set(named('after'), at);
  vi.advanceTimersByTime(3 * HOUR - Math.max(jump, 0) - 1);
  expect(woken).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(woken).toEqual([jump > 0 ? 'after' : 'before']);
  vi.advanceTimersByTime(HOUR);
  expect(woken).toHaveLength(2);
});

test.each([HOUR, -HOUR])('a clock that is set by %i ms makes nothing early or late', (jump) => {
  const { woken, timers: all } = timers();
  all.set(named('timer'), Date.now() + 2 * HOUR);
  vi.advanceTimersByTime(HOUR);
  vi.setSystemTime(Date.now() + jump);
  vi.advanceTimersByTime(HOUR - 1);
  expect(woken).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(woken).toEqual(['timer']);
});

test('waits that are longer than a timer can be', () => {
  const { woken, timers: all } = timers();
  const days = 60 * 24 * HOUR;
  all.set(named('timer'), Date.now() + days);
  vi.advanceTimersByTime(days - 1);
  expect(woken).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(woken).toEqual(['timer']);
});

test('none after a stop', () => {
  const { woken, timers: all } = timers();
  all.set(named('a'), Date.now() + 1000);
  all.stop();
  vi.advanceTimersByTime(2000);
  expect(woken).toEqual([]);
});
