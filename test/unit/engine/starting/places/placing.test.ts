import { describe, expect, it } from 'vitest';
import { moveSchema } from '../../../../../src/config/schema/move.ts';
import { diskSchema } from '../../../../../src/config/schema/disks.ts';
import type { WorkerState } from '../../../../../src/engine/model/worker-state.ts';
import { choose, inTurn } from '../../../../../src/engine/starting/places/choose.ts';
import { codeOf } from '../../answers.ts';
import { Bench, second } from '../../bench.ts';
import type { JobInput } from '../../plotter.ts';

/** Which directories a worker got: temporary ones, then the destination. */
const got = ({ placement }: WorkerState) => placement.map(({ path }) => path);

/** A farm of disks, by directory: what tells the file system, and bytes free (a plot takes 200 and 50, and 100). */
type Disks = Record<string, [device: string, free: number]>;

function benchWith(disks: Disks, job: JobInput, settings: Parameters<typeof benchOf>[1] = {}): Bench {
  const bench = benchOf({ nightly: { max_workers: 0, ...job } }, settings);
  plug(bench, disks);
  return bench;
}

function benchOf(jobs: Record<string, JobInput>, { disks = [] }: { disks?: unknown[] } = {}): Bench {
  return new Bench(jobs, { settings: { disks: disks.map((entry) => diskSchema.parse(entry)) } });
}

function plug(bench: Bench, disks: Disks): void {
  for (const [path, [device, free_bytes]] of Object.entries(disks))
    bench.farm.disks.set(path, { device, free_bytes });
}

const starts = (bench: Bench, count: number) =>
  Array.from({ length: count }, () => bench.start()).map(([worker]) => (worker ? got(worker) : null));

describe('the choice among candidates', () => {
  const candidate = (directory: string, busy: number, free: number) => ({
    ...{ directory, fileSystem: directory, busy, free },
  });
  const all = [
    candidate('/a', 1, 900),
    candidate('/b', 0, 100),
    candidate('/c', 0, 300),
    candidate('/d', 0, 300),
  ];
  it('spread: fewest in flight, then the most room, then the order of the list', () => {
    expect(inTurn(all, 'spread').map(({ directory }) => directory)).toEqual(['/c', '/d', '/b', '/a']);
    expect(choose(all, 'spread')?.directory).toBe('/c');
  });
  it('in_order: the first', () => {
    expect(choose(all, 'in_order')?.directory).toBe('/a');
    expect(choose([], 'in_order')).toBeNull();
  });
});

