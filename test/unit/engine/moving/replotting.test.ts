import { describe, expect, it } from 'vitest';
import { Bench, hour, minute } from '../bench.ts';
import { storedReplotSchema } from '../../../../src/config/schema/replot.ts';
import { decideOldPlots } from '../../../../src/engine/moving/decide.ts';
import type { Signal } from '../../../../src/plotters/signal.ts';
import type { JobInput } from '../plotter.ts';

const BEFORE = '2026-01-01T00:00:00Z';
const REPLOTTING: JobInput = { replot: { before: BEFORE }, max_workers: 0, max_failures: 0 };

/** A farm of so many old plots, and a job that replaces them. */
function replotting(job: JobInput = {}, plots = 20): Bench {
  const bench = new Bench({ nightly: { ...REPLOTTING, ...job } });
  for (let number = 0; number < plots; number += 1)
    bench.farm.oldPlots.push({ file: `/dest/${number}.plot`, size: 100 + number });
  return bench;
}

/** A rule as it is kept. */
const ruleOf = (rule: Record<string, unknown>) => storedReplotSchema.parse(rule);

function removed(bench: Bench): number {
  return bench.of('replot_removed').length;
}

describe('a plot that never came', () => {
  it.each([
    ['that failed', (bench: Bench) => bench.exit(bench.workers().at(-1) ?? { id: '' }, 1)],
    ['that was dismissed', (bench: Bench) => bench.command({ type: 'dismiss_job', job: 'nightly' })],
  ])('leaves its room to the next worker: one %s', (_, end) => {
    const bench = replotting();
    for (let round = 0; round < 5; round += 1) {
      bench.startOne();
      end(bench);
      expect(bench.workers()).toEqual([]);
    }
    expect(removed(bench)).toBe(1);
    expect(bench.state.jobs.get('nightly')?.replot_credit).toEqual({ '/': [100] });
    bench.exit(bench.startOne());
    expect(bench.state.jobs.get('nightly')?.replot_credit).toEqual({});
    expect(removed(bench)).toBe(1);
    bench.startOne();
    expect(removed(bench)).toBe(2);
  });

  it('leaves it over a restart', () => {
    const bench = replotting();
    bench.exit(bench.startOne(), 1);
    bench.crash();
    bench.comeUp();
    bench.startOne();
    expect(removed(bench)).toBe(1);
    expect(bench.workers()[0]?.replot_room).toEqual({ filesystem: '/', sizes: [100] });
  });

  it('leaves it to its own job alone', () => {
    const bench = replotting();
    bench.configure({ nightly: REPLOTTING, other: REPLOTTING });
    bench.exit(bench.startOne(), 1);
    bench.start('other', 1);
    expect(removed(bench)).toBe(2);
  });

  it('leaves it to whichever comes next where its job is gone, over a restart too', () => {
    const bench = replotting();
    for (let round = 0; round < 4; round += 1) {
      bench.configure({ nightly: REPLOTTING });
      bench.exit(bench.startOne(), 1);
      bench.configure({});
      expect(bench.state.jobs.size).toBe(0);
    }
    expect(removed(bench)).toBe(1);
    expect(bench.state.left_credit).toEqual({ '/': [100] });
    bench.crash();
    bench.comeUp();
    bench.configure({ other: REPLOTTING });
    bench.exit(bench.startOne('other'));
    expect(removed(bench)).toBe(1);
    expect(bench.state.left_credit).toEqual({});
    bench.startOne('other');
    expect(removed(bench)).toBe(2);
  });

  it('is not enough where the room is missing all the same: one more goes, and only then', () => {
    const bench = replotting();
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 0 });
    bench.farm.oldPlots.splice(0, 20, ...[1, 2, 3].map((n) => ({ file: `/dest/${n}.plot`, size: 1e12 })));
    bench.exit(bench.startOne(), 1);
    // Somebody has taken the room.
    bench.exit(bench.startOne(), 1);
    expect(removed(bench)).toBe(2);
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1e12 });
    bench.exit(bench.startOne(), 1);
    expect(removed(bench)).toBe(2);
    expect(bench.job().replot_credit).toEqual({ '/': [1e12, 1e12] });
  });

  it('is not enough either where several never came: one goes beside their room, not none', () => {
    const bench = replotting();
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 0 });
    bench.farm.oldPlots.splice(0, 20, ...[1, 2, 3, 4].map((n) => ({ file: `/dest/${n}.plot`, size: 1e12 })));
    for (let round = 1; round <= 3; round += 1) {
      bench.exit(bench.startOne(), 1);
      // Somebody has taken the room again.
      expect(removed(bench)).toBe(round);
      expect(bench.job().replot_credit).toEqual({ '/': Array.from({ length: round }, () => 1e12) });
    }
  });

  it('is looked beside after a crash too: no plot goes twice, none is left out', () => {
    const bench = replotting();
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 0 });
    bench.farm.oldPlots.splice(0, 20, ...[1, 2, 3, 4].map((n) => ({ file: `/dest/${n}.plot`, size: 1e12 })));
    for (let round = 0; round < 2; round += 1) bench.exit(bench.startOne(), 1);
    bench.hold('replot_find');
    bench.startOne();
    const [credit] = bench.farm.outstanding;
    const found = credit && bench.farm.perform(credit, bench.state, bench.now);
    if (found) bench.feedOnly(found);
    expect(bench.workers()[0]?.replot_room?.sizes).toEqual([1e12, 1e12]);
    bench.crash();
    bench.farm.held.clear();
    bench.comeUp();
    expect(removed(bench)).toBe(3);
  });

  it('of which a crash hides the removal costs no second one', () => {
    const bench = replotting();
    bench.hold('replot_remove');
    bench.startOne();
    const [work] = bench.farm.outstanding;
    if (work) bench.farm.perform(work, bench.state, bench.now);
    bench.crash();
    bench.comeUp();
    bench.release('replot_remove');
    expect(removed(bench)).toBe(1);
    expect(bench.farm.oldPlots).toHaveLength(19);
  });

  it('costs nothing where the old plot stayed', () => {
    const bench = replotting();
    bench.farm.problem = 'read-only file system';
    bench.start();
    expect(bench.of('worker_end')).toHaveLength(1);
    expect(bench.state.jobs.get('nightly')?.replot_credit).toEqual({});
  });
});

