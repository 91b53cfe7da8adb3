import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Rounds } from '../../../src/process/rounds.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** So many files, each of which counts how often it is read. */
function files(count: number) {
  const reads = Array.from({ length: count }, () => 0);
  const readers = reads.map((_, index) => () => {
    reads[index] = (reads[index] ?? 0) + 1;
  });
  return { readers, total: () => reads.reduce((sum, each) => sum + each, 0), reads };
}

/** Notifies of every file, so many times a second each, for so long. */
function notify(rounds: Rounds, readers: readonly (() => void)[], rate: number, seconds: number): void {
  for (let times = 0; times < rate * seconds; times += 1) {
    for (const read of readers) rounds.notified(read, performance.now());
    vi.advanceTimersByTime(1000 / rate);
  }
}

test('what comes at a plotter’s pace is read at once', () => {
  const rounds = new Rounds();
  const { readers, total } = files(150);
  for (let times = 1; times <= 20; times += 1) {
    for (const read of readers) rounds.notified(read, performance.now());
    expect(total()).toBe(150 * times);
    vi.advanceTimersByTime(100);
  }
});

test('a flood is read in rounds, each file once in 250 ms, and none is forgotten', () => {
  const rounds = new Rounds();
  const { readers, total, reads } = files(1000);
  notify(rounds, readers, 10, 1);
  vi.advanceTimersByTime(20);
  const before = total();
  notify(rounds, readers, 10, 10);
  vi.advanceTimersByTime(20);
  expect(total() - before).toBe(10_000 / 0.25);
  const last = [...reads];
  for (const read of readers) rounds.notified(read, performance.now());
  expect(reads).toEqual(last);
  vi.advanceTimersByTime(260);
  expect(reads).toEqual(last.map((each) => each + 1));
});

test('after a flood files are read at once again', () => {
  const rounds = new Rounds();
  notify(rounds, files(1000).readers, 10, 2);
  vi.advanceTimersByTime(500);
  const { readers, total } = files(1);
  for (const read of readers) rounds.notified(read, performance.now());
  expect(total()).toBe(1);
});
