import { describe, expect, it } from 'vitest';
import { namesInHand } from '../../../../src/engine/moving/names-in-hand.ts';
import { minute, second } from '../bench.ts';
import { MovingBench, entryOf, place, plot } from './moving.ts';

const moves = (bench: MovingBench, since = 0) => bench.told(since).filter((type) => type.startsWith('move_'));

describe('a move', () => {
  it('spreads plots over file systems, one onto each at a time', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'), plot('b'), plot('c'));
    expect(bench.ways).toEqual(['/stage/a.plot /farm1', '/stage/b.plot /farm2']);
    expect(bench.shown).toMatchObject({ state: 'moving', waiting_for: 'disk', queue: 1, queue_bytes: 100 });
    expect(bench.shown.active).toMatchObject([{ plot: '/stage/a.plot', from: '/stage', to: '/farm1' }, {}]);
    bench.end();
    expect(bench.ways).toEqual(['/stage/b.plot /farm2', '/stage/c.plot /farm1']);
    bench.end();
    bench.end();
    expect(bench.shown).toMatchObject({
      state: 'idle',
      waiting_for: 'none',
      moved: 3,
      moved_bytes: 300,
      queue: 0,
    });
    expect(moves(bench).at(-1)).toBe('move_idle');
    expect(moves(bench).filter((type) => type === 'move_idle')).toHaveLength(1);
    expect(bench.farm.forgotten).toHaveLength(3);
  });

  it('takes the first directory with room where that is wanted', () => {
    const bench = new MovingBench({ move: { choose: 'in_order' } });
    bench.farm.places.splice(0, 2, place('/farm1', { free_bytes: 50 }), place('/farm2'), place('/farm3'));
    bench.lies(plot('a'));
    expect(bench.ways).toEqual(['/stage/a.plot /farm2']);
  });

  it('keeps to its own limit and to those of disks', () => {
    const own = new MovingBench({ move: { max_moves: 1 } });
    own.lies(plot('a'), plot('b'));
    expect(own.ways).toHaveLength(1);
    expect(own.shown).toMatchObject({ state: 'moving', waiting_for: 'limit' });
    const disks = new MovingBench({ disks: [{ match: '/farm1', max_moves: 2, closed: false }] });
    disks.farm.places.splice(1);
    disks.lies(plot('a'), plot('b'), plot('c'));
    expect(disks.ways).toEqual(['/stage/a.plot /farm1', '/stage/b.plot /farm1']);
    const closed = new MovingBench({ disks: [{ match: '/farm*', closed: true }] });
    closed.lies(plot('a'));
    expect(closed.shown).toMatchObject({ state: 'waiting', waiting_for: 'disk' });
  });

  it('reserves room for what is on its way, less what is there already', () => {
    const bench = new MovingBench({ disks: [{ match: '/farm1', max_moves: 9, closed: false }] });
    bench.farm.places.splice(0, 2, place('/farm1', { free_bytes: 250 }));
    bench.lies(plot('a'), plot('b'), plot('c'));
    expect(bench.ways).toHaveLength(2);
    expect(bench.shown).toMatchObject({ waiting_for: 'dest_full' });
    expect(bench.shown.waiting_text).toMatch('/farm1');
    for (const { id } of bench.transfers) bench.feed({ type: 'transfer_copied', transfer: id, bytes: 80 });
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 90 }));
    bench.pass(31 * second);
    expect(bench.ways).toHaveLength(2);
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 140 }));
    bench.pass(31 * second);
    expect(bench.ways).toHaveLength(3);
  });

  it.each([
    ['missing', place('/farm1', { problem: 'missing' }), 'missing_directory'],
    ['out of which plots are taken', place('/farm1', { taken_from: true }), 'disk'],
    ['full', place('/farm1', { free_bytes: 99 }), 'dest_full'],
  ] as const)(
    'waits where its only directory is %s, and goes on when that is over',
    (_, only, waiting_for) => {
      const bench = new MovingBench();
      bench.farm.places.splice(0, 2, only);
      bench.lies(plot('a'));
      expect(bench.ways).toEqual([]);
      expect(bench.shown).toMatchObject({ state: 'waiting', waiting_for, queue: 1 });
      bench.farm.places.splice(0, 1, place('/farm1'));
      bench.pass(31 * second);
      expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
      expect(moves(bench)).toEqual(['move_started']);
    },
  );

  it('says of each kind of directory why none takes a plot', () => {
    const bench = new MovingBench();
    const full = { free_bytes: 99 };
    bench.farm.places.splice(
      0,
      2,
      place('/farm1', full),
      place('/farm2', { problem: 'missing' }),
      place('/farm3', full),
    );
    bench.lies(plot('a'));
    expect(bench.shown).toMatchObject({ waiting_for: 'dest_full' });
    expect(bench.shown.waiting_text).toBe(
      "no room in /farm1: the plot takes 0.1 kB, 0.1 kB are free beside what is on its way, and another one is like it; /farm2 doesn't exist; directories are never made, is the disk mounted?",
    );
  });

  it('needs no room where it only renames', () => {
    const bench = new MovingBench();
    bench.farm.places.splice(0, 2, place('/farm1', { st_dev: 'stage', free_bytes: 0 }));
    bench.lies(plot('a'));
    expect(bench.transfers).toMatchObject([{ renames: true }]);
  });

  it('begins nothing while it is disabled, and what is on its way arrives', () => {
    const bench = new MovingBench({ move: { max_moves: 1 } });
    bench.lies(plot('a'), plot('b'));
    bench.setMove({ enabled: false });
    expect(bench.shown).toMatchObject({ state: 'moving', enabled: false, waiting_for: 'disabled' });
    bench.end();
    expect(bench.shown).toMatchObject({ state: 'disabled', queue: 1 });
    expect(bench.setMove({ enabled: true })).toMatchObject({ status: 'ok' });
    expect(bench.ways).toEqual(['/stage/b.plot /farm1']);
  });

  it('stands still while it is paused, over a restart too', () => {
    const bench = new MovingBench({ move: { max_moves: 1 } });
    bench.lies(plot('a'), plot('b'));
    bench.setMove({ paused: true });
    const [mover] = bench.farm.movers.values();
    expect(mover).toMatchObject({ suspended: true });
    expect(bench.shown).toMatchObject({ state: 'paused', waiting_for: 'paused' });
    bench.restart();
    expect([...bench.farm.movers.values()]).toMatchObject([{ suspended: true }]);
    bench.setMove({ paused: false });
    expect([...bench.farm.movers.values()]).toMatchObject([{ suspended: false }]);
    expect(bench.shown).toMatchObject({ state: 'moving' });
  });

  it('that nobody knows is no move', () => {
    const bench = new MovingBench();
    const answer = bench.command({ type: 'set_move', move: 'other', settings: { paused: true } });
    expect(answer).toMatchObject({ status: 'error', error: { code: 'unknown_move' } });
  });
});