describe('a job that has made no plot yet, or failed last', () => {
  it('takes one old plot after the other, each when the plotter before has run for a minute', () => {
    const bench = replotting();
    bench.start('nightly', 3);
    expect(bench.workers().map(({ step }) => step)).toEqual(['plotter', 'replot_find', 'replot_find']);
    expect(removed(bench)).toBe(1);
    bench.pass(minute);
    expect(removed(bench)).toBe(2);
    bench.pass(minute);
    expect(removed(bench)).toBe(3);
  });

  it('loses one, however many workers fail at once', () => {
    const bench = replotting();
    bench.start('nightly', 10);
    for (const worker of bench.workers()) bench.exit(worker, 1);
    expect(bench.workers()).toEqual([]);
    expect(removed(bench)).toBe(1);
  });

  it.each([-5, 5])('loses no more, nor waits for longer, where the clock was set by %i hours', (hours) => {
    const bench = replotting({ max_workers: 10 });
    bench.now += hours * hour;
    bench.ahead = -hours * hour;
    bench.startOne();
    bench.start('nightly', 9);
    expect(removed(bench)).toBe(1);
    bench.pass(minute);
    // One that has run for a minute lets the next one go on.
    expect(removed(bench)).toBe(2);
    for (const worker of bench.workers()) bench.exit(worker, 1);
    expect(bench.workers()).toEqual([]);
    expect(removed(bench)).toBe(2);
  });

  it('starts no more by named events while one waits, but later', () => {
    const bench = replotting({
      starts: [{ on: 'again', workers: 3 }],
      events: [{ fire: 'again', on: 'worker_started' }],
    });
    bench.start();
    expect(bench.workers()).toHaveLength(2);
    expect(bench.job().pending).toBeGreaterThan(0);
    bench.pass(minute);
    expect(bench.workers()).toHaveLength(3);
    expect(removed(bench)).toBe(2);
  });

  it('dismisses one that waits', () => {
    const bench = replotting();
    bench.start('nightly', 2);
    const [, waiting] = bench.workers();
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: waiting?.slot ?? 0 });
    expect(bench.workers()).toHaveLength(1);
    bench.pass(minute);
    expect(removed(bench)).toBe(1);
  });

  it('goes on with those that wait after a restart', () => {
    const bench = replotting();
    bench.start('nightly', 3);
    bench.crash();
    bench.comeUp();
    expect(removed(bench)).toBe(1);
    bench.pass(3 * minute);
    expect(removed(bench)).toBe(3);
  });

  it('takes as many as it likes once it has made one', () => {
    const bench = replotting();
    bench.exit(bench.startOne());
    bench.start('nightly', 3);
    expect(removed(bench)).toBe(4);
  });
});

