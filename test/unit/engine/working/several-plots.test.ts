import { describe, expect, it } from 'vitest';
import { newestOf, plotsInHand, plotsToCome, workersOf } from '../../../../src/engine/model/state.ts';
import type { WorkerState } from '../../../../src/engine/model/worker-state.ts';
import { plotFile } from '../../../../src/engine/working/stages.ts';
import type { Signal } from '../../../../src/plotters/signal.ts';
import { Bench } from '../bench.ts';
import { type JobInput, manyPlotter } from '../plotter.ts';

/** A job whose runs make several plots, and its first run. */
class Story extends Bench {
  readonly run_id: string;

  constructor(job: JobInput = {}) {
    super({ nightly: { plotter: 'many', plots_per_run: 3, ...job } });
    this.run_id = this.startOne().run;
  }

  get its() {
    const run = this.state.runs.get(this.run_id);
    if (!run) throw new Error('its run has ended');
    return run;
  }

  get newest(): WorkerState {
    const newest = newestOf(this.state, this.run_id);
    if (!newest) throw new Error('its run has ended');
    return newest;
  }

  /** The log says something of one of its plots. */
  say(nth: number, ...signals: Signal[]): void {
    const offset = this.its.log_offset + 10;
    this.feed({ type: 'log', run: this.run_id, offset, nth, signals });
  }

  begin(nth: number): WorkerState {
    this.say(nth, { type: 'begin' }, { type: 'enter', stage: '1' });
    return this.newest;
  }

  /** The log names a plot's final file, and it is there. */
  place(nth: number): void {
    const file = `/dest/plot-${nth}.plot`;
    this.farm.inPlace.add(file);
    this.say(nth, { type: 'final_file', file });
  }

  /** The process ends. */
  end(code = 0): void {
    const input = this.farm.exit(this.run_id, code, this.now, {}, this.state);
    if (!input) throw new Error('it has no process');
    this.feed(input);
  }

  asks(type: 'finish' | 'terminate'): number {
    return this.asked.filter(
      (effect) => effect.type === type && !('kind' in effect && effect.kind === 'post'),
    ).length;
  }
}

const results = (bench: Bench) => bench.of('worker_end').map(({ result }) => result);

