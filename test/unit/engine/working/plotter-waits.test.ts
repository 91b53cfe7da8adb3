import { describe, expect, it } from 'vitest';
import { compileParser } from '../../../../src/plotters/parser.ts';
import { definitionOf, fixture } from '../../plotters/replay.ts';
import { Bench, hour, minute } from '../bench.ts';

const FULL = { type: 'error', message: 'no room', waits: true } as const;
const KEY = '0'.repeat(96);
const BOUND = { events: [{ fire: 'help', on: 'worker_waiting' }] };

function waiting(job: Record<string, unknown> = BOUND) {
  const bench = new Bench({ nightly: job });
  const worker = bench.startOne();
  bench.pass(hour);
  bench.enter(worker, '5');
  bench.log(worker, FULL);
  return { bench, worker };
}

/** What was told of waiting. */
const told = (bench: Bench) => bench.told().filter((type) => /waiting|goes_on/.test(type));

describe('a plotter that waits by itself', () => {
  it('is told once, with the room where it wants to write, and shows no time at which it will be done', () => {
    const { bench, worker } = waiting();
    const error = 'no room (0.0 kB are free in /dest)';
    expect(bench.of('worker_waiting')).toMatchObject([{ worker: worker.id, error }]);
    expect(bench.fired()).toEqual(['help']);
    expect(bench.slotView()).toMatchObject({ status: 'plotting', waits: true, error, eta: null });
    for (let tries = 0; tries < 3; tries += 1) {
      bench.pass(5 * minute);
      bench.log(worker, FULL);
    }
    expect(told(bench)).toEqual(['worker_waiting']);
    expect(bench.slotView()).toMatchObject({ waits: true, error, eta: null });
  });

  it.each([
    ['a stage', { type: 'enter', stage: '5' }],
    ['the end of one', { type: 'leave', stage: '4' }],
    ['progress', { type: 'inside', stage: '5', fraction: 0.5 }],
    ['its plot', { type: 'final_file', file: '/dest/x.plot' }],
    ['a line of its own', { type: 'goes_on' }],
  ] as const)('goes on with %s, and may wait again', (_name, signal) => {
    const { bench, worker } = waiting();
    bench.log(worker, signal);
    expect(bench.slotView()).toMatchObject({ waits: false, error: null });
    bench.log(worker, FULL);
    expect(told(bench)).toEqual(['worker_waiting', 'worker_goes_on', 'worker_waiting']);
    expect(bench.fired()).toEqual(['help', 'help']);
  });

  it('stands still: neither its progress nor the time it took grows meanwhile', () => {
    const { bench, worker } = waiting();
    const { progress } = bench.slotView();
    bench.pass(100 * hour);
    expect(bench.slotView().progress).toBe(progress);
    bench.log(worker, { type: 'goes_on' });
    expect(bench.slotView().progress).toBe(progress);
    expect(Date.parse(bench.slotView().eta ?? '') - bench.now).toBeLessThan(hour);
    bench.exit(worker);
    expect(bench.of('plotter_finished')).toMatchObject([{ duration_s: hour / 1000 }]);
  });

  it('goes on waiting over a pause, and counts the time once', () => {
    const { bench, worker } = waiting();
    bench.pass(hour);
    bench.set({ paused: true });
    bench.pass(hour);
    expect(bench.slotView()).toMatchObject({ status: 'paused', waits: true });
    bench.set({ paused: false });
    bench.pass(hour);
    bench.log(worker, FULL);
    expect(told(bench)).toEqual(['worker_waiting']);
    expect(bench.slotView()).toMatchObject({ status: 'plotting', waits: true, eta: null });
    bench.exit(worker);
    expect(told(bench)).toEqual(['worker_waiting', 'worker_goes_on']);
    expect(bench.of('plotter_finished')).toMatchObject([{ duration_s: hour / 1000 }]);
  });

  it('still waits after a restart, which tells nothing anew', () => {
    const { bench, worker } = waiting();
    bench.restart();
    expect(bench.slotView()).toMatchObject({ waits: true, eta: null });
    bench.log(worker, FULL);
    bench.log(worker, { type: 'goes_on' });
    bench.restart();
    expect(bench.slotView()).toMatchObject({ waits: false, error: null });
    expect(told(bench)).toEqual(['worker_waiting', 'worker_goes_on']);
  });

  it('is told after a crash that came before the room was seen', () => {
    const bench = new Bench({ nightly: BOUND });
    const worker = bench.startOne();
    bench.hold('look_at_room');
    bench.log(worker, FULL);
    expect(told(bench)).toEqual([]);
    expect(bench.slotView()).toMatchObject({ waits: true, error: 'no room' });
    bench.crash();
    bench.farm.held.clear();
    bench.comeUp();
    expect(told(bench)).toEqual(['worker_waiting']);
    expect(bench.fired()).toEqual(['help']);
  });

  it('that goes on before the room was seen is told all the same', () => {
    const bench = new Bench({ nightly: BOUND });
    const worker = bench.startOne();
    bench.hold('look_at_room');
    bench.log(worker, FULL);
    bench.log(worker, { type: 'goes_on' });
    bench.release('look_at_room');
    expect(told(bench)).toEqual(['worker_waiting', 'worker_goes_on']);
    expect(bench.slotView()).toMatchObject({ waits: false, error: null });
  });

  it('does without the room where its disk does not say it', () => {
    const bench = new Bench();
    bench.farm.free = null;
    bench.log(bench.startOne(), FULL);
    expect(bench.of('worker_waiting')).toMatchObject([
      { error: "no room (how much is free in /dest isn't known)" },
    ]);
  });

  it('names the directory that its line is about', () => {
    const { bench, worker } = waiting();
    const path = `${bench.run(worker).spec.temp_dirs[0]}/x.tmp`;
    bench.log(worker, { ...FULL, message: 'no room for a table', path });
    expect(bench.slotView().error).toBe('no room for a table (0.0 kB are free in /tmp1)');
    expect(told(bench)).toEqual(['worker_waiting']);
  });

  it('waits no more once it is dismissed, whatever it still says', () => {
    const { bench, worker } = waiting();
    bench.hold('terminate');
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    bench.log(worker, FULL);
    expect(bench.slotView().waits).toBe(false);
    bench.release('terminate');
    expect(bench.slotView()).toMatchObject({ status: 'idle', waits: false });
    expect(told(bench)).toEqual(['worker_waiting']);
  });

  it('waits no more once it has failed', () => {
    const { bench, worker } = waiting();
    bench.exit(worker, 1);
    expect(bench.slotView()).toMatchObject({ status: 'failed', waits: false });
    expect(told(bench)).toEqual(['worker_waiting']);
    expect(bench.of('worker_failed')).toMatchObject([{ error: expect.stringContaining('no room') }]);
  });

  it('another error ends the waiting: it fails by that one', () => {
    const { bench, worker } = waiting();
    bench.log(worker, { type: 'error', message: 'given up', waits: false });
    expect(bench.slotView()).toMatchObject({ waits: false, error: 'given up' });
    bench.exit(worker, 1);
    expect(bench.of('worker_failed')).toMatchObject([{ error: 'given up (exit code 1)' }]);
  });

  it.each([
    ['chia', 'chiapos/err_full_final_copy.log', 'Could not copy'],
    ['chia', 'chiapos/err_full_tmp.log', 'Only wrote 286720 of 472430 bytes'],
    ['madmax', 'madmax/err_full_final_copy.log', 'Copy to'],
  ])('%s: its real log in %s waits at its end, told once however often it is said', (plotter, log, error) => {
    const definition = definitionOf(plotter);
    const bench = new Bench(
      { nightly: { plotter, arguments: { farmer_key: KEY, pool_key: KEY } } },
      { settings: { plotters: new Map([[plotter, { definition, arguments: {}, command: plotter }]]) } },
    );
    const worker = bench.startOne();
    const parser = compileParser(definition);
    const lines = fixture(log).trimEnd().split('\n');
    const say = (line: string) => {
      const stage = bench.slotView().stage;
      const signals = parser.parse(line, stage);
      if (signals.length > 0) bench.log(worker, ...signals);
    };
    for (const line of lines) say(line);
    for (let tries = 0; tries < 5; tries += 1) say(lines.at(-1) ?? '');
    expect(told(bench)).toEqual(['worker_waiting']);
    expect(bench.of('worker_waiting')[0]?.error).toMatch(new RegExp(`^${error}.*are free in /dest\\)$`));
    expect(bench.slotView()).toMatchObject({ waits: true, eta: null });
  });
});
