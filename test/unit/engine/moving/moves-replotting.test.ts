import { describe, expect, it } from 'vitest';
import type { MadeRoom } from '../../../../src/engine/moving/facts.ts';
import type { TransferState } from '../../../../src/engine/model/transfer-state.ts';
import { movingNow } from '../../../../src/engine/jobs/farm.ts';
import { minute, second } from '../bench.ts';
import { MovingBench, entryOf, place, plot, transferWith } from './moving.ts';

const BEFORE = '2026-01-01T00:00:00Z';

/** What is in the destinations at first: full of old plots, 60 bytes each, named by their place and age. */
interface Story {
  free?: number;
  free2?: number;
  old?: string[];
  max_per_plot?: number;
  dry_run?: boolean;
  keep_free?: number;
  moves_per_disk?: number;
  choose?: 'spread' | 'in_order';
}

function story({
  free = 0,
  free2,
  old = ['/farm1/1', '/farm1/2', '/farm1/3', '/farm1/4'],
  keep_free = 0,
  moves_per_disk = 1,
  choose = 'spread',
  ...rule
}: Story = {}): MovingBench {
  const bench = new MovingBench({
    move: { choose, replot: { before: BEFORE, ...rule } },
    disks: [{ match: '/*', max_moves: moves_per_disk, closed: false, keep_free }],
  });
  bench.farm.places.splice(0, 2, place('/farm1', { free_bytes: free }));
  if (free2 !== undefined) bench.farm.places.push(place('/farm2', { free_bytes: free2 }));
  bench.farm.oldPlots.push(...old.map((file) => ({ file, size: 60 })));
  return bench;
}

/** The same with a job that replots there. */
function withJob(): MovingBench {
  const bench = new MovingBench({
    jobs: { nightly: { replot: { before: BEFORE }, arguments: { dest_dir: '/farm1' } } },
    move: { replot: { before: BEFORE } },
  });
  bench.farm.places.splice(0, 2, place('/farm1', { free_bytes: 0 }));
  bench.farm.disks.set('/farm1', { device: 'farm1' });
  for (const name of [1, 2, 3, 4]) bench.farm.oldPlots.push({ file: `/farm1/${name}`, size: 60 });
  return bench;
}

/** Old plots that are chosen, 60 bytes each. */
const chosen = (...names: number[]) => names.map((name) => ({ file: `/farm1/${name}`, size: 60 }));

const removed = (bench: MovingBench) => bench.of('replot_removed').map(({ file }) => file);
const left = (bench: MovingBench) => bench.farm.oldPlots.map(({ file }) => file);
const credit = (bench: MovingBench) => bench.move.replot_credit;