describe('directories of a start', () => {
  const two: Disks = { '/t1': ['t1', 900], '/t2': ['t2', 900], '/d1': ['d1', 900], '/d2': ['d2', 950] };
  const lists = { temp_dir: ['/t1', '/t2'], dest_dir: ['/d1', '/d2'] };

  it('spread over file systems by workers in flight, then by room', () => {
    const bench = benchWith({ ...two, '/t2': ['t2', 1000] }, { arguments: lists });
    expect(starts(bench, 4)).toEqual([
      ['/t2', '/d2'],
      ['/t1', '/d1'],
      ['/t2', '/d2'],
      ['/t1', '/d1'],
    ]);
  });

  it('in_order fill the first before the next', () => {
    const bench = benchWith(two, { arguments: lists, choose: 'in_order' });
    expect(starts(bench, 6).map((dirs) => dirs?.[0])).toEqual(['/t1', '/t1', '/t1', '/t2', '/t2', '/t2']);
  });

  it('those of one file system are one: the one with fewer directories isn’t better', () => {
    const disks: Disks = { '/a1': ['a', 500], '/a2': ['a', 500], '/b1': ['b', 500], '/dest': ['d', 1e6] };
    const bench = benchWith(disks, { arguments: { temp_dir: ['/a1', '/a2', '/b1'] } });
    expect(starts(bench, 5).map((dirs) => dirs?.[0])).toEqual(['/a1', '/b1', '/a1', '/b1', undefined]);
    expect(bench.job().blocked).toBe('temp_full');
  });

  it('temp2_dir and dest_dir prefer the file system of the main one, with the room that it took', () => {
    const disks: Disks = {
      ...{ '/a/t': ['a', 600], '/b/t': ['b', 500], '/a/t2': ['a', 600], '/b/t2': ['b', 500] },
      ...{ '/a/d': ['a', 600], '/c/d': ['c', 9000] },
    };
    const bench = benchWith(disks, {
      arguments: { temp_dir: ['/a/t', '/b/t'], temp2_dir: ['/b/t2', '/a/t2'], dest_dir: ['/c/d', '/a/d'] },
    });
    expect(starts(bench, 4)).toEqual([
      ['/a/t', '/a/t2', '/a/d'],
      ['/b/t', '/b/t2', '/c/d'],
      // a has 250 left: 200 and 50 fit, 100 more don't.
      ['/a/t', '/a/t2', '/c/d'],
      ['/b/t', '/b/t2', '/c/d'],
    ]);
  });

  it('another main one is tried where the first leaves no room for what follows', () => {
    const bench = benchWith(
      { '/a/t': ['a', 300], '/b/t': ['b', 250], '/a/d': ['a', 300] },
      { arguments: { temp_dir: ['/a/t', '/b/t'], dest_dir: ['/a/d'] } },
    );
    expect(starts(bench, 1)).toEqual([['/b/t', '/a/d']]);
  });

  it('are what the event, the command and the claims say', () => {
    const bench = benchWith(two, { arguments: lists });
    const worker = bench.startOne();
    const values = { temp_dir: '/t1', dest_dir: '/d2' };
    expect(bench.of('worker_started')[0]?.arguments).toMatchObject(values);
    const { spec } = bench.run(worker);
    expect(spec.words.join(' ')).toContain(`-t /t1/plot2mqtt-${worker.id} -d /d2`);
    expect(spec.temp_dirs).toEqual([`/t1/plot2mqtt-${worker.id}`]);
    expect(worker.placement.map(({ filesystem, bytes }) => [filesystem, bytes])).toEqual([
      ['t1', 250],
      ['d2', 100],
    ]);
    expect(bench.slotView()).toMatchObject(values);
  });

  it('of two jobs that want the last room in one moment one gets it', () => {
    const bench = benchOf({ a: { arguments: lists }, b: { arguments: lists } });
    plug(bench, { '/t1': ['t1', 250], '/t2': ['t2', 100], '/d1': ['d1', 900], '/d2': ['d2', 900] });
    bench.hold('probe');
    const [first, second_] = ['a', 'b'].map((job) => bench.send({ type: 'start', job, workers: 1 }));
    bench.release('probe');
    expect(bench.workers('a')).toHaveLength(1);
    expect(bench.workers('b')).toHaveLength(0);
    expect(codeOf(bench.answers.get(first ?? 0))).toBe('ok');
    expect(codeOf(bench.answers.get(second_ ?? 0))).toBe('no_space');
  });

  it('a crash between choosing and starting takes nothing twice: the choice is written down with the start', () => {
    const bench = benchWith({ ...two, '/t1': ['t1', 260], '/t2': ['t2', 260] }, { arguments: lists });
    bench.hold('run');
    const worker = bench.startOne();
    bench.restart();
    expect(bench.workers().map(got)).toEqual([got(worker)]);
    expect(starts(bench, 2)).toEqual([['/t2', expect.any(String)], null]);
  });
});

