import { describe, expect, it } from 'vitest';
import { MAX_UNACKED_EVENTS } from '../../../../src/engine/model/changes.ts';
import { fromSnapshot, toSnapshot } from '../../../../src/engine/model/snapshot.ts';
import { Bench } from '../bench.ts';
import { smallPlotter } from '../plotter.ts';
import { restored } from '../replay.ts';

describe('events', () => {
  it('are kept until they are acknowledged', () => {
    const bench = new Bench();
    bench.startOne();
    const told = bench.events.length;
    bench.feed({ type: 'acked', seq: told - 1 });
    expect(bench.state.unacked.map(({ seq }) => seq)).toEqual([told]);
    bench.feed({ type: 'acked', seq: 1 });
    expect(bench.state.acked).toBe(told - 1);
    bench.restart();
    expect(bench.state.unacked.at(0)?.seq).toBe(told);
  });

  it('are not acknowledged before they are told', () => {
    const bench = new Bench();
    bench.feed({ type: 'acked', seq: 1_000_000 });
    bench.startOne();
    const left = bench.state.unacked.length;
    bench.feed({ type: 'acked', seq: bench.state.seq });
    expect(left).toBeGreaterThan(0);
    expect(bench.state.unacked).toHaveLength(0);
  });

  it('go from the oldest on when no broker takes them, and are counted; the journal tells the same', () => {
    const bench = new Bench();
    for (let count = 0; count <= MAX_UNACKED_EVENTS; count += 1)
      bench.command({ type: 'fire', name: 'nobody' });
    const { unacked, dropped, seq } = bench.state;
    expect(unacked.length).toBeLessThanOrEqual(MAX_UNACKED_EVENTS);
    expect(dropped + unacked.length).toBe(seq);
    expect(unacked[0]?.seq).toBe(dropped + 1);
    const again = restored(bench.snapshot, bench.journal);
    expect([again.dropped, again.unacked.length]).toEqual([dropped, unacked.length]);
  });
});

describe('the journal', () => {
  it('gets no line where nothing has changed', () => {
    const bench = new Bench();
    const lines = bench.journal.length;
    bench.command({ type: 'get_job', job: 'nightly' });
    bench.set({ paused: false, max_workers: 1 });
    bench.feed({ type: 'history_written', workers: ['gone'] });
    bench.feed({ type: 'acked', seq: 0 });
    bench.feed({ type: 'wake', timers: [{ kind: 'progress', worker: 'gone' }] });
    bench.configure({ nightly: {} });
    expect(bench.journal).toHaveLength(lines);
  });

  it('is understood only with a snapshot that is one', () => {
    for (const value of [null, 'text', [], {}, { ...toSnapshot(new Bench().state), jobs: {} }])
      expect(() => fromSnapshot(value)).toThrow('not a snapshot');
  });
});

describe('what a worker is started with', () => {
  it('has an id of its own, also where chance repeats itself', () => {
    const bench = new Bench({ nightly: { max_workers: 9 } });
    let calls = 0;
    const seldomNew = () => {
      calls += 1;
      return `${Math.floor(calls / 3)}`;
    };
    Object.assign(bench.surroundings, { random: seldomNew });
    expect(bench.start('nightly', 9)).toHaveLength(9);
  });

  it('has temporary directories of its own, and the destination as it is', () => {
    const bench = new Bench({ nightly: { arguments: { temp2_dir: '/tmp2' } } });
    const { id } = bench.startOne();
    const { spec } = bench.run({ id });
    expect(id).toMatch(/^nightly-20261123T090000-/);
    expect(spec.temp_dirs).toEqual([`/tmp1/plot2mqtt-${id}`, `/tmp2/plot2mqtt-${id}`]);
    expect(spec.words).toEqual([
      ...['-f', 'key', '-t', `/tmp1/plot2mqtt-${id}`, '-2', `/tmp2/plot2mqtt-${id}`],
      ...['-d', '/dest', '-k', '32'],
    ]);
    expect(bench.of('worker_started')[0]?.arguments).toMatchObject({
      temp_dir: '/tmp1',
      dest_dir: '/dest',
      k: 32,
    });
  });

  it('looks for no old plot where its plotter has no destination', () => {
    const small = smallPlotter();
    const { dest_dir: _dest, ...rest } = small.arguments;
    const plotter = { definition: { ...small, arguments: rest }, arguments: {}, command: 'small' };
    const settings = { plotters: new Map([['small', plotter]]) };
    const bench = new Bench({ nightly: { replot: { before: '2026-01-01T00:00:00Z' } } }, { settings });
    expect(bench.startOne().step).toBe('plotter');
  });
});