describe('a move with a rule of replotting', () => {
  it.each<[string, Story, { removed: string[]; goes: boolean }]>([
    ['nothing where there is room', { free: 100 }, { removed: [], goes: true }],
    ['one where one is enough', { free: 40 }, { removed: ['/farm1/1'], goes: true }],
    ['as many as it needs', { free: 0 }, { removed: ['/farm1/1', '/farm1/2'], goes: true }],
    [
      'with what is to stay free',
      { free: 100, keep_free: 61 },
      { removed: ['/farm1/1', '/farm1/2'], goes: true },
    ],
    ['nothing where all that may go are not enough', { old: ['/farm1/1'] }, { removed: [], goes: false }],
    ['nothing where the bound is too low', { max_per_plot: 1 }, { removed: [], goes: false }],
    ['no more than the bound', { free: 40, max_per_plot: 1 }, { removed: ['/farm1/1'], goes: true }],
    ['nothing in a dry run', { dry_run: true }, { removed: [], goes: false }],
    ['nothing where another has room', { free: 0, free2: 100 }, { removed: [], goes: true }],
    [
      'nothing where another has room, although it comes later',
      { choose: 'in_order', free2: 100 },
      { removed: [], goes: true },
    ],
    [
      'on the chosen disk alone',
      { free: 0, free2: 50, old: ['/farm1/1', '/farm2/1'] },
      { removed: ['/farm2/1'], goes: true },
    ],
  ])('removes %s', (_, change, wanted) => {
    const bench = story(change);
    bench.lies(plot('a'));
    expect(removed(bench)).toEqual(wanted.removed);
    expect(bench.transfers.map(({ step }) => step)).toEqual(wanted.goes ? ['moving'] : []);
    if (!wanted.goes) expect(bench.shown).toMatchObject({ state: 'waiting', waiting_for: 'dest_full' });
    expect(left(bench)).not.toEqual(
      expect.arrayContaining(wanted.removed.length > 0 ? wanted.removed : ['-']),
    );
  });

  it('tells them of itself, before the plot is on its way', () => {
    const bench = story();
    bench.lies(plot('a'));
    expect(bench.told().slice(-3)).toEqual(['replot_removed', 'replot_removed', 'move_started']);
    expect(bench.of('replot_removed')[0]).toMatchObject({
      ...{ move: 'farm', file: '/farm1/1', size: 60 },
      ...{ job: null, worker: null },
    });
    expect(Object.values(bench.state.replot_pace.hours)).toEqual([2]);
    bench.end();
    expect(credit(bench)).toEqual({});
  });

  it.each<[string, (bench: MovingBench) => void]>([
    ['that the rule means itself', (bench) => bench.farm.oldThemselves.add('/stage/a.plot')],
    [
      'that only is renamed',
      (bench) => bench.farm.places.splice(0, 1, place('/farm1', { st_dev: 'stage', free_bytes: 0 })),
    ],
    [
      'by a clock that was set back',
      (bench) => {
        bench.now = Date.parse('2025-06-01T00:00:00Z');
      },
    ],
    [
      'to a directory that is away',
      (bench) => bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 0, problem: 'not_mounted' })),
    ],
    [
      'to one out of which plots are taken',
      (bench) => bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 0, taken_from: true })),
    ],
    ['while the move is paused', (bench) => void bench.setMove({ paused: true })],
    ['while it is disabled', (bench) => void bench.setMove({ enabled: false })],
  ])('removes nothing for a plot %s', (_, prepare) => {
    const bench = story();
    prepare(bench);
    bench.lies(plot('a'));
    bench.pass(2 * minute);
    expect(removed(bench)).toEqual([]);
    expect(left(bench)).toHaveLength(4);
  });

  it('removes nothing that waits to be moved, or is on its way', () => {
    const bench = story({ old: ['/farm1/a.plot', '/farm1/b.plot', '/farm1/1', '/farm1/2'] });
    bench.lies(plot('a'), plot('b'));
    expect(removed(bench)).toEqual(['/farm1/1', '/farm1/2']);
    bench.fail('source');
    expect(left(bench)).toEqual(['/farm1/a.plot', '/farm1/b.plot']);
  });

  it('says why old plots make no room', () => {
    const bench = story({ max_per_plot: 1 });
    bench.lies(plot('a'));
    expect(bench.shown.waiting_text).toMatch(/, and the old plots that may go would not make it$/);
    const dry = story({ dry_run: true });
    dry.lies(plot('a'));
    expect(dry.shown.waiting_text).toMatch(/, and replotting is a dry run$/);
  });

  it('tells in a dry run what would go, once for each file', () => {
    const bench = story({ dry_run: true });
    bench.lies(plot('a'));
    const told = () => bench.of('replot_would_remove').map(({ file, move }) => [file, move]);
    expect(told()).toEqual([
      ['/farm1/1', 'farm'],
      ['/farm1/2', 'farm'],
    ]);
    bench.pass(5 * minute);
    bench.restart();
    bench.pass(5 * minute);
    expect(told()).toHaveLength(2);
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 100 }));
    bench.pass(minute);
    expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
  });
});