describe('a try that fails', () => {
  it('is followed by the next 30 seconds later, behind all others; the third leaves the file', () => {
    const bench = new MovingBench({ move: { max_moves: 1 } });
    bench.lies(plot('a'), plot('b'));
    bench.fail('source');
    expect(bench.of('move_failed')).toMatchObject([
      { attempt: 1, plot: '/stage/a.plot', error: 'source fails' },
    ]);
    expect(bench.ways).toEqual(['/stage/b.plot /farm1']);
    bench.end();
    bench.pass(29 * second);
    expect(bench.ways).toEqual([]);
    expect(bench.shown).toMatchObject({ state: 'waiting', queue: 1 });
    for (const attempt of [2, 3]) {
      bench.pass(31 * second);
      expect(bench.transfers).toMatchObject([{ attempt }]);
      bench.fail('source');
    }
    bench.pass(10 * minute);
    expect(bench.ways).toEqual([]);
    expect(bench.shown).toMatchObject({
      state: 'blocked',
      failures: 2,
      last_error: 'source fails',
      queue: 1,
    });
    expect(bench.of('move_failed').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  const LOOKED_AFTER: [how: string, act: (bench: MovingBench) => void][] = [
    ['a restart', (bench) => bench.restart()],
    ['enabled ON', (bench) => bench.setMove({ enabled: true })],
    [
      'a reload',
      (bench) => bench.feed({ type: 'configured', jobs: new Map(), settings: bench.memory.settings }),
    ],
  ];
  it.each(LOOKED_AFTER)('for the third time is tried again after %s', (_, act) => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      bench.fail('other');
      bench.pass(31 * second);
    }
    expect(bench.ways).toEqual([]);
    act(bench);
    expect(bench.transfers).toMatchObject([{ attempt: 1 }]);
  });

  it('in writing leaves its destination out for a while, longer each time', () => {
    const bench = new MovingBench({ move: { choose: 'in_order' } });
    bench.lies(plot('a'), plot('b'));
    bench.fail('destination');
    bench.pass(31 * second);
    // A while is over: it is asked again.
    expect(bench.ways).toEqual(['/stage/b.plot /farm2', '/stage/a.plot /farm1']);
    bench.end({ kind: 'failed', side: 'destination', pinned: false, error: 'again' }, 1);
    bench.end();
    bench.pass(31 * second);
    expect(bench.ways).toEqual(['/stage/a.plot /farm2']);
  });

  it('and may have left a whole plot there is tried there, and nowhere else', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.farm.places.splice(0, 1, place('/farm1', { free_bytes: 500 }));
    bench.fail('destination', { pinned: true });
    expect(bench.transfers).toMatchObject([{ step: 'waiting', to: '/farm1', attempt: 2 }]);
    expect(bench.shown).toMatchObject({ state: 'waiting', queue: 1, active: [] });
    bench.pass(31 * second);
    expect(bench.transfers).toMatchObject([{ step: 'moving', to: '/farm1', launches: 2 }]);
    bench.fail('destination');
    bench.pass(31 * second);
    bench.fail('source');
    expect(bench.shown).toMatchObject({ state: 'blocked', queue: 1 });
    bench.pass(10 * minute);
    expect(bench.transfers).toMatchObject([{ step: 'blocked' }]);
    bench.setMove({ enabled: true });
    bench.pass(1);
    expect(bench.transfers).toMatchObject([{ step: 'moving', to: '/farm1', attempt: 1 }]);
    bench.end({ kind: 'moved', how: 'found' });
    expect(bench.of('move_finished')).toMatchObject([{ plot: '/farm1/a.plot' }]);
    expect(bench.of('move_started')).toHaveLength(1);
  });

  it('that finds the plot neither where it was nor in its place is the last one', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.fail('destination', { pinned: true });
    bench.farm.finished.set('farm', []);
    bench.look();
    expect(moves(bench)).not.toContain('move_idle');
    bench.pass(31 * second);
    bench.fail('source', { gone: true });
    expect(bench.transfers).toEqual([]);
    expect(moves(bench).slice(-2)).toEqual(['move_failed', 'move_idle']);
    bench.pass(10 * minute);
    bench.restart();
    expect(bench.of('move_failed')).toHaveLength(2);
    expect(bench.shown).toMatchObject({ state: 'idle', queue: 0, last_error: 'source fails' });
    expect(bench.farm.forgotten).toHaveLength(1);
  });

  const without = { ...entryOf(), to: ['/farm2'] };
  it.each([
    ['waits', 'waiting', 1],
    ['is left alone', 'blocked', 3],
  ] as const)('for a disk that is taken out of config.yaml goes elsewhere where it %s', (_, step, tries) => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      if (attempt > 1) bench.pass(31 * second);
      bench.fail('destination', { pinned: true });
    }
    expect(bench.transfers).toMatchObject([{ step, to: '/farm1' }]);
    bench.farm.places.splice(0, 1);
    const settings = { ...bench.memory.settings, moves: new Map([['farm', without]]) };
    bench.feed({ type: 'configured', jobs: new Map(), settings });
    expect(bench.ways).toEqual(['/stage/a.plot /farm2']);
    expect(bench.farm.forgotten).toHaveLength(1);
  });

  it('for a disk that was taken out of config.yaml while the daemon was away goes elsewhere', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.fail('destination', { pinned: true });
    bench.crash();
    bench.farm.places.splice(0, 1);
    bench.settings.moves = new Map([['farm', without]]);
    bench.comeUp();
    expect(bench.ways).toEqual(['/stage/a.plot /farm2']);
  });

  it('for a disk that was taken out of config.yaml while it went on goes elsewhere', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.settings.moves = new Map([['farm', without]]);
    bench.configure({});
    expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
    bench.farm.places.splice(0, 1);
    bench.fail('destination', { pinned: true });
    bench.pass(31 * second);
    expect(bench.ways).toEqual(['/stage/a.plot /farm2']);
  });
});