describe('patterns', () => {
  const job = { arguments: { temp_dir: '/t', dest_dir: ['/mnt/farm*/plots', '/backup'] } };

  it('mean what they match at each start', () => {
    const bench = benchWith({ '/backup': ['backup', 500] }, job);
    expect(starts(bench, 1)).toEqual([['/t', '/backup']]);
    bench.farm.matches.set('/mnt/farm*/plots', ['/mnt/farm1/plots', '/mnt/farm2/plots']);
    plug(bench, { '/mnt/farm1/plots': ['f1', 200], '/mnt/farm2/plots': ['f2', 300] });
    expect(starts(bench, 3).map((dirs) => dirs?.[1])).toEqual([
      '/mnt/farm2/plots',
      '/mnt/farm1/plots',
      '/backup',
    ]);
  });

  it('what they matched is remembered over a restart, and forgotten on a reload', () => {
    const bench = benchWith({}, job);
    const matched = (paths: string[]) => {
      const directories = paths.map((path) => ({ path, mount: path.includes('1') }));
      bench.feed({ type: 'matched', patterns: new Map([['/mnt/farm*/plots', directories]]) });
    };
    matched(['/mnt/farm1/plots', '/mnt/farm2/plots']);
    matched(['/mnt/farm3/plots']);
    bench.restart();
    expect(bench.state.matched['/mnt/farm*/plots']).toEqual([
      { path: '/mnt/farm1/plots', mount: true },
      { path: '/mnt/farm2/plots', mount: false },
      { path: '/mnt/farm3/plots', mount: false },
    ]);
    const { journal } = bench;
    const written = journal.length;
    matched(['/mnt/farm1/plots']);
    expect(journal).toHaveLength(written);
    bench.feed({ type: 'configured', jobs: new Map(), settings: bench.settings });
    expect(bench.state.matched).toEqual({});
  });

  it('those of moves are remembered over a restart like those of jobs', () => {
    const entry = moveSchema.parse({ from: '/stage', to: ['/mnt/keep*/plots'] });
    const bench = new Bench({}, { settings: { moves: new Map([['farm', entry]]) } });
    const known = [{ path: '/mnt/keep1/plots', mount: true }];
    bench.feed({ type: 'matched', patterns: new Map([['/mnt/keep*/plots', known]]) });
    bench.restart();
    expect(bench.state.matched['/mnt/keep*/plots']).toEqual(known);
  });

  it('of a pattern that is gone from config.yaml nothing is remembered after a restart', () => {
    const bench = benchWith({}, job);
    bench.feed({
      type: 'matched',
      patterns: new Map([['/mnt/farm*/plots', [{ path: '/mnt/farm1/plots', mount: true }]]]),
    });
    bench.configure({ nightly: { arguments: { temp_dir: '/t', dest_dir: '/backup' } } });
    expect(bench.state.matched).toEqual({});
  });

  it('one that matches nothing is no directory', () => {
    const bench = benchWith({}, { arguments: { dest_dir: '/mnt/*/plots' }, starts: [{ on: 'go' }] });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.jobView()).toMatchObject({
      ...{ blocked_reason: 'missing_directory', waiting_for: 'missing_directory', pending: 1 },
      waiting_text: "job 'nightly': dest_dir has no directory",
    });
  });
});