describe('old plots', () => {
  it.each([
    ['is there already', 100, 0],
    ['is there but for a part', 80, 1],
    ['has still to come', 0, 2],
  ])('go beside another plot that is tried again, and %s, as many as are missing', (_, written, count) => {
    const bench = story({ moves_per_disk: 3, free: 110 });
    const other = transferWith({ id: 'farm-y', file: '/stage/y.plot', step: 'waiting', pinned: true });
    bench.state.transfers.set('farm-y', { ...other, due: Number.POSITIVE_INFINITY });
    bench.farm.written.set('farm-y', written);
    bench.lies(plot('a'));
    expect(removed(bench)).toHaveLength(count);
  });

  it('go for one plot at a time on a disk, whatever its room seems to be', () => {
    const bench = story({ moves_per_disk: 3, free: 100 });
    bench.lies(plot('a'), plot('b'), plot('c'));
    // The first has room; for the second two go, and the third waits, though two more might.
    expect(bench.ways).toEqual(['/stage/a.plot /farm1', '/stage/b.plot /farm1']);
    expect(removed(bench)).toEqual(['/farm1/1', '/farm1/2']);
    // Their room isn't shown, as that of some file systems at first.
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 0 }));
    bench.pass(5 * minute);
    expect(removed(bench)).toHaveLength(2);
    bench.end();
    bench.end();
    bench.pass(minute);
    expect(removed(bench)).toEqual(['/farm1/1', '/farm1/2', '/farm1/3', '/farm1/4']);
  });

  it('go by no look that is older than the last removal there', () => {
    const bench = story({ moves_per_disk: 3, keep_free: 100, free: 150, free2: 1000 });
    bench.hold('survey', 'make_room');
    bench.lies(plot('a'));
    bench.release('survey', 'make_room');
    bench.hold('survey');
    const began = bench.surroundings.steady();
    bench.farm.places.splice(0, 2, place('/farm1', { free_bytes: 0 }));
    bench.state.transfers.clear();
    bench.memory.clearedAt = new Map([['farm1', began + 1]]);
    bench.memory.surveying = new Map([['farm', 1]]);
    bench.memory.queues = new Map([['farm', [plot('b')]]]);
    const by_directory = new Map([
      ['/farm1', { filesystem: '/mnt/farm1', plots: bench.farm.oldPlots.map((each) => ({ ...each })) }],
    ]);
    const look = (at: number) => ({ began: at, fresh: new Set(['/stage/b.plot']), by_directory });
    const survey = (at: number) =>
      bench.feed({
        ...{ type: 'surveyed', move: 'farm', number: 1, places: [...bench.farm.places] },
        ...{ used: new Map(), written: new Map() },
        old_plots: look(at),
      });
    survey(began);
    expect(bench.transfers).toEqual([]);
    bench.memory.surveying = new Map([['farm', 1]]);
    survey(began + 2);
    expect(bench.transfers).toMatchObject([{ file: '/stage/b.plot' }]);
  });

  it('that went for a plot that was not moved are a credit, over restarts, and no more go for the next one', () => {
    const bench = story();
    bench.lies(plot('a'));
    bench.fail('source');
    expect(credit(bench)).toEqual({ '/mnt/farm1': [60, 60] });
    bench.crash();
    expect(credit(bench)).toEqual({ '/mnt/farm1': [60, 60] });
    bench.comeUp();
    expect(bench.transfers).toMatchObject([
      { step: 'moving', replot_room: { filesystem: '/mnt/farm1', sizes: [60, 60] } },
    ]);
    expect(removed(bench)).toHaveLength(2);
    bench.end();
    expect(credit(bench)).toEqual({});
  });

  it('go on top of a credit only after a while, after a restart too', () => {
    const bench = story();
    bench.lies(plot('a'));
    bench.fail('source');
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 0 }));
    bench.restart();
    bench.pass(20 * second);
    expect(removed(bench)).toHaveLength(2);
    bench.pass(minute);
    expect(removed(bench)).toHaveLength(4);
  });

  it('go on top of a credit only where its room was taken, and not before that can be told', () => {
    const bench = story();
    bench.lies(plot('a'), plot('b'));
    // Somebody takes the room; or the file system doesn't show it yet.
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 0 }));
    bench.fail('source');
    bench.pass(20 * second);
    expect(removed(bench)).toHaveLength(2);
    expect(bench.shown.waiting_text).toMatch(/an old plot went there just now/);
    bench.pass(minute);
    expect(removed(bench)).toHaveLength(4);
  });

  it('go no more once the room of two new plots went, and isn’t there: until the move is enabled again', () => {
    const bench = story({ old: Array.from({ length: 30 }, (_, name) => `/farm1/${name}`) });
    const fill = () => bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 0 }));
    const tryOften = () => {
      for (let round = 0; round < 20; round += 1) {
        fill();
        if (bench.transfers.length > 0) bench.fail('destination');
        fill();
        bench.pass(11 * minute);
      }
    };
    bench.lies(...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => plot(name)));
    tryOften();
    expect(removed(bench)).toHaveLength(4);
    expect(bench.shown).toMatchObject({ state: 'waiting', waiting_for: 'dest_full' });
    expect(bench.shown.waiting_text).toMatch(
      /old plots of 0.2 kB went there, whose room is not free: do snapshots/,
    );
    bench.restart();
    tryOften();
    expect(removed(bench)).toHaveLength(4);
    bench.setMove({ enabled: true });
    tryOften();
    expect(removed(bench)).toHaveLength(6);
    // As soon as the room is there it is used.
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 1000 }));
    bench.setMove({ enabled: true });
    expect(bench.transfers).toMatchObject([{ step: 'moving' }]);
    expect(removed(bench)).toHaveLength(6);
  });

  it('stay when one can’t be removed: that is a failed try, and the destination is left out for a while', () => {
    const bench = story({ free2: 10, old: ['/farm1/1', '/farm1/2', '/farm2/1', '/farm2/2'] });
    bench.farm.problem = 'EROFS';
    bench.lies(plot('a'));
    expect(bench.of('move_failed')).toMatchObject([
      { to: '/farm2', attempt: 1, error: 'EROFS', plot: '/stage/a.plot' },
    ]);
    expect(bench.told()).not.toContain('move_started');
    bench.farm.problem = null;
    bench.pass(31 * second);
    expect(bench.transfers).toMatchObject([{ to: '/farm1', attempt: 2, step: 'moving' }]);
    expect(removed(bench)).toEqual(['/farm1/1', '/farm1/2']);
  });

  it.each<[string, (bench: MovingBench) => void]>([
    ['paused', (bench) => void bench.setMove({ paused: true })],
    ['disabled', (bench) => void bench.setMove({ enabled: false })],
    [
      'held by the farm',
      (bench) => void bench.command({ type: 'set_hold', job: null, name: 'pause', wanted: {} }),
    ],
    ['stopped', (bench) => void bench.send({ type: 'stop_farm' })],
    [
      'out of config.yaml',
      (bench) => {
        bench.settings.moves = new Map();
        bench.configure({});
      },
    ],
  ])('go no further when the move is %s meanwhile', (_, stop) => {
    const bench = story();
    bench.hold('make_room');
    bench.lies(plot('a'));
    expect(bench.transfers).toMatchObject([{ step: 'making_room', replot: [{}, {}] }]);
    expect(bench.shown).toMatchObject({ state: 'moving' });
    expect(movingNow(bench.state)).toBe(1);
    stop(bench);
    bench.release('make_room');
    expect(removed(bench)).toEqual(['/farm1/1']);
    expect(bench.transfers).toEqual([]);
    const move = bench.state.moves.get('farm');
    expect(move ? move.replot_credit : bench.state.left_credit).toEqual({ '/mnt/farm1': [60] });
  });

  it('are promised to one plot, whoever asks: a job’s worker gets others', () => {
    const bench = withJob();
    bench.hold('make_room', 'replot_remove');
    bench.lies(plot('a'));
    expect(bench.transfers[0]?.replot.map(({ file }) => file)).toEqual(['/farm1/1', '/farm1/2']);
    const worker = bench.startOne();
    expect(worker.replot.map(({ file }) => file)).toEqual(['/farm1/3']);
  });

  it('that a move has chosen while a worker’s were looked for are looked for again', () => {
    const bench = withJob();
    bench.hold('make_room', 'replot_find', 'replot_remove');
    const worker = bench.startOne();
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 0 }));
    const plots = ['/farm1/1', '/farm1/3'].map((file) => ({ file, size: 60, filesystem: '/' }));
    const transfer = transferWith({ step: 'making_room', replot: chosen(1) });
    bench.state.transfers.set(transfer.id, transfer);
    const asked = bench.asked.length;
    const found = { kind: 'chosen' as const, filesystem: '/', plots, credit: [] };
    bench.feedOnly({ type: 'replot_found', worker: worker.id, found });
    expect(worker.replot).toEqual([]);
    expect(bench.asked.slice(asked)).toContainEqual({ type: 'replot_find', worker: worker.id });
  });

  describe('of a job’s worker make room beside what a move brings there', () => {
    type InFlight = Partial<TransferState> & { written?: number };
    it.each<[string, number, InFlight, number]>([
      ['that has still to come', 100, {}, 2],
      ['of which a part is there', 60, { written: 40 }, 2],
      ['that has room too', 200, {}, 0],
      ['that is there but for its end', 40, { written: 100 }, 1],
      ['that takes none, as it only gets another name', 40, { renames: true }, 1],
      ['that goes to another disk', 40, { filesystem: 'farm2' }, 1],
      ['that may be there already', 40, { step: 'blocked' }, 1],
      ['for which more goes than it takes', 0, { step: 'making_room', replot: chosen(9, 9, 9) }, 1],
    ])('%s', (_, free_bytes, { written = 0, ...change }, count) => {
      const replot = { before: BEFORE, max_per_plot: 5, as_needed: true };
      const bench = new MovingBench({
        jobs: { nightly: { replot, arguments: { dest_dir: '/farm1' } } },
      });
      bench.hold('replot_remove', 'make_room');
      bench.farm.disks.set('/farm1', { device: 'farm1', free_bytes });
      for (const name of [1, 2, 3, 4]) bench.farm.oldPlots.push({ file: `/farm1/${name}`, size: 60 });
      const transfer = transferWith(change);
      bench.state.transfers.set(transfer.id, transfer);
      bench.farm.written.set(transfer.id, written);
      bench.feed({ type: 'transfer_copied', transfer: transfer.id, bytes: written });
      const worker = bench.startOne();
      expect(worker.replot).toHaveLength(count);
    });
  });

  it('stay for a move where a worker makes room for itself', () => {
    const bench = withJob();
    bench.hold('replot_remove');
    bench.startOne();
    bench.lies(plot('a'));
    expect(bench.transfers).toEqual([]);
    expect(bench.shown.waiting_text).toMatch(/a worker makes room there$/);
  });

  it.each<[string, MadeRoom['kind'], number]>([
    ['was removed', 'gone', 1],
    ['is there still', 'there', 0],
  ])('are only looked for after a restart: one that %s', (_, kind, count) => {
    const bench = story();
    bench.hold('make_room');
    bench.lies(plot('a'));
    if (kind === 'gone') bench.farm.oldPlots.shift();
    const before = left(bench);
    bench.crash();
    bench.comeUp();
    bench.hold('survey');
    bench.release('make_room');
    expect(left(bench)).toEqual(before);
    expect(removed(bench)).toHaveLength(count);
    expect(bench.transfers).toEqual([]);
    expect(credit(bench)).toEqual(count === 0 ? {} : { '/mnt/farm1': [60] });
  });

  it('that are chosen go, or there is room without them', () => {
    const bench = story();
    bench.hold('make_room');
    bench.lies(plot('a'));
    const [{ id = '' } = {}] = bench.transfers;
    const told = (file: string, outcome: MadeRoom) =>
      bench.feed({ type: 'room_made', transfer: id, file, outcome });
    told('/farm1/2', { kind: 'removed' });
    expect(bench.transfers).toMatchObject([{ replot: [{}, {}] }]);
    told('/farm1/1', { kind: 'enough' });
    expect(bench.transfers).toMatchObject([{ step: 'moving', replot: [], replot_room: null }]);
    expect(removed(bench)).toEqual([]);
    told('/farm1/1', { kind: 'removed' });
    expect(removed(bench)).toEqual([]);
  });
});

it('a move without a rule asks for no old plots', () => {
  const bench = new MovingBench();
  bench.settings.moves = new Map([['farm', entryOf()]]);
  bench.farm.places.splice(0, 2, place('/farm1', { free_bytes: 0 }));
  bench.farm.oldPlots.push({ file: '/farm1/1', size: 1000 });
  bench.lies(plot('a'));
  expect(bench.ways).toEqual([]);
  expect(bench.shown.waiting_text).not.toMatch(/old plots/);
});