describe('a mover', () => {
  it('that ends without a word is followed by another, in the same place', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.end({ kind: 'lost', with_host: false });
    expect(bench.transfers).toMatchObject([{ step: 'moving', launches: 2, to: '/farm1', pinned: true }]);
    expect(moves(bench)).toEqual(['move_started']);
    bench.end({ kind: 'lost', with_host: false });
    bench.end({ kind: 'lost', with_host: false });
    expect(bench.of('move_failed')).toMatchObject([{ attempt: 1 }]);
    expect(bench.transfers).toMatchObject([{ step: 'waiting' }]);
    bench.pass(31 * second);
    bench.end();
    expect(bench.shown).toMatchObject({ state: 'idle', failures: 0, last_error: null, moved: 1 });
  });

  it('that went with its host begins again, however often', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    for (let boot = 1; boot <= 9; boot += 1) bench.end({ kind: 'lost', with_host: true });
    expect(bench.of('move_failed')).toEqual([]);
    expect(bench.transfers).toMatchObject([{ step: 'moving', launches: 10 }]);
  });

  it('whose end is told twice, or after another one was started, counts once', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'), plot('b'));
    const [first] = bench.transfers;
    const told = { transfer: first?.id ?? '', end: { kind: 'moved', how: 'copied' }, ended_at: 0 } as const;
    bench.feed({ type: 'transfer_ended', launch: 1, ...told });
    bench.feed({ type: 'transfer_ended', launch: 1, ...told });
    expect(bench.move.moved).toBe(1);
    const [other] = bench.transfers;
    bench.end({ kind: 'lost', with_host: false });
    bench.feed({ type: 'transfer_ended', launch: 1, ...told, transfer: other?.id ?? '' });
    expect(bench.move.moved).toBe(1);
  });

  it('says how fast it is, renewed once a minute', () => {
    const bench = new MovingBench();
    bench.lies(plot('a', 1e9), plot('b', 1e9));
    bench.farm.places.splice(0, 2, place('/farm1', { free_bytes: 1e12 }));
    bench.pass(31 * second);
    const { id } = bench.transfers[0] ?? { id: '' };
    const copied = (bytes: number) => bench.feed({ type: 'transfer_copied', transfer: id, bytes });
    copied(0);
    expect(bench.shown).toMatchObject({ bytes_per_s: null, active: [{ progress: 0, eta: null }] });
    bench.pass(10 * second);
    copied(100e6);
    expect(bench.shown).toMatchObject({ bytes_per_s: 10e6, active: [{ progress: 10, bytes_per_s: 10e6 }] });
    const [{ eta } = { eta: null }] = bench.shown.active;
    bench.pass(10 * second);
    copied(500e6);
    expect(bench.shown).toMatchObject({ bytes_per_s: 10e6, active: [{ progress: 50, eta }] });
    bench.pass(60 * second);
    copied(800e6);
    expect(bench.shown.bytes_per_s).toBe(10e6);
    expect(bench.journal.at(-1)).not.toMatch('800000000');
  });

  it('writes to the file system that is there after a restart of the host, whatever its number was before', () => {
    const bench = new MovingBench({ move: { max_moves: 9 } });
    bench.farm.places.splice(1);
    bench.lies(plot('a'), plot('b'));
    bench.crash();
    bench.farm.places.splice(0, 1, place('/farm1', { device: 'renumbered' }));
    bench.comeUp();
    expect(bench.transfers).toMatchObject([{ file: '/stage/a.plot', filesystem: 'renumbered' }]);
    bench.pass(minute);
    expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
    expect(bench.shown).toMatchObject({ waiting_for: 'disk', queue: 1 });
  });

  it('is found again after a restart, and its end is told once', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.restart();
    expect(bench.transfers).toMatchObject([{ step: 'moving', launches: 1 }]);
    bench.end();
    bench.restart();
    expect(bench.of('move_finished')).toHaveLength(1);
    expect(bench.of('move_started')).toHaveLength(1);
    expect(bench.shown).toMatchObject({ moved: 1, moved_bytes: 100 });
  });
});

