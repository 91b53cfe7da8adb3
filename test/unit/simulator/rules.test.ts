import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseFlags } from '../../../src/simulator/flags.ts';
import { decodeAddress, isPublicKey } from '../../../src/simulator/keys.ts';
import { CHIA_FLAGS } from '../../../src/simulator/plotters/chia-arguments.ts';
import { bucketsFor, loadRun, type Recording, runNames, steps } from '../../../src/simulator/recording.ts';
import { catchUp, createTimeline } from '../../../src/simulator/timeline.ts';
import { KEY } from './harness.ts';

const STAGES = [
  ...[1, 2, 3, 4, 5, 6, 7].map((table) => `1.${table}`),
  ...[2, 3].flatMap((phase) => [1, 2, 3, 4, 5, 6].map((step) => `${phase}.${step}`)),
  '4',
];

async function run(name: string) {
  const found = await loadRun(name);
  if (!found) throw new Error(`no run ${name}`);
  return found;
}

/** Milliseconds after the start of the plot at which each stage begins. */
function stageTimes(recording: Recording): Map<string, number> {
  const times = new Map<string, number>();
  let at = 0;
  for (const step of steps(recording, 'plot')) {
    if (step.kind === 'stage') times.set(step.stage, at);
    else at += step.pauseMs;
  }
  return times;
}

describe('recorded runs', () => {
  test.each([...runNames('chia'), ...runNames('madmax')])('%s has every stage, in order', async (name) => {
    const times = stageTimes(await run(name));
    expect([...times.keys()].filter((stage) => stage !== '5')).toEqual(STAGES);
    expect([...times.values()]).toEqual([...times.values()].sort((a, b) => a - b));
  });

  test.each([
    ['madmax-k32', { '2.1': 2197.6, '3.1': 3561, '4': 4881.4 }, 4968],
    ['madmax-k24', { '2.1': 32.6, '3.1': 37, '4': 56 }, 57.4],
    ['chia-k32', { '1.2': 165, '2.1': 8134, '3.1': 11_439, '4': 17_954 }, 18_380],
    ['chia-k25', { '2.1': 76.8, '3.1': 86.3, '4': 120 }, 121.7],
  ])('%s keeps the times of the log', async (name, phases, total) => {
    const recording = await run(name);
    const times = stageTimes(recording);
    expect(recording.seconds / total).toBeCloseTo(1, 2);
    for (const [stage, seconds] of Object.entries(phases)) {
      expect((times.get(stage) ?? 0) / 1000 / seconds).toBeCloseTo(1, 2);
    }
  });

  test('no line names a directory, a key or a plot of the recording', async () => {
    for (const name of [...runNames('chia'), ...runNames('madmax')]) {
      const { texts } = await run(name);
      expect(texts.filter((text) => /[0-9a-f]{32}|(?:^|[" ])\/\w|xch1/.test(text))).toEqual([]);
    }
  });

  test('chia’s own lines go to stderr, the engine’s to stdout', async () => {
    const recording = await run('chia-k25');
    const lines = [...steps(recording, 'header'), ...steps(recording, 'plot')].filter(
      (step) => step.kind === 'line',
    );
    for (const { text, stream } of lines)
      expect(stream).toBe(text.includes('chia.plotting') ? 'stderr' : 'stdout');
  });
});

test.each([
  [128, 128],
  [128, 64],
  [64, 128],
  [128, 16],
])('%d recorded buckets stand for %d, each once and in order', (recorded, wanted) => {
  const all = Array.from({ length: recorded }, (_, bucket) => bucketsFor(bucket, recorded, wanted)).flat();
  expect(all).toEqual(Array.from({ length: wanted }, (_, bucket) => bucket));
});

test.each([
  [1, 1, 1000],
  [2, 1, 500],
  [1000, 1.5, 1.5],
])('at speed %d, with a pause of %d times the recorded one, 1000 ms take %d', async (speed, jitter, ms) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const timeline = createTimeline(speed, () => jitter);
  const began = performance.now();
  const due: number[] = [];
  for (const _ of [1, 2, 3, 4])
    due.push(
      await Promise.all([timeline.advance(1000), vi.runAllTimersAsync()]).then(() => performance.now()),
    );
  // The clock of timers goes by whole milliseconds.
  for (const [index, at] of due.entries())
    expect(Math.abs(at - began - ms * (index + 1))).toBeLessThanOrEqual(1);
});

test('a late wake is caught up with, a stop is not', () => {
  expect(catchUp(1000, 1400)).toBe(1000);
  expect(catchUp(1000, 61_000)).toBe(61_000);
});

describe('keys', () => {
  test('begin as points do', () => {
    expect(isPublicKey(KEY)).toBe(true);
    expect(isPublicKey(KEY.toUpperCase())).toBe(true);
    expect(isPublicKey(`c0${'0'.repeat(94)}`)).toBe(true);
    expect(isPublicKey(`c1${'0'.repeat(94)}`)).toBe(false);
    expect(isPublicKey(`1${KEY.slice(1)}`)).toBe(false);
  });

  test('keys and addresses of nobody pass, for examples', () => {
    expect(isPublicKey('0'.repeat(96))).toBe(true);
    expect(isPublicKey('ab'.repeat(48))).toBe(true);
    expect(decodeAddress(`xch1${'q'.repeat(58)}`)).toBe('0'.repeat(64));
    expect(decodeAddress(`xch1${'q'.repeat(57)}`)).toBeUndefined();
  });

  test('addresses', () => {
    // The address and puzzle hash of a public k32 log.
    const address = 'xch1u8ll2ztwhseej45d6u2zp9j4mlnzhwseccr0axqws9fl2tyj5u0svdy04y';
    const hash = 'e1fff5096ebc3399568dd714209655dfe62bba19c606fe980e8153f52c92a71f';
    expect(decodeAddress(address)).toBe(hash);
    expect(decodeAddress(address.toUpperCase())).toBe(hash);
    expect(decodeAddress(address.replace('u8', '8u'))).toBeUndefined();
    expect(decodeAddress('xch1nosuch')).toBeUndefined();
  });
});

test('flags are read in every way of writing them', () => {
  const read = (...words: string[]) => Object.fromEntries(parseFlags(CHIA_FLAGS, words).values);
  for (const words of [['-k', '25'], ['-k25'], ['--size', '25'], ['--size=25']])
    expect(read(...words)).toEqual({ k: '25' });
  expect(read('-x', '-t', '-odd')).toEqual({ exclude: 'true', tmp: '-odd' });
  expect(parseFlags(CHIA_FLAGS, ['-k', 'x']).invalid?.value).toBe('x');
  expect(parseFlags(CHIA_FLAGS, ['word', '--bogus']).unknown).toEqual(['--bogus']);
});
