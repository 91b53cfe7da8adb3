import { describe, expect, it } from 'vitest';
import { plotterDefinitionSchema } from '../../../../src/config/schema/plotter.ts';
import type { ArgumentValues } from '../../../../src/contract/names.ts';
import type { WorkerState } from '../../../../src/engine/model/worker-state.ts';
import { stillComing } from '../../../../src/engine/starting/places/room.ts';
import { codeOf } from '../answers.ts';
import { Bench } from '../bench.ts';
import { jobOf } from '../plotter.ts';

const TEMP = { flag: '-t', type: 'directory', role: 'temp' };

/** A plotter that takes all its destinations, and numbers its plots. A plot takes 200 and, in its destination, 100. */
const CHOOSER = plotterDefinitionSchema.parse({
  ...{ title: 'Chooser', command: 'chooser', plot_suffix: '.plot', partial: ['.tmp'] },
  several: { flag: '--plots' },
  patterns: [{ match: '^begin', begin: true }],
  words: ['-n', '{sequence}'],
  arguments: {
    temp_dir: { ...TEMP, required: true },
    cache: { ...TEMP, flag: '--cache', list: true },
    dest_dir: { flag: '-d', type: 'directory', role: 'destination', list: true, remote: '@', required: true },
    group: { flag: '-g', type: 'integer', default: '{sequence:3}' },
    id: { flag: '-i', type: 'hex', length: 64, default: '{random:64}' },
    k: { flag: '-k', type: 'integer', default: 32 },
  },
  space: { '32': { plot: 100, temp: { temp_dir: 200, cache: 30 } } },
  stages: [
    { id: '1', title: 'Plots', weight: 80 },
    { id: '2', title: 'Merge' },
    { id: '2.1', title: 'Sort', weight: 5 },
    { id: '2.2', title: 'Write', weight: 10, temp: 'shrinks' },
    { id: '3', title: 'Move', weight: 5 },
  ],
});

type Disks = Record<string, [device: string, free: number]>;

function benchWith(disks: Disks, values: ArgumentValues, job: object = {}): Bench {
  const plotter = { definition: CHOOSER, arguments: {}, command: 'chooser' };
  const bench = new Bench(
    {},
    { settings: { plotters: new Map([['chooser', plotter]]), defaults: { temp_dir: '/t' } } },
  );
  bench.configure({ nightly: { plotter: 'chooser', max_workers: 0, arguments: values, ...job } });
  for (const [path, [device, free_bytes]] of Object.entries(disks))
    bench.farm.disks.set(path, { device, free_bytes });
  return bench;
}

const claims = ({ placement }: WorkerState) => placement.map(({ path, bytes }) => `${path} ${bytes}`);

describe('directories that are all handed over', () => {
  it('each of a disk of its own has the room, on one disk it is claimed once', () => {
    const disks: Disks = { '/t': ['t', 999], '/a': ['a', 999], '/b': ['b', 999], '/b2': ['b', 999] };
    const bench = benchWith(disks, { dest_dir: ['/a', '/b', '/b2'] });
    const worker = bench.startOne();
    expect(claims(worker)).toEqual(['/t 200', '/a 100', '/b 100', '/b2 0']);
    const { words, temp_dirs } = bench.run(worker).spec;
    expect(words.slice(0, 2)).toEqual(['-n', '0']);
    expect(words.slice(6, 12)).toEqual(['-d', '/a', '-d', '/b', '-d', '/b2']);
    expect(temp_dirs).toEqual([`/t/plot2mqtt-${worker.id}`]);
  });

  it('each temporary one has a directory of the run’s own', () => {
    const disks: Disks = { '/t': ['t', 999], '/c1': ['c', 999], '/c2': ['e', 999], '/a': ['a', 999] };
    const bench = benchWith(disks, { dest_dir: '/a', cache: ['/c1', '/c2'] });
    const worker = bench.startOne();
    const own = (path: string) => `${path}/plot2mqtt-${worker.id}`;
    expect(bench.run(worker).spec.temp_dirs).toEqual([own('/t'), own('/c1'), own('/c2')]);
    expect(bench.run(worker).spec.words.slice(4, 10)).toEqual([
      ...['-t', own('/t'), '--cache', own('/c1')],
      ...['--cache', own('/c2')],
    ]);
    expect(claims(worker)).toEqual(['/t 200', '/c1 30', '/c2 30', '/a 100']);
  });

  it('what is too full is left out, and where all are nothing starts', () => {
    const disks: Disks = { '/t': ['t', 9999], '/a': ['a', 250], '/b': ['b', 150] };
    const bench = benchWith(disks, { dest_dir: ['/a', '/b'] });
    expect(bench.start().map(claims)).toEqual([['/t 200', '/a 100', '/b 100']]);
    expect(bench.start().map(claims)).toEqual([['/t 200', '/a 100']]);
    expect(bench.start()).toEqual([]);
    expect(bench.job().blocked).toBe('dest_full');
  });

  it('a plot and its temporary files are both counted where they share a disk', () => {
    const disks: Disks = { '/t': ['one', 299], '/a': ['one', 299], '/b': ['b', 150] };
    const bench = benchWith(disks, { dest_dir: ['/a', '/b'] });
    expect(bench.start().map(claims)).toEqual([['/t 200', '/b 100']]);
  });

  it('what a pattern matches is handed over', () => {
    const bench = benchWith({ '/t': ['t', 999] }, { dest_dir: ['/mnt/*/plots'] });
    bench.farm.matches.set('/mnt/*/plots', ['/mnt/a/plots', '/mnt/b/plots']);
    bench.farm.disks.set('/mnt/b/plots', { device: 'b', free_bytes: 500 });
    expect(claims(bench.startOne())).toEqual(['/t 200', '/mnt/a/plots 100', '/mnt/b/plots 100']);
  });

  it('old plots can’t go for it: nobody knows where the plot will be', () => {
    const replot = { before: '2026-01-01T00:00:00Z' };
    const bench = benchWith({}, { dest_dir: ['/a', '/b'] }, { replot });
    const answer = bench.command({ type: 'start', job: 'nightly', workers: 1 });
    expect(codeOf(answer)).toBe('missing_argument');
    expect(bench.job().blocked_text).toContain('chooses itself among the directories of dest_dir');
  });
});