describe('one that is tried again where it may be already', () => {
  it('has its turn under the limits, too', () => {
    const bench = new MovingBench({ move: { max_moves: 1 } });
    bench.lies(plot('a'), plot('b'));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      bench.fail('destination', { pinned: true });
      bench.pass(31_000);
    }
    // The other one goes meanwhile.
    expect(bench.transfers.map(({ step }) => step).sort()).toEqual(['blocked', 'moving']);
    bench.setMove({ enabled: true });
    const written = bench.journal.length;
    bench.pass(60_000);
    expect(bench.transfers.filter(({ step }) => step === 'moving')).toHaveLength(1);
    // It is not asked again and again meanwhile.
    expect(bench.journal.slice(written).join()).not.toMatch('transfer');
    const moving = bench.transfers.findIndex(({ step }) => step === 'moving');
    bench.end({ kind: 'moved', how: 'copied' }, moving);
    expect(bench.transfers).toMatchObject([{ step: 'moving', file: '/stage/a.plot' }]);
  });

  it('has its turn when that of another move on its disk has ended', () => {
    const bench = new MovingBench();
    bench.settings.moves = new Map([...bench.settings.moves, ['other', entryOf({ title: 'Other' })]]);
    bench.configure({});
    bench.farm.places.splice(1);
    bench.lies(plot('a'));
    bench.fail('destination', { pinned: true });
    const [waits] = bench.transfers;
    const other = { ...plot('b'), file: '/else/b.plot' };
    if (waits)
      bench.state.transfers.set('other-x', {
        ...waits,
        ...other,
        id: 'other-x',
        move: 'other',
        step: 'moving',
      });
    bench.pass(2 * minute);
    expect(bench.state.transfers.get(waits?.id ?? '')).toMatchObject({ step: 'waiting' });
    const end = { kind: 'moved', how: 'copied' } as const;
    bench.feed({ type: 'transfer_ended', transfer: 'other-x', launch: 1, end, ended_at: 0 });
    expect(bench.transfers).toMatchObject([{ id: waits?.id, step: 'moving' }]);
  });

  it('is in hand', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    expect([...namesInHand(bench.state, null)]).toEqual(['a.plot']);
    bench.end();
    expect([...namesInHand(bench.state, null)]).toEqual([]);
  });
});