describe('a run of several plots', () => {
  it('gets their number, and has one pre-command', () => {
    const bench = new Story({ pre_command: 'pre' });
    expect(bench.its).toMatchObject({ plots: 3, spec: { words: expect.arrayContaining(['-n', '3']) } });
    bench.exit({ id: bench.run_id });
    bench.begin(1);
    bench.begin(2);
    expect(bench.of('pre_process_started')).toHaveLength(1);
  });

  it('has the next worker at the line that begins its plot, in the same slot', () => {
    const bench = new Story();
    const first = bench.begin(1);
    expect(first.nth).toBe(1);
    const mark = bench.mark();
    const second = bench.begin(2);
    expect(bench.told(mark).slice(0, 2)).toEqual(['worker_started', 'plotter_started']);
    expect(second).toMatchObject({ nth: 2, run: first.id, slot: 1, step: 'plotter', cause: first.cause });
    const pid = bench.its.process?.pid;
    expect(bench.of('worker_started').at(-1)).toMatchObject({ worker: second.id, run: first.id, slot: 1 });
    expect(bench.of('plotter_started').at(-1)).toMatchObject({ worker: second.id, pid });
    expect(bench.slotView()).toMatchObject({ worker: second.id, run: first.id, pid, stage: '1.1' });
    expect(bench.jobView().workers).toBe(1);
  });

  it('counts a begun plot once, however often its line is heard, over a crash too', () => {
    const bench = new Story();
    bench.begin(1);
    bench.begin(1);
    const second = bench.begin(2);
    bench.restart();
    expect(bench.begin(2).id).toBe(second.id);
    expect(workersOf(bench.state, bench.run_id)).toHaveLength(2);
  });

  it('has no worker for a plot that it was not asked for', () => {
    const bench = new Story({ plots_per_run: 2 });
    for (const nth of [1, 2, 3]) bench.begin(nth);
    bench.say(3, { type: 'plot_name', name: 'plot-3' });
    expect(workersOf(bench.state, bench.run_id).map(({ plot_name }) => plot_name)).toEqual([null, null]);
  });

  it('ends each plot when it is in its place, with its own post-command; the slot with the last', () => {
    const bench = new Story({ post_command: 'post' });
    const first = bench.begin(1);
    bench.place(1);
    // Until the next one begins nobody knows whether that is all.
    expect(first.step).toBe('plotter');
    const second = bench.begin(2);
    expect(first.step).toBe('post');
    bench.exit(first, 0, { kind: 'post' });
    expect(bench.of('plotter_finished').at(-1)).toMatchObject({
      worker: first.id,
      plot: '/dest/plot-1.plot',
      exit_code: null,
    });
    expect(bench.of('worker_end').map(({ worker }) => worker)).toEqual([first.id]);
    expect(bench.job().plots_done).toBe(1);
    expect(bench.slotView()).toMatchObject({ worker: second.id, status: 'plotting' });
    const third = bench.begin(3);
    bench.place(2);
    bench.place(3);
    bench.end();
    for (const worker of [second, third]) bench.exit(worker, 0, { kind: 'post' });
    expect(results(bench)).toEqual(['done', 'done', 'done']);
    expect(bench.of('plotter_finished').at(-1)).toMatchObject({ exit_code: 0 });
    expect(bench.state.runs.size).toBe(0);
    expect(bench.asked.filter((effect) => effect.type === 'cleanup' && effect.last)).toHaveLength(1);
  });

  it('tells what its log says of an earlier plot as that worker’s', () => {
    const bench = new Story();
    const first = bench.begin(1);
    const second = bench.begin(2);
    bench.say(1, { type: 'enter', stage: '5' });
    expect([first.leaf, second.leaf]).toEqual([5, 0]);
    bench.say(1, { type: 'error', message: 'full', waits: true });
    expect([first.waits, second.waits]).toEqual([true, false]);
  });

  it('looks again at a plot on its way after a restart', () => {
    const bench = new Story();
    const first = bench.begin(1);
    bench.begin(2);
    bench.hold('look_at_plot');
    bench.place(1);
    bench.crash();
    bench.release('look_at_plot');
    bench.comeUp();
    expect(bench.of('worker_end').map(({ worker }) => worker)).toEqual([first.id]);
  });
});

it('is not failed by a look that began before its log said that it is there', () => {
  const bench = new Story();
  const first = bench.begin(1);
  bench.begin(2);
  bench.hold('look_at_plot');
  bench.place(1);
  const plot = { file: '/dest/plot-1.plot', problem: 'it is not there', bytes: 0 };
  bench.feedOnly({ type: 'plot_seen', worker: first.id, plot, placed: false });
  expect(first).toMatchObject({ step: 'plotter', failed: null });
  bench.release('look_at_plot');
  expect(results(bench)).toEqual(['done']);
});

it('is found again with all whose plots are on their way', () => {
  const bench = new Story();
  const first = bench.begin(1);
  const second = bench.begin(2);
  bench.restart();
  expect(bench.of('worker_recovered').map(({ worker }) => worker)).toEqual([first.id, second.id]);
});