describe('old plots stay', () => {
  const created = { type: 'create_job', job: 'made' } as const;
  const definition = () => replotting().job().definition;

  it.each([
    ['over MQTT, which config.yaml does not allow', BEFORE, /security\.allow_replot_over_mqtt/],
    ['before a time that is still to come', '2099-01-01T00:00:00Z', /in the future/],
  ])('for a job of version 1: %s', (_, before, why) => {
    const bench = replotting();
    if (before !== BEFORE) bench.settings.allow_replot_over_mqtt = true;
    bench.command({ ...created, definition: { ...definition(), replot: ruleOf({ before }) } });
    bench.start('made', 1);
    expect(bench.job('made').last_error).toMatch(why);
    expect(bench.of('plotter_started')).toHaveLength(1);
    const worker = [...bench.state.workers.values()][0];
    bench.exit({ id: worker?.id ?? '' });
    expect(bench.job('made')).toMatchObject({ plots_done: 1, failures: 0 });
    expect(bench.job('made').last_error).toMatch(why);
    expect(removed(bench)).toBe(0);
  });

  it('once config.yaml forbids it, also for the worker that has chosen one', () => {
    const bench = replotting();
    bench.settings.allow_replot_over_mqtt = true;
    bench.command({ ...created, definition: { ...definition(), pre_command: 'true' } });
    bench.start('made', 1);
    bench.settings.allow_replot_over_mqtt = false;
    bench.exit({ id: [...bench.state.workers.keys()][0] ?? '' });
    expect(bench.of('plotter_started')).toHaveLength(1);
    expect(removed(bench)).toBe(0);
  });

  it('when the clock was set back since the job was made', () => {
    const bench = replotting();
    bench.now = Date.UTC(2025, 0, 1);
    bench.startOne();
    expect(removed(bench)).toBe(0);
    expect(bench.job().last_error).toMatch(/in the future by this machine's clock/);
  });
});

describe('a rule that config.yaml says otherwise by now', () => {
  const MANY: JobInput = { plotter: 'many', plots_per_run: 3 };
  /** The next plot of the only run begins. */
  const begin = (bench: Bench, nth: number) => {
    const [run] = bench.state.runs.values();
    const offset = (run?.log_offset ?? 0) + 10;
    bench.feed({ type: 'log', run: run?.id ?? '', offset, nth, signals: [{ type: 'begin' }] });
    bench.pass(minute);
  };
  const otherwise = (bench: Bench, job: JobInput) => bench.configure({ nightly: { ...REPLOTTING, ...job } });
  const none: JobInput = { replot: undefined };
  const dry: JobInput = { replot: { before: BEFORE, dry_run: true } };

  it.each([
    ['no replot any more', none, 0],
    ['a dry run', dry, 1],
  ])('holds for the later plots of a run too: %s', (_, job, told) => {
    const bench = replotting(MANY);
    bench.startOne();
    begin(bench, 1);
    begin(bench, 2);
    expect(removed(bench)).toBe(2);
    otherwise(bench, { ...MANY, ...job });
    begin(bench, 3);
    expect([removed(bench), bench.of('replot_would_remove').length]).toEqual([2, told]);
    expect(bench.workers().at(-1)).toMatchObject({ step: 'plotter', beside: null });
  });

  it('lets old plots go for the later plots of a run where there was no rule before', () => {
    const bench = replotting({ ...MANY, ...none });
    bench.startOne();
    begin(bench, 1);
    otherwise(bench, MANY);
    begin(bench, 2);
    expect(removed(bench)).toBe(1);
  });

  it.each([
    ['no replot any more', none],
    ['a dry run', dry],
  ])('holds for a worker whose pre-command runs: %s', (_, job) => {
    const bench = replotting({ pre_command: 'true' });
    const worker = bench.startOne();
    otherwise(bench, job);
    bench.exit(worker);
    expect(bench.workers()).toMatchObject([{ step: 'plotter', replot: [], replot_refused: null }]);
    expect(removed(bench)).toBe(0);
  });

  it('holds for what was chosen before a restart', () => {
    const bench = replotting({ replot: { before: BEFORE, max_per_plot: 3 }, check_space: false });
    bench.hold('replot_remove');
    bench.startOne();
    expect(bench.workers()[0]?.replot).toHaveLength(3);
    bench.crash();
    bench.farm.held.clear();
    bench.feed({ type: 'recover' });
    expect(removed(bench)).toBe(0);
    otherwise(bench, none);
    bench.feed({ type: 'startup' });
    expect(bench.workers()).toMatchObject([{ step: 'plotter', replot: [] }]);
    expect(removed(bench)).toBe(0);
  });

  it('lets fewer go of those that are chosen', () => {
    const bench = replotting({ replot: { before: BEFORE, max_per_plot: 5 }, check_space: false });
    bench.hold('replot_remove');
    bench.startOne();
    otherwise(bench, { replot: { before: BEFORE, max_per_plot: 2 }, check_space: false });
    bench.release('replot_remove');
    expect(bench.workers()).toMatchObject([{ step: 'plotter', replot: [] }]);
    expect(removed(bench)).toBe(2);
  });

  it('is the worker’s own where its job leaves the file', () => {
    const bench = replotting({ pre_command: 'true' });
    const worker = bench.startOne();
    bench.configure({});
    bench.exit(worker);
    expect(removed(bench)).toBe(1);
  });
});

describe('a pause', () => {
  const SEVERAL: JobInput = { replot: { before: BEFORE, max_per_plot: 3 }, check_space: false };
  /** The first of three has been asked for; it goes while the job is paused already. */
  const paused = (bench: Bench) => {
    bench.hold('replot_remove');
    bench.startOne();
    bench.set({ paused: true });
    bench.release('replot_remove');
    bench.pass(5 * minute);
    expect(removed(bench)).toBe(1);
  };

  it.each([
    ['goes on', (bench: Bench) => bench.set({ paused: false })],
    [
      'goes on after a restart',
      (bench: Bench) => {
        bench.restart();
        expect(removed(bench)).toBe(1);
        bench.set({ paused: false });
      },
    ],
  ])('lets no further old plot go until it is over, then as many as are left: one that %s', (_, goOn) => {
    const bench = replotting(SEVERAL);
    paused(bench);
    goOn(bench);
    expect(removed(bench)).toBe(3);
    expect(bench.workers()).toMatchObject([{ step: 'plotter', replot_room: { sizes: [100, 101, 102] } }]);
  });

  it('ends with the worker where that is dismissed: what went is a credit', () => {
    const bench = replotting(SEVERAL);
    paused(bench);
    bench.command({ type: 'dismiss_job', job: 'nightly' });
    expect(bench.workers()).toEqual([]);
    expect(removed(bench)).toBe(1);
    expect(bench.job().replot_credit).toEqual({ '/': [100] });
  });

  it.each([
    ['goes on', 3, (bench: Bench) => bench.set({ paused: false })],
    ['is dismissed', 1, (bench: Bench) => bench.command({ type: 'dismiss_job', job: 'nightly' })],
  ])('holds those that go beside the plotter too: a run that %s', (_, count, then) => {
    const bench = replotting({ plotter: 'many', plots_per_run: 2, check_space: false });
    const { run } = bench.startOne();
    bench.feed({ type: 'log', run, offset: 10, nth: 1, signals: [{ type: 'begin' }] });
    bench.pass(minute);
    expect(removed(bench)).toBe(1);
    bench.configure({ nightly: { ...REPLOTTING, ...SEVERAL, plotter: 'many', plots_per_run: 2 } });
    bench.hold('replot_remove');
    bench.feed({ type: 'log', run, offset: 20, nth: 2, signals: [{ type: 'begin' }] });
    bench.set({ paused: true });
    bench.release('replot_remove');
    expect(removed(bench)).toBe(2);
    then(bench);
    expect(removed(bench)).toBe(1 + count);
    expect(bench.workers().map(({ beside }) => beside)).toEqual(count === 3 ? [null, null] : []);
  });
});

describe('a run that gives up one plot after the other', () => {
  /** A run of 9 of a job that has made plots before. */
  function gaveUp(): { bench: Bench; say: (nth: number, ...signals: Signal[]) => void } {
    const bench = replotting({ plotter: 'many', plots_per_run: 9, check_space: false });
    bench.job().last_plot_at = bench.now;
    const { run } = bench.startOne();
    const say = (nth: number, ...signals: Signal[]) => {
      const offset = (bench.state.runs.get(run)?.log_offset ?? 0) + 10;
      bench.feed({ type: 'log', run, offset, nth, signals });
    };
    for (let nth = 1; nth <= 6; nth += 1) {
      say(nth, { type: 'begin' });
      bench.pass(1000);
    }
    return { bench, say };
  }

  it('costs the old plot of one', () => {
    const { bench } = gaveUp();
    expect(removed(bench)).toBe(1);
    bench.pass(10 * minute);
    expect(removed(bench)).toBe(1);
    const input = bench.farm.exit(bench.workers()[0]?.run ?? '', 1, bench.now, {}, bench.state);
    if (input) bench.feed(input);
    expect(bench.workers()).toEqual([]);
    expect(bench.job().replot_credit).toEqual({ '/': [100] });
  });

  it('goes on with the old plots when that plot is in its place after all', () => {
    const { bench, say } = gaveUp();
    bench.farm.inPlace.add('/dest/a.plot');
    say(1, { type: 'final_file', file: '/dest/a.plot' });
    expect(removed(bench)).toBe(2);
  });
});

describe('the history', () => {
  it('says how late it was before the clock was set back', () => {
    const bench = new Bench({ nightly: {} });
    const late = new Date(bench.now).toISOString();
    const worker = bench.startOne();
    bench.now -= 30 * minute;
    bench.hold('history');
    bench.exit(worker);
    const [line] = bench.state.history.values();
    expect(line?.not_before).toBe(late);
  });
});

describe('several old plots for one new one', () => {
  const several = { replot: { before: BEFORE, max_per_plot: 3 }, check_space: false };

  it('go one after the other, before the plotter starts', () => {
    const bench = replotting(several);
    bench.startOne();
    expect(bench.of('replot_removed').map(({ file }) => file)).toEqual(
      [0, 1, 2].map((n) => `/dest/${n}.plot`),
    );
    expect(bench.told().indexOf('plotter_started')).toBeGreaterThan(
      bench.told().lastIndexOf('replot_removed'),
    );
    expect(bench.workers()[0]).toMatchObject({ replot: [], replot_room: { sizes: [100, 101, 102] } });
  });

  it.each([0, 1, 2])('no others go where the daemon dies when %i of them are gone', (done) => {
    const bench = replotting(several);
    bench.hold('replot_remove');
    bench.startOne();
    for (let count = 0; count < done; count += 1) {
      const [work] = bench.farm.outstanding.splice(0, 1);
      const input = work && bench.farm.perform(work, bench.state, bench.now);
      // Of the last one nobody has written down that it is gone.
      if (input && count < done - 1) bench.feedOnly(input);
    }
    bench.crash();
    bench.comeUp();
    bench.release('replot_remove');
    expect(bench.of('replot_removed').map(({ file }) => file)).toEqual(
      [0, 1, 2].map((n) => `/dest/${n}.plot`),
    );
    expect(bench.farm.oldPlots).toHaveLength(17);
  });

  it('stay as they are once the worker is dismissed', () => {
    const bench = replotting(several);
    bench.hold('replot_remove');
    bench.startOne();
    bench.send({ type: 'dismiss_job', job: 'nightly' });
    bench.release('replot_remove');
    expect(bench.workers()).toEqual([]);
    expect(removed(bench)).toBe(1);
    expect(bench.job().replot_credit).toEqual({ '/': [100] });
    // The next one takes what was left, and as many as are wanting.
    bench.startOne();
    expect(removed(bench)).toBe(3);
    expect(bench.workers()[0]?.replot_room?.sizes).toEqual([100, 101, 102]);
  });

  it('stay where one of them can’t be removed; those that went are a credit', () => {
    const bench = replotting(several);
    bench.hold('replot_remove');
    const worker = bench.startOne();
    const outcome = { kind: 'removed' } as const;
    bench.feed({ type: 'replot_removed', worker: worker.id, file: '/dest/0.plot', outcome });
    // Said again, or of another file, it counts for nothing.
    bench.feed({ type: 'replot_removed', worker: worker.id, file: '/dest/0.plot', outcome });
    bench.feed({ type: 'replot_removed', worker: worker.id, file: '/dest/2.plot', outcome });
    expect(removed(bench)).toBe(1);
    bench.farm.problem = 'read-only file system';
    bench.release('replot_remove');
    bench.farm.problem = null;
    expect(bench.of('worker_end')[0]?.error).toMatch(/the old plot could not be removed: read-only/);
    expect(bench.job().replot_credit).toEqual({ '/': [100] });
  });

  it('goes on without the rest where they may not go any more', () => {
    const bench = replotting(several);
    bench.hold('replot_remove');
    const worker = bench.startOne();
    const outcome = { kind: 'kept', reason: 'in hand' } as const;
    bench.feed({ type: 'replot_removed', worker: worker.id, file: '/dest/0.plot', outcome });
    bench.release('replot_remove');
    expect(bench.workers()[0]).toMatchObject({ step: 'plotter', replot: [], replot_refused: 'in hand' });
    expect(removed(bench)).toBe(0);
  });
});

describe('where room is looked at', () => {
  /** The destination has this many bytes; a plot takes 100. */
  function room(bench: Bench, free_bytes: number): void {
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes });
  }
  const plotsOf = (bench: Bench, ...sizes: number[]) =>
    bench.farm.oldPlots.splice(0, 99, ...sizes.map((size, index) => ({ file: `/dest/${index}.plot`, size })));
  const needed = (rule = {}) =>
    replotting({ replot: { before: BEFORE, max_per_plot: 5, as_needed: true, ...rule } }, 0);

  it.each([
    ['none where there is enough', 100, [40, 40], 0],
    ['one where it is enough', 70, [40, 40], 1],
    ['as many as are missing', 30, [40, 40, 40], 2],
  ])('goes as needed: %s', (_, free, sizes, count) => {
    const bench = needed();
    room(bench, free);
    plotsOf(bench, ...sizes);
    bench.startOne();
    expect(removed(bench)).toBe(count);
  });

  it.each([
    ['all that may go are not enough', [40, 40], {}],
    ['more would have to go than may', [10, 10, 10, 10, 10, 50, 50], {}],
    ['more would have to go than may, one for each', [40, 90], { as_needed: false, max_per_plot: 1 }],
  ])('none goes, and none starts, where %s', (_, sizes, rule) => {
    const bench = needed(rule);
    room(bench, 10);
    plotsOf(bench, ...sizes);
    bench.start();
    expect(bench.job().blocked).toBe('dest_full');
    expect(bench.job().last_error).toMatch(
      /the (one|5) old plots? that may go for a new one would not make it/,
    );
    expect(bench.workers()).toEqual([]);
    expect(removed(bench)).toBe(0);
  });

  it('none goes where the room was taken after the start, and all that may go would not make it', () => {
    const bench = needed();
    bench.hold('replot_find');
    room(bench, 60);
    plotsOf(bench, 40);
    bench.startOne();
    room(bench, 50);
    bench.release('replot_find');
    expect(bench.workers()[0]).toMatchObject({ step: 'plotter', replot: [] });
    expect(removed(bench)).toBe(0);
  });

  it.each([
    ['goes where nobody knows what is free', null, true, 0],
    ['goes without a look where none is wanted', null, false, 1],
    ['goes by its rule where there is room', 1e12, true, 1],
  ])('none or one %s', (_, free_bytes, check_space, count) => {
    const bench = replotting({ check_space });
    bench.hold('replot_find');
    const worker = bench.startOne();
    const plots = [{ file: '/dest/0.plot', size: 100, filesystem: '/' }];
    const look = { plots, filesystem: '/', free_bytes, used: new Map(), written: new Map() };
    const found = decideOldPlots(bench.state, worker, look);
    expect(found.kind === 'chosen' ? found.plots.length : 0).toBe(count);
  });

  it('each worker removes what itself needs, however they come together', () => {
    const bench = needed();
    bench.job().last_plot_at = bench.now;
    room(bench, 150);
    plotsOf(bench, 60, 60, 60, 60, 60);
    bench.hold('replot_find', 'replot_remove');
    expect(bench.start('nightly', 9)).toHaveLength(4);
    bench.release('replot_find');
    // 400 bytes are wanted, 150 are there: five plots of 60.
    expect(bench.workers().map(({ replot }) => replot.length)).toEqual([0, 1, 2, 2]);
  });

  it('a plot is promised to one worker, whichever jobs’ rules mean it', () => {
    const bench = replotting({ max_workers: 9, replot: { before: BEFORE } }, 0);
    const rules = { nightly: /./, other: /[12]/ };
    bench.configure({
      nightly: { ...REPLOTTING, replot: { before: BEFORE } },
      other: { ...REPLOTTING, replot: { before: BEFORE, k: 33 } },
    });
    bench.farm.meant = (rule, file) => (rule.k ? rules.other : rules.nightly).test(file.slice(6));
    room(bench, 0);
    plotsOf(bench, 100, 100, 100);
    for (const id of ['nightly', 'other']) bench.job(id).last_plot_at = bench.now;
    bench.hold('replot_find');
    expect(bench.start('other', 9)).toHaveLength(2);
    expect(bench.start('nightly', 9)).toHaveLength(1);
    expect(bench.start('other', 1)).toHaveLength(0);
    bench.release('replot_find');
    expect(
      bench
        .of('replot_removed')
        .map(({ file }) => file)
        .sort(),
    ).toEqual([0, 1, 2].map((n) => `/dest/${n}.plot`));
  });

  it('only as many go as are missing beside what went for a plot that never came', () => {
    const bench = needed();
    room(bench, 0);
    plotsOf(bench, 60, 60, 60);
    bench.exit(bench.startOne(), 1);
    expect(bench.job().replot_credit).toEqual({ '/': [60, 60] });
    // Its room is there, but for what somebody has taken.
    room(bench, 90);
    bench.exit(bench.startOne(), 1);
    expect(removed(bench)).toBe(3);
    expect(bench.job().replot_credit).toEqual({ '/': [60, 60, 60] });
    room(bench, 120);
    const worker = bench.startOne();
    expect(removed(bench)).toBe(3);
    expect(worker.replot_room?.sizes).toEqual([60, 60]);
    expect(bench.job().replot_credit).toEqual({ '/': [60] });
  });
});