it('a plot that replotting has chosen to remove goes nowhere', () => {
  const replot = { before: '2026-01-01T00:00:00Z' };
  const bench = new MovingBench({ jobs: { nightly: { replot, arguments: { dest_dir: '/stage' } } } });
  bench.hold('replot_find', 'replot_remove');
  const { id } = bench.startOne();
  const { file, size } = plot('a');
  const found = { kind: 'chosen', filesystem: 'stage', plots: [{ file, size }], credit: [] } as const;
  bench.feed({ type: 'replot_found', worker: id, found: { ...found, plots: [...found.plots], credit: [] } });
  bench.lies(plot('a'), plot('b'));
  expect(bench.ways).toEqual(['/stage/b.plot /farm1']);
});

it('a plot that lies in a destination itself doesn’t go there', () => {
  const bench = new MovingBench();
  bench.lies({ ...plot('a'), file: '/farm1/a.plot' });
  expect(bench.ways).toEqual(['/farm1/a.plot /farm2']);
});

describe('holds', () => {
  it('leave moves alone, but those that hold them too', () => {
    const bench = new MovingBench({ move: { max_moves: 1 } });
    bench.lies(plot('a'), plot('b'));
    bench.command({ type: 'set_hold', job: null, name: 'price', wanted: {} });
    expect([...bench.farm.movers.values()]).toMatchObject([{ suspended: false }]);
    expect(bench.shown.waiting_for).toBe('limit');
    bench.command({ type: 'set_hold', job: null, name: 'noise', wanted: { moves: true, reason: 'night' } });
    expect([...bench.farm.movers.values()]).toMatchObject([{ suspended: true }]);
    expect(bench.shown).toMatchObject({
      state: 'paused',
      waiting_for: 'paused',
      waiting_text: "the farm's hold 'noise' stands (night)",
    });
    bench.command({ type: 'release_hold', job: null, name: 'noise' });
    expect([...bench.farm.movers.values()]).toMatchObject([{ suspended: false }]);
  });

  it('of kind no_starts let go on what is on its way', () => {
    const bench = new MovingBench({ move: { max_moves: 1 } });
    bench.lies(plot('a'), plot('b'));
    bench.command({ type: 'set_hold', job: null, name: 'late', wanted: { kind: 'no_starts', moves: true } });
    expect(bench.shown.state).toBe('moving');
    bench.end();
    expect(bench.shown).toMatchObject({ state: 'paused', queue: 1 });
    bench.command({ type: 'release_hold', job: null, name: 'late' });
    expect(bench.shown.state).toBe('moving');
  });

  it('drain: the farm is drained when no plot is on its way any more', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.command({ type: 'set_hold', job: null, name: 'drain', wanted: { moves: true } });
    expect(bench.told()).not.toContain('farm_drained');
    bench.end();
    expect(bench.told().filter((type) => type === 'farm_drained')).toHaveLength(1);
  });

  it('do/stop ends what is on its way, is answered then, and it begins again when drain is released', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.hold('stop_transfer');
    const ticket = bench.send({ type: 'stop_farm' });
    expect(bench.answers.get(ticket)).toBeUndefined();
    bench.release('stop_transfer');
    expect(bench.answers.get(ticket)).toMatchObject({ status: 'ok' });
    expect(bench.ways).toEqual([]);
    expect(bench.told()).toContain('farm_drained');
    expect(bench.of('move_failed')).toEqual([]);
    expect(bench.shown).toMatchObject({ state: 'paused', queue: 1 });
    bench.command({ type: 'release_hold', job: null, name: 'drain' });
    expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
  });

  it('do/stop of one that didn’t obey in time has it go on where it was', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.hold('stop_transfer');
    bench.send({ type: 'stop_farm' });
    bench.end({ kind: 'lost', with_host: false });
    expect(bench.transfers).toMatchObject([{ step: 'waiting', pinned: true }]);
    bench.pass(10 * minute);
    expect(bench.transfers).toMatchObject([{ step: 'waiting' }]);
    bench.command({ type: 'release_hold', job: null, name: 'drain' });
    bench.pass(second);
    expect(bench.transfers).toMatchObject([{ step: 'moving', to: '/farm1' }]);
  });
});