describe('the end of a run of several plots', () => {
  it.each([0, 1])('with exit code %i: what was seen in its place is done', (code) => {
    const bench = new Story();
    bench.begin(1);
    bench.place(1);
    bench.begin(2);
    bench.place(2);
    bench.end(code);
    expect(results(bench)).toEqual(['done', 'done']);
    expect(bench.job()).toMatchObject({ plots_done: 2, plots_failed: 0, failures: 0 });
  });

  it('fails all that lack their plot, which is one failure of the job', () => {
    const bench = new Story({ max_failures: 2 });
    bench.begin(1);
    bench.begin(2);
    bench.end(1);
    expect(results(bench)).toEqual(['failed', 'failed']);
    expect(bench.job()).toMatchObject({ failures: 1, plots_failed: 2, blocked: 'none' });
    expect(bench.slotView()).toMatchObject({ status: 'failed', worker: bench.of('worker_end')[1]?.worker });
  });

  it('fails a plot at once that its log says to be in its place, and that isn’t', () => {
    const bench = new Story();
    const first = bench.begin(1);
    bench.begin(2);
    bench.say(1, { type: 'final_file', file: '/dest/gone.plot' });
    expect(bench.of('worker_failed')).toMatchObject([{ worker: first.id }]);
    bench.place(2);
    bench.end();
    expect(results(bench)).toEqual(['failed', 'done']);
  });

  it('by a dismissal ends all; a plot that is there counts', () => {
    const bench = new Story({ post_command: 'post' });
    bench.begin(1);
    bench.begin(2);
    bench.hold('look_at_plot');
    bench.place(1);
    const ticket = bench.send({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    expect(bench.of('worker_dismissed').map(({ plot }) => plot)).toEqual(['/dest/plot-1.plot', null]);
    expect(bench.asks('terminate')).toBe(1);
    expect(bench.of('post_process_started')).toEqual([]);
    expect(bench.job()).toMatchObject({ plots_done: 1, failures: 0 });
    expect(bench.answers.get(ticket)).toMatchObject({ status: 'ok' });
  });
});

describe('how many plots a run makes', () => {
  it('is no more than are to be made, less those in hand', () => {
    const bench = new Story({ plots_to_do: 5, max_workers: 2 });
    expect(bench.its.plots).toBe(3);
    expect(bench.run(bench.startOne()).plots).toBe(2);
    expect(plotsInHand(bench.state, 'nightly')).toBe(5);
    expect(bench.jobView()).toMatchObject({ workers: 2 });
  });

  it('closes the gate plots_to_do for those that are to come', () => {
    const bench = new Story({ plots_to_do: 3, max_workers: 2 });
    expect(bench.command({ type: 'start', job: 'nightly', workers: 1 })).toMatchObject({
      error: { code: 'limit_reached', message: expect.stringContaining('3 are being made') },
    });
  });

  it.each([
    [550, 3],
    [549, 2],
    [350, 1],
  ])('is what has room: %i bytes, %i plots', (free_bytes, plots) => {
    const bench = new Bench({ nightly: { plotter: 'many', plots_per_run: 3 } });
    bench.farm.disks.set('/dest', { free_bytes });
    bench.farm.disks.set('/tmp1', { free_bytes });
    expect(bench.run(bench.startOne()).plots).toBe(plots);
  });

  it('keeps the room of those to come from others', () => {
    const bench = new Bench({ nightly: { plotter: 'many', plots_per_run: 3 }, other: {} });
    for (const path of ['/dest', '/tmp1']) bench.farm.disks.set(path, { free_bytes: 750 });
    bench.startOne();
    expect(bench.command({ type: 'start', job: 'other', workers: 1 })).toMatchObject({
      error: { code: 'no_space' },
    });
  });

  it('is one where its plotter makes one', () => {
    const bench = new Bench({ nightly: { plots_per_run: 3 } });
    expect(bench.command({ type: 'start', job: 'nightly', workers: 1 })).toMatchObject({
      error: { code: 'invalid_config', path: 'plots_per_run' },
    });
  });

  it('counts for limits by phase until the last has passed it', () => {
    const bench = new Story();
    bench.begin(1);
    bench.say(1, { type: 'enter', stage: '2' });
    expect(plotsToCome(bench.state, bench.its)).toBe(2);
  });
});

const ENDING: [string, (bench: Story) => void][] = [
  ['the job is disabled', (bench) => bench.set({ enabled: false })],
  [
    'a hold lets none start',
    (bench) => bench.command({ type: 'set_hold', job: null, name: 'price', wanted: { kind: 'no_starts' } }),
  ],
  ['it has more plots than are to be made', (bench) => bench.set({ plots_to_do: 1 })],
  ['its job leaves config.yaml', (bench) => bench.configure({})],
];

describe.each(ENDING)('a run of several plots when %s', (_, change) => {
  it('ends after its plot by the signal of its definition', () => {
    const bench = new Story({ plotter: 'graceful' });
    bench.begin(1);
    change(bench);
    expect(bench.asked.filter(({ type }) => type === 'finish')).toEqual([
      { type: 'finish', run: bench.run_id, signal: 'SIGTERM' },
    ]);
    change(bench);
    expect(bench.asks('finish')).toBe(1);
    bench.place(1);
    bench.end();
    expect(results(bench)).toEqual(['done']);
    expect(bench.asks('terminate')).toBe(0);
  });

  it('is stopped without one when the next begins and the last is in its place: no failure', () => {
    const bench = new Story();
    bench.begin(1);
    change(bench);
    expect(bench.asks('terminate')).toBe(0);
    bench.place(1);
    const mark = bench.mark();
    bench.say(2, { type: 'begin' });
    expect(bench.told(mark)).not.toContain('worker_started');
    expect(bench.asks('terminate')).toBe(1);
    expect(results(bench)).toEqual(['done']);
    expect(bench.state.runs.size).toBe(0);
    expect(bench.of('worker_failed')).toEqual([]);
  });
});

describe('a run of several plots that ends early', () => {
  it('waits for a plot on its way, and gives up what had begun by then', () => {
    const bench = new Story();
    const first = bench.begin(1);
    bench.set({ enabled: false });
    const second = bench.begin(2);
    expect(bench.asks('terminate')).toBe(0);
    bench.restart();
    bench.place(1);
    expect(bench.asks('terminate')).toBe(1);
    expect(bench.of('worker_end').map(({ worker, result }) => [worker, result])).toEqual([
      [first.id, 'done'],
    ]);
    expect(bench.of('worker_dismissed').map(({ worker }) => worker)).toEqual([second.id]);
    expect(bench.job()).toMatchObject({ plots_done: 1, failures: 0, plots_failed: 0 });
  });

  it('is asked only when its first plot has begun', () => {
    const bench = new Story({ plotter: 'graceful' });
    bench.set({ enabled: false });
    expect(bench.asks('finish')).toBe(0);
    bench.begin(1);
    expect(bench.asks('finish')).toBe(1);
  });

  it('is asked again after a crash, by whom it is known whether it was', () => {
    const bench = new Story({ plotter: 'graceful' });
    bench.begin(1);
    bench.hold('finish');
    bench.set({ enabled: false });
    bench.restart();
    expect(bench.asks('finish')).toBe(2);
  });

  it('is the youngest of those that are more than max_workers', () => {
    const bench = new Story({ plotter: 'graceful', max_workers: 2 });
    bench.begin(1);
    bench.now += 1000;
    const other = bench.startOne();
    bench.feed({ type: 'log', run: other.run, offset: 10, nth: 1, signals: [{ type: 'begin' }] });
    bench.set({ max_workers: 1 });
    expect(bench.asked.flatMap((each) => (each.type === 'finish' ? [each.run] : []))).toEqual([other.run]);
    expect(plotsToCome(bench.state, bench.its)).toBe(2);
  });

  it('is none that a pause holds, nor one that was started by hand while its job is disabled', () => {
    const bench = new Story({ plotter: 'graceful', enabled: false });
    bench.begin(1);
    bench.set({ paused: true });
    bench.set({ paused: false });
    expect(bench.asks('finish')).toBe(0);
  });
});

it('a run whose plotter may not be suspended ends after its plot when it is paused', () => {
  const definition = { ...manyPlotter({ finish: 'SIGTERM' }), suspend: false };
  const plotters = new Map([['many', { definition, arguments: {}, command: 'many_plotter' }]]);
  const bench = new Bench({ nightly: { plotter: 'many', plots_per_run: 3 } }, { settings: { plotters } });
  const { run } = bench.startOne();
  bench.feed({ type: 'log', run, offset: 10, nth: 1, signals: [{ type: 'begin' }] });
  bench.set({ paused: true });
  expect(bench.asked.filter(({ type }) => type === 'finish' || type === 'suspend')).toEqual([
    { type: 'finish', run, signal: 'SIGTERM' },
  ]);
});

describe('a later plot of a run', () => {
  it('that begins while the run is suspended is told to be paused, and goes on with it', () => {
    const bench = new Story();
    bench.begin(1);
    bench.command({ type: 'pause_worker', job: 'nightly', slot: 1, paused: true });
    const mark = bench.mark();
    const second = bench.begin(2);
    expect(bench.told(mark)).toContain('worker_paused');
    bench.command({ type: 'pause_worker', job: 'nightly', slot: 1, paused: false });
    expect(bench.of('worker_resumed').map(({ worker }) => worker)).toContain(second.id);
  });

  it('takes a log of those that are still to be kept', () => {
    const bench = new Story({ save_logs: 2 });
    bench.begin(1);
    const [second, third] = [bench.begin(2), bench.begin(3)];
    expect([second.save_log, third.save_log]).toEqual([true, false]);
  });

  it('has old plots removed beside its plotter, once for each plot', () => {
    const bench = new Bench({
      nightly: { plotter: 'many', plots_per_run: 3, replot: { before: '2026-01-01T00:00:00Z' } },
    });
    for (const name of ['a', 'b', 'c']) bench.farm.oldPlots.push({ file: `/dest/${name}.plot`, size: 100 });
    const { run } = bench.startOne();
    expect(bench.of('replot_removed')).toHaveLength(1);
    const begin = (nth: number) =>
      bench.feed({ type: 'log', run, offset: nth * 10, nth, signals: [{ type: 'begin' }] });
    begin(1);
    bench.farm.inPlace.add('/dest/plot-1.plot');
    bench.feed({
      ...{ type: 'log', run, offset: 15, nth: 1 },
      signals: [{ type: 'final_file', file: '/dest/plot-1.plot' }],
    });
    bench.hold('replot_remove');
    begin(2);
    const second = newestOf(bench.state, run);
    expect(second).toMatchObject({ step: 'plotter', beside: 'replot_remove', replot: [{ size: 100 }] });
    bench.restart();
    bench.release('replot_remove');
    expect(second && bench.state.workers.get(second.id)).toMatchObject({ step: 'plotter', beside: null });
    expect(bench.of('replot_removed').map(({ worker }) => worker)).toEqual([run, second?.id]);
  });

  it('waits with its end for an old plot that is being removed for it', () => {
    const bench = new Bench({
      nightly: { plotter: 'many', plots_per_run: 2, replot: { before: '2026-01-01T00:00:00Z' } },
    });
    for (const name of ['a', 'b']) bench.farm.oldPlots.push({ file: `/dest/${name}.plot`, size: 100 });
    const { run } = bench.startOne();
    const log = (nth: number, offset: number, ...signals: Signal[]) =>
      bench.feed({ type: 'log', run, offset, nth, signals });
    log(1, 10, { type: 'begin' });
    bench.farm.inPlace.add('/dest/p1.plot');
    log(1, 20, { type: 'final_file', file: '/dest/p1.plot' });
    bench.hold('replot_remove');
    log(2, 30, { type: 'begin' });
    const input = bench.farm.exit(run, 1, bench.now, {}, bench.state);
    if (input) bench.feed(input);
    expect(bench.state.runs.size).toBe(1);
    bench.release('replot_remove');
    expect(bench.of('replot_removed')).toHaveLength(2);
    expect(bench.state.runs.size).toBe(0);
    expect(bench.job().replot_credit).not.toEqual({});
  });

  it('has the file that its name means where no line says that it is there, once the next has begun', () => {
    const bench = new Story();
    const first = bench.begin(1);
    bench.its.partial.push('.tmp');
    bench.say(1, { type: 'plot_name', name: 'plot-1' });
    bench.farm.inPlace.add(plotFile(bench.state, first) ?? '');
    bench.begin(2);
    expect(results(bench)).toEqual(['done']);
  });
});