describe('directories that are left out', () => {
  const lists = { arguments: { dest_dir: ['/d1', '/d2', '/d3'] }, starts: [{ on: 'go' }] };

  it('others are used; with none left the job is blocked until one is back', () => {
    const bench = benchWith({ '/d1': ['d1', 9000] }, lists);
    bench.farm.disks.set('/d1', { problem: 'not_mounted' });
    bench.farm.disks.set('/d2', { problem: 'not_writable' });
    expect(starts(bench, 1)).toEqual([['/tmp1', '/d3']]);
    bench.farm.disks.set('/d3', { problem: 'not_answering' });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.job().blocked).toBe('missing_directory');
    expect(bench.job().blocked_text).toBe(
      "job 'nightly': dest_dir /d1 is not mounted; /d2 can't be written to; /d3 doesn't answer; is the disk or network share gone?",
    );
    bench.farm.disks.set('/d2', { device: 'd2' });
    bench.pass(31 * second);
    expect(bench.workers().map(got)).toEqual([
      ['/tmp1', '/d3'],
      ['/tmp1', '/d2'],
    ]);
  });

  it('the gate speaks for the one that comes furthest', () => {
    const bench = benchWith({ '/d1': ['d1', 50], '/tmp1': ['t', 9000] }, lists);
    for (const path of ['/d2', '/d3']) bench.farm.disks.set(path, { problem: 'missing' });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.jobView()).toMatchObject({ waiting_for: 'dest_full', blocked_reason: 'dest_full' });
    expect(bench.job().blocked_text).toContain('no room in /d1 (a plot takes 0.1 kB, 0.1 kB are free)');
    // A temporary directory that is full comes less far than one behind which the destination is.
    bench.configure({
      nightly: { ...lists, arguments: { ...lists.arguments, temp_dir: ['/full', '/tmp1'] } },
    });
    plug(bench, { '/full': ['full', 0] });
    bench.pass(31 * second);
    expect(bench.job().blocked).toBe('dest_full');
    plug(bench, { '/tmp1': ['t', 0] });
    bench.pass(31 * second);
    expect(bench.job().blocked).toBe('temp_full');
  });

  it('many that are full are counted', () => {
    const names = Array.from({ length: 9 }, (_, index) => `/d${index}`);
    const bench = benchWith(Object.fromEntries(names.map((name) => [name, [name, 10] as [string, number]])), {
      ...{ arguments: { dest_dir: names }, starts: [{ on: 'go' }] },
    });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.job().blocked_text).toMatch(
      /no room in \/d0 \(.*\), \/d1 \(.*\), \/d2 \(.*\) and 6 more beside/,
    );
  });
});

describe('rules of disks', () => {
  it('keep_free is taken off the room, the larger of all that match', () => {
    const bench = benchWith(
      { '/d1': ['d1', 250], '/d2': ['d2', 240], '/tmp1': ['t', 1e6] },
      { arguments: { dest_dir: ['/d1', '/d2'] } },
      {
        disks: [
          { match: '/d*', keep_free: 40 },
          { match: '/d1', keep_free: 100 },
        ],
      },
    );
    expect(starts(bench, 4).map((dirs) => dirs?.[1])).toEqual(['/d2', '/d1', '/d2', undefined]);
    expect(bench.job().last_error).toContain('0.1 kB of which stay free');
  });

  it('keep_free holds for a temporary directory and for what is inside the one that matches', () => {
    const bench = benchWith(
      { '/nvme/a/t': ['n', 300] },
      { arguments: { temp_dir: '/nvme/a/t' } },
      { disks: [{ match: '/nvme', keep_free: 60 }] },
    );
    expect(starts(bench, 1)).toEqual([null]);
    expect(bench.job().blocked).toBe('temp_full');
  });

  it('closed: no worker gets a directory there; what waits is no block, and goes on after a reload', () => {
    const closed = [{ match: '/d1', closed: true }];
    const job = { arguments: { dest_dir: ['/d1', '/d2'] }, starts: [{ on: 'go' }], choose: 'in_order' };
    const bench = benchWith({ '/d1': ['d1', 900], '/d2': ['d2', 100] }, job, { disks: closed });
    expect(starts(bench, 1)).toEqual([['/tmp1', '/d2']]);
    bench.farm.disks.set('/d2', { problem: 'missing' });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.jobView()).toMatchObject({
      ...{ state: 'running', blocked_reason: 'none', waiting_for: 'disk', pending: 1 },
      waiting_text: '/d1 is closed (disks)',
    });
    expect(codeOf(bench.command({ type: 'start', job: 'nightly', workers: 1 }))).toBe('limit_reached');
    bench.restart();
    expect(bench.jobView()).toMatchObject({ waiting_for: 'disk', pending: 1 });
    const jobs = new Map([['nightly', bench.job().definition]]);
    bench.feed({ type: 'configured', jobs, settings: { ...bench.settings, disks: [] } });
    expect(bench.workers().map((worker) => got(worker)[1])).toEqual(['/d2', '/d1']);
    expect(bench.jobView().waiting_for).not.toBe('disk');
  });

  it('one that is closed is no more than left out: the others speak', () => {
    const bench = benchWith(
      { '/d1': ['d1', 10], '/d2': ['d2', 900] },
      { arguments: { dest_dir: ['/d1', '/d2'] }, starts: [{ on: 'go' }] },
      { disks: [{ match: '/d2', closed: true }] },
    );
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.jobView()).toMatchObject({ waiting_for: 'dest_full', pending: 1 });
  });
});