describe('plots of our own', () => {
  const jobs = {
    nightly: {
      post_command: 'post',
      arguments: { dest_dir: '/stage' },
      events: [{ fire: 'next', on: 'move_finished' as const }],
    },
  };

  it('wait for the end of their worker, whose name goes with them', () => {
    const bench = new MovingBench({ jobs });
    const worker = bench.startOne();
    // The plotter of these stories names its plot after its worker.
    const own = plot(worker.id);
    bench.exit(worker);
    bench.lies(own);
    expect(bench.ways).toEqual([]);
    bench.exit(worker);
    expect(bench.ways).toEqual([`${own.file} /farm1`]);
    expect(bench.of('move_started')).toMatchObject([{ job: 'nightly', slot: 1, worker: worker.id }]);
    bench.end();
    expect(bench.of('move_finished')).toMatchObject([
      {
        job: 'nightly',
        slot: 1,
        worker: worker.id,
        plot: `/farm1/${worker.id}.plot`,
        from: '/stage',
        size: 100,
      },
    ]);
    expect(bench.fired()).toEqual(['next']);
    expect(bench.job().last_plot).toBe(`/farm1/${worker.id}.plot`);
    expect(bench.journal.join()).toMatch('"result":"moved"');
  });

  it('are never moved where their worker has failed or was dismissed', () => {
    const bench = new MovingBench({ jobs });
    const failed = bench.startOne();
    bench.log(failed, { type: 'plot_name', name: 'torn' });
    bench.exit(failed, 1);
    const dismissed = bench.startOne();
    bench.log(dismissed, { type: 'plot_name', name: 'given-up' });
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    bench.lies(plot('torn'), plot('given-up'));
    expect(bench.ways).toEqual([]);
    bench.restart();
    bench.look();
    expect(bench.ways).toEqual([]);
  });

  it('are moved though another worker that has failed named one so', () => {
    const bench = new MovingBench({ jobs: { nightly: { max_workers: 2 } } });
    const [maker, failed] = bench.start('nightly', 2);
    if (maker) bench.exit(maker);
    const name = maker?.id ?? '';
    if (failed) bench.log(failed, { type: 'plot_name', name });
    if (failed) bench.exit(failed, 1);
    bench.lies(plot(name));
    expect(bench.ways).toHaveLength(1);
    expect(bench.of('move_started')).toMatchObject([{ worker: name }]);
  });

  it('of others have no worker', () => {
    const bench = new MovingBench({ jobs });
    bench.lies(plot('theirs'));
    bench.end();
    expect(bench.of('move_finished')).toMatchObject([{ job: null, slot: null, worker: null }]);
    expect(bench.state.history.size).toBe(0);
  });

  it('take room of a destination from workers that start', () => {
    const bench = new MovingBench({ jobs: { nightly: { arguments: { dest_dir: '/farm1' } } } });
    bench.farm.disks.set('/farm1', { device: 'farm1', free_bytes: 150 });
    bench.lies(plot('a'));
    expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
    expect(bench.start()).toEqual([]);
    bench.end();
    expect(bench.start()).toHaveLength(1);
  });
});

