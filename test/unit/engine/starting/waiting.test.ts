import { describe, expect, it } from 'vitest';
import { Bench, hour, minute, second } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

function iso(at: number): string {
  return new Date(at).toISOString();
}

describe('with all gates open', () => {
  const cases: [string, JobInput, string, RegExp][] = [
    ['nothing', {}, 'nothing', /no named event does, and keep_running is off/],
    ['@startup alone', { starts: [{ on: '@startup' }] }, 'nothing', /no named event does/],
    ['a named event', { starts: [{ on: 'go' }, { on: '@startup' }] }, 'event', /^a worker starts on 'go'$/],
    ['several', { starts: [{ on: 'go' }, { on: 'now' }, { on: 'go' }] }, 'event', /on 'go', 'now'$/],
  ];
  it.each(cases)('a job with %s waits for that', (_, job, waiting_for, text) => {
    expect(new Bench({ nightly: job }).jobView()).toMatchObject({
      waiting_for,
      waiting_text: expect.stringMatching(text),
      next_start_at: null,
    });
  });

  const DELAYED = {
    first: {
      max_workers: 2,
      events: [
        { fire: 'next', on: 'worker_started', delay: '30m' },
        { fire: 'soon', on: 'plotter_started', delay: '10m' },
      ],
    },
    second: { starts: [{ on: 'next' }, { on: 'soon' }] },
    third: { starts: [{ on: 'next' }] },
  };

  it('a delayed event says when it will start one, the next first', () => {
    const bench = new Bench(DELAYED);
    const began = bench.now;
    bench.start('first');
    const at = iso(began + 10 * minute);
    expect(bench.jobView('second')).toMatchObject({
      waiting_for: 'delay',
      waiting_text: `'soon' fires at ${at}`,
      next_start_at: at,
    });
    expect(bench.jobView('third').next_start_at).toBe(iso(began + 30 * minute));
    bench.set({ paused: true }, 'third');
    expect(bench.jobView('third')).toMatchObject({ waiting_for: 'paused', next_start_at: null });
    bench.pass(hour);
    expect(bench.jobView('second')).toMatchObject({ waiting_for: 'max_workers', next_start_at: null });
  });

  it.each([hour, -hour])('the time of a delayed event follows a clock that was set by %i ms', (by) => {
    const bench = new Bench(DELAYED);
    const began = bench.now;
    bench.start('first');
    bench.now += by;
    bench.ahead -= by;
    expect(bench.jobView('third').next_start_at).toBe(iso(began + by + 30 * minute));
  });

  it('a job that is being removed starts nothing more', () => {
    const bench = new Bench({ nightly: { max_workers: 2, starts: [{ on: 'go' }] } });
    bench.start();
    bench.configure({});
    expect(bench.jobView()).toMatchObject({
      waiting_for: 'nothing',
      waiting_text: expect.stringMatching(/removed/),
    });
  });
});

it('the first of several closed gates is what is waited for', () => {
  const bench = new Bench({ nightly: { starts: [{ on: 'go' }] } });
  const waits = () => bench.jobView().waiting_for;
  bench.start();
  expect(waits()).toBe('max_workers');
  bench.set({ paused: true });
  expect(waits()).toBe('paused');
  bench.set({ enabled: false });
  expect(waits()).toBe('enabled');
  bench.set({ enabled: true, paused: false, max_workers: 2 });
  expect(waits()).toBe('event');
});

it('what was asked for longest starts first where several wait', () => {
  const bench = new Bench({
    old: { max_workers: 3, starts: [{ on: 'first' }, { on: 'third' }] },
    young: { max_workers: 3, starts: [{ on: 'second' }] },
  });
  bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
  for (const name of ['second', 'first', 'third']) {
    bench.pass(second);
    bench.command({ type: 'fire', name });
  }
  bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 150 });
  bench.configure({
    old: { max_workers: 3, starts: [{ on: 'first' }, { on: 'third' }] },
    young: { max_workers: 3, starts: [{ on: 'second' }] },
  });
  expect(bench.of('worker_started').map(({ job }) => job)).toEqual(['young']);
  bench.farm.disks.clear();
  bench.pass(minute);
  expect(bench.of('worker_started').map(({ job }) => job)).toEqual(['young', 'old', 'old']);
});