describe('what is elsewhere', () => {
  it('has no room that could be looked at', () => {
    const bench = benchWith({ '/t': ['t', 200] }, { dest_dir: '@host' });
    const worker = bench.startOne();
    expect(claims(worker)).toEqual(['/t 200']);
    expect(bench.run(worker).spec.words.slice(6, 8)).toEqual(['-d', '@host']);
    expect(bench.slotView()).toMatchObject({ dest_dir: null, temp_dir: '/t' });
  });

  it('is handed over beside what is here', () => {
    const bench = benchWith({}, { dest_dir: ['/a', '@host'] });
    expect(bench.run(bench.startOne()).spec.words.slice(6, 10)).toEqual(['-d', '/a', '-d', '@host']);
  });
});

describe('numbers of workers', () => {
  const numbers = (bench: Bench, workers: readonly WorkerState[]) =>
    workers.map((worker) => [bench.run(worker).spec.words[1], bench.run(worker).spec.arguments.group]);

  it('grow by one for each, modulo what is wanted', () => {
    const bench = benchWith({}, { dest_dir: '/a' });
    const workers = bench.start('nightly', 5);
    expect(numbers(bench, workers)).toEqual([
      ['0', 0],
      ['1', 1],
      ['2', 2],
      ['3', 0],
      ['4', 1],
    ]);
    const ids = new Set(workers.map((worker) => bench.run(worker).spec.arguments.id));
    expect(ids.size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(bench.of('worker_started').map(({ arguments: { group } }) => group)).toEqual([0, 1, 2, 0, 1]);
  });

  it('are those of the plotter, whatever its job, and never go back', () => {
    const bench = benchWith({}, { dest_dir: '/a' });
    const [first] = bench.start();
    if (first) bench.exit(first, 1);
    bench.restart();
    bench.configure({ other: { plotter: 'chooser', arguments: { dest_dir: '/b' } } });
    expect(numbers(bench, bench.start('other'))).toEqual([['1', 1]]);
    bench.feed({
      type: 'configured',
      jobs: new Map([['third', jobOf({ plotter: 'chooser', arguments: { dest_dir: '/b' } })]]),
      settings: { ...bench.settings },
    });
    expect(numbers(bench, bench.start('third'))).toEqual([['2', 2]]);
  });

  it('are taken by nobody whom a gate keeps back', () => {
    const bench = benchWith({ '/t': ['t', 100] }, { dest_dir: '/a' });
    expect(bench.start()).toEqual([]);
    bench.farm.disks.set('/t', { device: 't', free_bytes: 999 });
    expect(numbers(bench, bench.start())).toEqual([['0', 0]]);
  });
});

it('each plot of a run takes a number, the command line has the first one’s', () => {
  const bench = benchWith({}, { dest_dir: '/a' }, { plots_per_run: 3 });
  const worker = bench.startOne();
  expect(bench.run(worker).spec.words.slice(0, 4)).toEqual(['-n', '0', '--plots', '3']);
  for (let nth = 1; nth <= 3; nth += 1)
    bench.feed({ type: 'log', run: worker.run, offset: nth, nth, signals: [{ type: 'begin' }] });
  expect(bench.workers()).toHaveLength(3);
  const [next] = bench.start();
  expect(next && bench.run(next).spec.words.slice(0, 2)).toEqual(['-n', '3']);
});

describe('temporary files', () => {
  it.each<[string, number]>([
    ['1', 200],
    ['2.1', 200],
    ['2.2', 0],
    ['3', 0],
  ])('in stage %s still take %d', (stage, bytes) => {
    const bench = benchWith({}, { dest_dir: '/a' });
    const worker = bench.startOne();
    bench.enter(worker, stage);
    const coming = stillComing({ state: bench.state, memory: bench.memory }, { used: null });
    expect(coming.map((claim) => `${claim.path} ${claim.bytes}`)).toEqual([`/t ${bytes}`, '/a 100']);
  });

  it('that shrink make room at once, in the midst of a phase', () => {
    const bench = benchWith({ '/t': ['t', 200] }, { dest_dir: '/a' }, { keep_running: true, max_workers: 2 });
    bench.comeUp();
    expect(bench.workers()).toHaveLength(1);
    const [worker] = bench.workers();
    if (!worker) throw new Error('none started');
    bench.enter(worker, '2.1');
    expect(bench.workers()).toHaveLength(1);
    bench.enter(worker, '2.2');
    expect(bench.workers()).toHaveLength(2);
  });
});