describe('a look', () => {
  it('that began before a plot had arrived doesn’t bring it back', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    const began = bench.surroundings.steady();
    bench.pass(second);
    bench.end();
    bench.feed({ type: 'looked_through', move: 'farm', began, plots: [plot('a')] });
    expect(bench.ways).toEqual([]);
    expect(bench.shown.queue).toBe(0);
    bench.pass(second);
    bench.lies(plot('a'));
    expect(bench.ways).toHaveLength(1);
  });

  it('that finds nothing any more tells that the move is idle', () => {
    const bench = new MovingBench();
    bench.farm.places.splice(0);
    bench.lies(plot('a'));
    bench.lies();
    bench.lies();
    expect(moves(bench)).toEqual(['move_idle']);
  });

  it('at destinations that comes after a reload is stale', () => {
    const bench = new MovingBench();
    bench.hold('survey');
    bench.lies(plot('a'));
    bench.hold('look_through');
    bench.feed({ type: 'configured', jobs: new Map(), settings: bench.memory.settings });
    bench.release('survey');
    expect(bench.ways).toEqual([]);
    bench.release('look_through');
    expect(bench.ways).toHaveLength(1);
  });

  it('at destinations that began before a reload is stale where another one has begun since, too', () => {
    const bench = new MovingBench();
    bench.hold('survey');
    bench.lies(plot('a'));
    const [before] = bench.farm.outstanding;
    const without = { ...entryOf(), to: ['/farm2'] };
    const settings = { ...bench.memory.settings, moves: new Map([['farm', without]]) };
    bench.feed({ type: 'configured', jobs: new Map(), settings });
    expect(bench.farm.outstanding).toMatchObject([before, { type: 'survey', move: 'farm' }]);
    const stale = bench.farm.outstanding.shift();
    const input = stale && bench.farm.perform(stale, bench.state, bench.surroundings.steady());
    if (input) bench.feed(input);
    expect(bench.ways).toEqual([]);
    bench.farm.places.splice(0, 1);
    bench.release('survey');
    expect(bench.ways).toEqual(['/stage/a.plot /farm2']);
  });
});

describe('a plot that may be in its place already', () => {
  it('goes nowhere else, whoever stops its process', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.fail('destination', { pinned: true });
    bench.pass(31 * second);
    bench.end({ kind: 'stopped' });
    bench.pass(31 * second);
    expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
    expect(bench.transfers).toMatchObject([{ step: 'moving', pinned: true }]);
  });
});

describe('config.yaml', () => {
  const reload = (bench: MovingBench, entries: Record<string, ReturnType<typeof entryOf>>) =>
    bench.feed({
      type: 'configured',
      jobs: new Map(),
      settings: { ...bench.memory.settings, moves: new Map(Object.entries(entries)) },
    });

  it('counts where it says something else; until then what a command has set', () => {
    const bench = new MovingBench();
    bench.setMove({ enabled: false });
    reload(bench, { farm: entryOf({ title: 'Farm' }) });
    expect(bench.shown).toMatchObject({ enabled: false, title: 'Farm' });
    bench.restart();
    expect(bench.move.enabled).toBe(false);
    reload(bench, { farm: entryOf({ enabled: false }) });
    reload(bench, { farm: entryOf({ enabled: true }) });
    expect(bench.move.enabled).toBe(true);
  });

  it('without a move lets its last plot arrive', () => {
    const bench = new MovingBench({ move: { max_moves: 1 } });
    bench.lies(plot('a'), plot('b'));
    reload(bench, {});
    expect(bench.ways).toHaveLength(1);
    bench.end();
    expect(bench.state.moves.size).toBe(0);
    expect(bench.of('move_finished')).toHaveLength(1);
    expect(bench.transfers).toEqual([]);
  });

  it('without a move makes sure first of a plot that may be in its place, unless it is disabled', () => {
    const bench = new MovingBench();
    bench.lies(plot('a'));
    bench.fail('destination', { pinned: true });
    reload(bench, {});
    expect(bench.ways).toEqual(['/stage/a.plot /farm1']);
    bench.pass(31 * second);
    bench.fail('destination', { pinned: true });
    expect(bench.state.moves.size).toBe(1);
    bench.setMove({ enabled: false });
    expect(bench.state.moves.size).toBe(0);
    expect(bench.transfers).toEqual([]);
  });
});
