import { describe, expect, it } from 'vitest';
import type { PlotterDefinition } from '../../../../src/config/schema/plotter.ts';
import type { Exited } from '../../../../src/engine/inputs.ts';
import { inTheMaking, newFiles, producedPattern } from '../../../../src/engine/working/new-files.ts';
import { Bench, hour } from '../bench.ts';
import { type JobInput, smallPlotter } from '../plotter.ts';

/** A farm whose plotter `small` says this of its end; `plain` says nothing. */
function benchOf(more: Partial<PlotterDefinition>, jobs: Record<string, JobInput> = { nightly: {} }): Bench {
  const of = (definition: PlotterDefinition) => ({ definition, arguments: {}, command: 'small_plotter' });
  const plotters = new Map([
    ['small', of({ ...smallPlotter(), ...more })],
    ['plain', of(smallPlotter())],
  ]);
  return new Bench(jobs, { settings: { plotters } });
}

const FATAL = { type: 'error', message: 'Failed with exception', waits: false, fatal: true } as const;

describe('an error that is fatal', () => {
  it.each<[string, (bench: Bench, worker: { id: string }) => void]>([
    ['the plot is there', (bench, worker) => bench.log(worker, { type: 'final_file', file: '/dest/a.plot' })],
    [
      'another error comes',
      (bench, worker) => bench.log(worker, { type: 'error', message: 'x', waits: false }),
    ],
    [
      'its plotter waited and went on',
      (bench, worker) => {
        bench.log(worker, { type: 'error', message: 'full', waits: true });
        bench.log(worker, { type: 'goes_on' });
      },
    ],
    ['the daemon comes up again', (bench) => bench.restart()],
    ['another one comes', (bench, worker) => bench.log(worker, { ...FATAL, message: 'and again' })],
  ])('fails the worker though %s', (_, then) => {
    const bench = benchOf({});
    const worker = bench.startOne();
    bench.log(worker, FATAL);
    then(bench, worker);
    bench.exit(worker);
    expect(bench.of('worker_failed')).toMatchObject([{ error: 'Failed with exception (exit code 0)' }]);
    expect(bench.job()).toMatchObject({ plots_done: 0, failures: 1 });
    expect(bench.state.produced.size).toBe(0);
  });
});

describe('exit codes that are good', () => {
  it.each([
    [0, 'failed'],
    [1, 'failed'],
    [3, 'done'],
  ])('%d: %s', (code, result) => {
    const bench = benchOf({ ok_exit_codes: [3] });
    bench.exit(bench.startOne(), code, { plot: true });
    expect(bench.of('plotter_finished')).toMatchObject([{ exit_code: code }]);
    expect(bench.of('worker_end')).toMatchObject([{ result }]);
  });
});

describe('a plot that is told by being new', () => {
  const PRODUCED = { success: { produced: '.*\\.plot' } };
  const JOBS = {
    nightly: {},
    other: { plotter: 'plain', arguments: { dest_dir: '/other' } },
    carried: { plotter: 'plain', arguments: { dest_dir: '/away' }, post_command: 'mv %plot% /dest' },
  };

  function found(bench: Bench, worker: { id: string }, now: string[]): string[] {
    const known = bench.state.workers.get(worker.id);
    const pattern = known && producedPattern(bench.state, known);
    if (!known || !pattern) throw new Error('it should be told by being new');
    return newFiles(bench.state, known, {
      ...{ now, before: ['old.plot'] },
      fits: (name) => pattern.test(name),
    });
  }

  it('is a file that was not there, and fits as a whole', () => {
    const bench = benchOf(PRODUCED);
    const worker = bench.startOne();
    expect(found(bench, worker, ['old.plot', 'a.plot', 'a.plot.tmp'])).toEqual(['a.plot']);
  });

  it('is no file that another worker has named, or made meanwhile', () => {
    const bench = benchOf(PRODUCED, JOBS);
    const worker = bench.startOne();
    const other = bench.startOne('other');
    const theirs = `${other.id}.plot`;
    bench.log(other, { type: 'plot_name', name: other.id });
    expect(found(bench, worker, ['a.plot', theirs, `${theirs}.tmp`])).toEqual(['a.plot']);
    bench.exit(other);
    bench.restart();
    expect(found(bench, worker, ['a.plot', theirs])).toEqual(['a.plot']);
  });

  it('is no file of a worker that made it before and ended meanwhile', () => {
    const bench = benchOf(PRODUCED, JOBS);
    const carrying = bench.startOne('carried');
    bench.exit(carrying);
    const worker = bench.startOne();
    const theirs = `${carrying.id}.plot`;
    expect(found(bench, worker, ['a.plot', theirs])).toEqual(['a.plot']);
    bench.exit(carrying);
    expect(bench.state.workers.has(carrying.id)).toBe(false);
    bench.restart();
    expect(found(bench, worker, ['a.plot', theirs])).toEqual(['a.plot']);
  });

  it('is in the making while its plotter runs: no move takes what may be it', () => {
    const bench = benchOf(PRODUCED, JOBS);
    const worker = bench.startOne();
    const isTaken = (file: string, age = 0) => inTheMaking(bench.state)(file, bench.now - age);
    expect([isTaken('/dest/a.plot'), isTaken('/dest/a.plot', hour)]).toEqual([true, false]);
    expect([isTaken('/other/a.plot'), isTaken('/dest/a.tmp')]).toEqual([false, false]);
    const other = bench.startOne('other');
    bench.exit(other);
    expect(isTaken(`/dest/${other.id}.plot`)).toBe(false);
    bench.exit(worker);
    expect(isTaken('/dest/a.plot')).toBe(false);
  });

  it('that its plotter left where it failed is never moved', () => {
    const bench = benchOf(PRODUCED);
    const worker = bench.startOne();
    const exit = { code: 1, lost: false, ended_at: bench.now };
    const plot = { file: '', problem: 'failed', bytes: 0, spoilt: ['a.plot'] };
    bench.feed({ type: 'exited', owner: worker.id, kind: 'plotter', exit, plot, tail: [] } satisfies Exited);
    bench.restart();
    expect(bench.state.made.get('a.plot')).toMatchObject({ worker: worker.id, spoilt: true });
  });
});