describe('a dry run', () => {
  const dry = { replot: { before: BEFORE, dry_run: true, max_per_plot: 2 } };
  const told = (bench: Bench) => bench.of('replot_would_remove').map(({ file, worker }) => [file, worker]);

  it('removes nothing, and tells what would go once for each file', () => {
    const bench = replotting(dry);
    const worker = bench.startOne();
    bench.exit(worker);
    bench.exit(bench.startOne());
    expect(told(bench)).toEqual([
      ['/dest/0.plot', worker.id],
      ['/dest/1.plot', worker.id],
    ]);
    bench.restart();
    bench.exit(bench.startOne());
    expect(told(bench)).toHaveLength(2);
    expect([removed(bench), bench.farm.oldPlots.length]).toEqual([0, 20]);
  });

  it('counts nothing as free room, and tells what would make it', () => {
    const bench = replotting(dry, 0);
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 0 });
    for (const size of [60, 60, 60])
      bench.farm.oldPlots.push({ file: `/dest/${bench.farm.oldPlots.length}`, size });
    bench.start();
    expect(bench.job().blocked).toBe('dest_full');
    bench.pass(5 * minute);
    expect(told(bench)).toEqual([
      ['/dest/0', null],
      ['/dest/1', null],
    ]);
    expect(removed(bench)).toBe(0);
  });

  it('tells nothing where room is looked at as needed, and there is enough', () => {
    const bench = replotting({ replot: { before: BEFORE, dry_run: true, as_needed: true } });
    bench.startOne();
    expect(told(bench)).toEqual([]);
  });
});