/** Files that workers have chosen to remove. */
const going = (bench: Bench) => bench.workers().map(({ replot }) => replot.map(({ file }) => file));

describe('replotting', () => {
  const replot = { before: '2026-01-01T00:00:00Z' };

  it('old plots count as room in the destination in which they are, and go there', () => {
    const bench = benchWith(
      { '/d1': ['d1', 0], '/d2': ['d2', 10] },
      { arguments: { dest_dir: ['/d2', '/d1'] }, replot },
    );
    // Of those in the other one all that may go would not make it.
    bench.farm.oldPlots.push({ file: '/d2/a.plot', size: 80 }, { file: '/d1/a.plot', size: 100 });
    bench.hold('replot_remove');
    expect(starts(bench, 2)).toEqual([['/tmp1', '/d1'], null]);
    expect(going(bench)).toEqual([['/d1/a.plot']]);
  });

  it('those in other destinations on its file system go too, each for one worker', () => {
    const bench = benchWith(
      { '/d1': ['d1', 0], '/d2': ['d2', 0], '/d3': ['d1', 0] },
      { arguments: { dest_dir: ['/d1', '/d2', '/d3'] }, replot, check_space: true },
    );
    bench.farm.oldPlots.push({ file: '/d3/a.plot', size: 100 }, { file: '/d3/b.plot', size: 100 });
    bench.hold('replot_remove');
    const [first, second, none] = starts(bench, 3);
    for (const each of [first, second]) expect(each?.[1]).toMatch(/d1|d3/);
    expect(none).toBeNull();
    expect(bench.workers()[0]?.replot_rule?.dirs).toEqual(['/d1', '/d2', '/d3']);
    expect(going(bench)[0]).toEqual(['/d3/a.plot']);
  });

  it('they make room beside what is to be kept free', () => {
    const job = { arguments: { dest_dir: ['/d1', '/d2'] }, replot };
    const keep = { disks: [{ match: '/d*', keep_free: 50 }] };
    const full: Disks = { '/d1': ['d1', 0], '/d2': ['d2', 0] };
    const one = benchWith(full, job, keep);
    one.farm.oldPlots.push({ file: '/d2/a.plot', size: 100 }, { file: '/d2/b.plot', size: 100 });
    expect(starts(one, 1)).toEqual([null]);
    const two = benchWith(full, { ...job, replot: { ...replot, max_per_plot: 2 } }, keep);
    two.farm.oldPlots.push({ file: '/d2/a.plot', size: 100 }, { file: '/d2/b.plot', size: 100 });
    expect(starts(two, 1)).toEqual([['/tmp1', '/d2']]);
  });

  it('a dry run tells of those of the first destination where they would make room, once', () => {
    const bench = benchWith(
      { '/d1': ['d1', 0], '/d2': ['d2', 0], '/d3': ['d3', 0] },
      { arguments: { dest_dir: ['/d1', '/d2', '/d3'] }, replot: { ...replot, dry_run: true } },
    );
    for (const [dir, size] of [
      ['/d1', 50],
      ['/d2', 100],
      ['/d3', 100],
    ] as const)
      bench.farm.oldPlots.push({ file: `${dir}/a.plot`, size });
    expect(starts(bench, 2)).toEqual([null, null]);
    expect(bench.of('replot_would_remove').map(({ file }) => file)).toEqual(['/d2/a.plot']);
    expect(bench.farm.oldPlots).toHaveLength(3);
  });
});
