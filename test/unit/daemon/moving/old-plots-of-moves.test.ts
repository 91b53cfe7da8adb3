import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { moveSchema } from '../../../../src/config/schema/move.ts';
import { Places } from '../../../../src/daemon/effects/places.ts';
import { OldPlotsOfMoves } from '../../../../src/daemon/moving/old-plots-of-moves.ts';
import type { MoveState } from '../../../../src/engine/model/move-state.ts';
import type { TransferState } from '../../../../src/engine/model/transfer-state.ts';
import type { FinishedPlot, MadeRoom } from '../../../../src/engine/moving/facts.ts';
import { PlotHistory } from '../../../../src/storage/plot-records.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';

const BEFORE = '2026-01-01T00:00:00Z';
const NEW = 'plot-k32-2026-06-01-00-00-new.plot';
const old = (month: number, more = 'k32') => `plot-${more}-2021-0${month}-01-00-00-old.plot`;

/** Real files, a move by whose rule old plots go, and disks on which there is never room for anything. */
function farm(rule: Record<string, unknown> = {}) {
  const root = temporaryDirectory();
  const at = (...names: string[]) => join(root, ...names);
  for (const name of ['stage', 'plots', 'other', 'data']) mkdirSync(at(name));
  const put = (dir: string, ...names: string[]) => {
    for (const name of names) writeFileSync(at(dir, name), 'old');
  };
  put('stage', NEW);
  const entry = (replot: Record<string, unknown> | undefined) =>
    moveSchema.parse({ from: at('stage'), to: at('plots'), ...(replot ? { replot } : {}) });
  const settings = {
    plotters: new Map(),
    moves: new Map([['farm', entry({ before: BEFORE, ...rule })]]),
    disks: [{ match: '/*', max_moves: 9, closed: false, keep_free: 2 ** 52 }],
  };
  const bench = new Bench({}, { settings: { moves: settings.moves } });
  const taken = new Set<string>();
  const { state } = bench;
  const places = new Places({ disks: () => [], matched: () => ({}), onMatched: () => {} });
  const parts = new OldPlotsOfMoves({
    ...{ state, places, takenFrom: () => taken, clock: { now: () => 0 } },
    settings: () => settings,
    records: new PlotHistory(at('data', 'history.jsonl')),
    log: pino({ enabled: false }),
  });
  const look = async (file = at('stage', NEW)) => {
    const found = await places.find([at('plots')], { withinMs: 4000 });
    return parts.look('farm', [finished(file)], found.get(at('plots')) ?? []);
  };
  const found = async () => (await look())?.by_directory.get(at('plots'))?.plots ?? [];
  /** All that may go is chosen for the new plot. */
  const choose = async (): Promise<TransferState> => {
    const place = (await places.find([at('plots')], { withinMs: 4000 })).get(at('plots'))?.[0];
    const transfer: TransferState = {
      ...{ id: 'farm-x', move: 'farm', to: at('plots'), filesystem: place?.filesystem?.key ?? '' },
      ...{ ...finished(at('stage', NEW)), renames: false, maker: null, replot: [...(await found())] },
      ...{ step: 'making_room', pinned: false, attempt: 1, launches: 1, silent: 0, began_at: 0, due: null },
      ...{ process: null, stopping: false, suspended: false, replot_room: null },
    };
    state.transfers.set(transfer.id, transfer);
    return transfer;
  };
  const remove = (name: string, only_look = false): Promise<MadeRoom> =>
    parts.makeRoom({ type: 'make_room', transfer: 'farm-x', file: at('plots', name), only_look });
  const record = (name: string, ended_at = '2026-06-01T00:00:00Z') => {
    const line = { worker: 'w', job: 'j', result: 'done', plot: `/else/${name}`, ended_at };
    appendFileSync(at('data', 'history.jsonl'), `${JSON.stringify(line)}\n`);
  };
  return { at, put, state, places, settings, entry, taken, look, found, choose, remove, record };
}

type Farm = ReturnType<typeof farm>;

function finished(file: string): FinishedPlot {
  const { size, ino, mtimeNs, dev } = statSync(file, { bigint: true });
  return { file, size: Number(size), ino: String(ino), mtime_ns: String(mtimeNs), device: String(dev) };
}

const identity = (path: string) => {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
};

describe('the old plots that may go for a plot of a move', () => {
  it('are those that the rule means, the oldest first', async () => {
    const { at, put, found, record } = farm({ k: 32, match: 'plot-*.plot' });
    put('plots', old(3), old(1), old(2), old(1, 'k33'), 'plot-k32-2026-02-01-00-00-a.plot', 'k32.plot');
    put('plots', `.${old(1)}`, `${old(1)}.tmp`, `${old(1)}2`);
    put('other', old(4));
    symlinkSync(at('other', old(4)), at('plots', old(4)));
    linkSync(at('other', old(4)), at('plots', old(5)));
    record(old(2));
    expect((await found()).map(({ file }) => basename(file))).toEqual([old(1), old(3)]);
  });

  it.each<[string, (farm: Farm) => void]>([
    ['for a plot that is old itself', ({ at }) => renameSync(at('stage', NEW), at('stage', old(9)))],
    ['while the history can’t be read', ({ at }) => mkdirSync(at('data', 'history.jsonl'))],
    ['out of a directory that a move empties', ({ at, taken }) => void taken.add(identity(at('plots')))],
    [
      'out of a directory that a move empties, though nobody could look which that is yet',
      ({ settings, state, at }) => {
        settings.moves.set('out', moveSchema.parse({ from: at('pl*'), to: at('other') }));
        const [move] = state.moves.values();
        if (move) state.moves.set('out', { ...move, id: 'out' });
      },
    ],
    ['without a rule', ({ settings, entry }) => void settings.moves.set('farm', entry(undefined))],
    [
      'by a rule of the future',
      ({ settings, entry }) => {
        const replot = { ...entry({ before: BEFORE }).replot, before: '2999-01-01T00:00:00Z' };
        settings.moves.set('farm', {
          ...entry(undefined),
          replot: { match: ['*.plot'], dry_run: false, ...replot },
        });
      },
    ],
    [
      'where the disk is closed',
      ({ settings: { disks } }) => void Object.assign(disks[0] ?? {}, { closed: true }),
    ],
    [
      'where there is room',
      ({ settings: { disks } }) => void Object.assign(disks[0] ?? {}, { keep_free: 0 }),
    ],
    [
      'where no more moves may run',
      ({ settings: { disks } }) => void Object.assign(disks[0] ?? {}, { max_moves: 0 }),
    ],
  ])('are none %s', async (_, prepare) => {
    const it = farm();
    it.put('plots', old(1), old(2));
    prepare(it);
    const [file = NEW] = [old(9), NEW].filter((name) => existsSync(it.at('stage', name)));
    const seen = await it.look(it.at('stage', file));
    const plots = seen?.fresh.has(it.at('stage', file)) ? seen.by_directory.get(it.at('plots'))?.plots : [];
    expect(plots ?? []).toEqual([]);
  });

  it('go one by one, and what is gone already is', async () => {
    const it = farm();
    it.put('plots', old(1), old(2));
    const { replot } = await it.choose();
    expect(replot).toHaveLength(2);
    expect(await it.remove(old(1), true)).toEqual({ kind: 'there' });
    expect(await it.remove(old(1))).toEqual({ kind: 'removed' });
    expect(existsSync(it.at('plots', old(2)))).toBe(true);
    expect(await it.remove(old(1))).toEqual({ kind: 'removed' });
    expect(await it.remove(old(1), true)).toEqual({ kind: 'gone' });
    expect(await it.remove(old(2))).toEqual({ kind: 'removed' });
    expect(existsSync(it.at('stage', NEW))).toBe(true);
  });

  it('stay where there is room by now', async () => {
    const it = farm();
    it.put('plots', old(1));
    await it.choose();
    for (const disk of it.settings.disks) disk.keep_free = 0;
    expect(await it.remove(old(1))).toEqual({ kind: 'enough' });
    expect(existsSync(it.at('plots', old(1)))).toBe(true);
  });

  it('stay where the plot is there already, or another one of its name: its mover sees which', async () => {
    const it = farm();
    it.put('plots', old(1), NEW);
    await it.choose();
    expect(await it.remove(old(1))).toEqual({ kind: 'enough' });
    expect(existsSync(it.at('plots', old(1)))).toBe(true);
  });

  it('stay where there is room by now beside what others bring, and only there', async () => {
    const it = farm();
    it.put('plots', old(1));
    const own = await it.choose();
    const { free_bytes = 0 } =
      (await it.places.find([it.at('plots')], { withinMs: 4000 })).get(it.at('plots'))?.[0] ?? {};
    for (const disk of it.settings.disks) disk.keep_free = 0;
    const other = { ...own, id: 'y', file: it.at('stage', 'y.plot'), step: 'moving' as const, replot: [] };
    it.state.transfers.set('y', { ...other, size: 1000 });
    expect(await it.remove(old(1))).toEqual({ kind: 'enough' });
    it.state.transfers.set('y', { ...other, size: 2 * (free_bytes ?? 0) });
    expect(await it.remove(old(1))).toEqual({ kind: 'removed' });
  });

  it.each<[string, (farm: Farm) => void]>([
    ['is paused', ({ state }) => patchMove(state, { paused: true })],
    ['is disabled', ({ state }) => patchMove(state, { enabled: false })],
    ['is held by the farm', ({ state }) => holdMoves(state)],
    ['goes', ({ state }) => patchMove(state, { leaving: true })],
  ])('stay, and nothing has failed, where their move %s while they are looked at', async (_, happens) => {
    const it = farm();
    it.put('plots', old(1));
    await it.choose();
    const outcome = it.remove(old(1));
    happens(it);
    expect(await outcome).toEqual({ kind: 'there' });
    expect(existsSync(it.at('plots', old(1)))).toBe(true);
  });

  it.each<[string, (farm: Farm) => void]>([
    [
      'is another file of that name',
      ({ at, put }) => {
        unlinkSync(at('plots', old(1)));
        // So that it gets an inode of its own.
        put('plots', 'another', old(1));
      },
    ],
    ['was written to', ({ at }) => appendFileSync(at('plots', old(1)), 'more')],
    [
      'is a link',
      ({ at }) => {
        renameSync(at('plots', old(1)), at('other', 'kept'));
        symlinkSync(at('other', 'kept'), at('plots', old(1)));
      },
    ],
    ['has a second name', ({ at }) => linkSync(at('plots', old(1)), at('other', 'kept'))],
    [
      'is being written to',
      ({ at }) => {
        const handle = openSync(at('plots', old(1)), 'r+');
        onTestFinished(() => closeSync(handle));
      },
    ],
    [
      'is in a directory that was swapped',
      ({ at, put }) => {
        renameSync(at('plots'), at('before'));
        put('other', old(1));
        symlinkSync(at('other'), at('plots'));
      },
    ],
    ['was made here by the record', ({ record }) => record(old(1))],
    ['may be made here: nobody can read the records', ({ at }) => mkdirSync(at('data', 'history.jsonl'))],
    ['has no rule any more', ({ settings, entry }) => void settings.moves.set('farm', entry(undefined))],
    ['has no move any more', ({ settings }) => settings.moves.clear()],
    [
      'is younger than the rule says by now',
      ({ settings, entry }) => void settings.moves.set('farm', entry({ before: '2020-01-01T00:00:00Z' })),
    ],
    [
      'is younger by its file, and records may be missing by now',
      ({ state }) => {
        state.plots_done = 1;
      },
    ],
    [
      'is where no plot is brought any more',
      ({ settings, entry, at }) => {
        const replot = entry({ before: BEFORE, dirs: at('plots') });
        settings.moves.set('farm', { ...replot, to: [at('other')] });
      },
    ],
    [
      'is on a disk that is closed by now',
      ({ settings: { disks } }) => void Object.assign(disks[0] ?? {}, { closed: true }),
    ],
    ['would go beside somebody else’s .tmp', ({ put }) => put('plots', `${NEW}.tmp`)],
    [
      'is not meant any more',
      ({ settings, entry }) => void settings.moves.set('farm', entry({ before: BEFORE, k: 33 })),
    ],
    [
      'is in none of the directories any more',
      ({ settings, entry, at }) =>
        void settings.moves.set('farm', entry({ before: BEFORE, dirs: at('other') })),
    ],
    [
      'would go in a dry run',
      ({ settings, entry }) => void settings.moves.set('farm', entry({ before: BEFORE, dry_run: true })),
    ],
    ['is where a move takes plots by now', ({ at, taken }) => void taken.add(identity(at('plots')))],
    [
      'is in another’s hand',
      ({ state, at }) => {
        const [own] = state.transfers.values();
        if (own) state.transfers.set('y', { ...own, id: 'y', file: at('else', old(1)), replot: [] });
      },
    ],
    ['is on a disk that is another now', ({ state }) => patchOwn(state, { filesystem: 'other' })],
    [
      'was chosen on another mount',
      ({ state }) => patchOwn(state, { replot: chosenOn(state, '/elsewhere') }),
    ],
    ['was chosen for a plot on its way by now', ({ state }) => patchOwn(state, { step: 'moving' })],
    ['was not chosen', ({ state }) => patchOwn(state, { replot: [] })],
    ['is chosen for a plot that is gone', ({ at }) => unlinkSync(at('stage', NEW))],
    ['is chosen for a plot that has changed', ({ at }) => appendFileSync(at('stage', NEW), 'more')],
  ])('stays although it was chosen, if it %s', async (_, happens) => {
    const it = farm();
    it.put('plots', old(1));
    await it.choose();
    happens(it);
    const outcome = await it.remove(old(1));
    expect(outcome).toMatchObject({ kind: 'failed' });
    for (const file of [it.at('plots', old(1)), it.at('other', old(1)), it.at('before', old(1))].filter(
      existsSync,
    ))
      expect(statSync(file).isFile()).toBe(true);
    expect(existsSync(it.at('plots', old(1)))).toBe(true);
    expect(outcome.kind === 'failed' && outcome.side === 'source').toBe(_.includes('for a plot that'));
  });

  it('are not taken for gone where their disk is', async () => {
    const it = farm();
    it.put('plots', old(1));
    await it.choose();
    patchOwn(it.state, { replot: chosenOn(it.state, '/elsewhere') });
    unlinkSync(it.at('plots', old(1)));
    expect(await it.remove(old(1), true)).toEqual({ kind: 'there' });
    expect(await it.remove(old(1))).toMatchObject({ kind: 'failed', side: 'destination' });
  });
});

function patchMove(state: Farm['state'], keys: Partial<MoveState>): void {
  const move = state.moves.get('farm');
  if (move) state.moves.set('farm', { ...move, ...keys });
}

function holdMoves(state: Farm['state']): void {
  const hold = {
    kind: 'no_starts' as const,
    reason: null,
    since: 0,
    until: null,
    moves: true,
    jobs: null,
    until_steady: null,
    set_by: 'command' as const,
    declared: false,
  };
  state.farm = { ...state.farm, holds: { night: hold } };
}

function patchOwn(state: Farm['state'], keys: Partial<TransferState>): void {
  const own = state.transfers.get('farm-x');
  if (own) state.transfers.set('farm-x', { ...own, ...keys });
}

function chosenOn(state: Farm['state'], filesystem: string): TransferState['replot'] {
  return (state.transfers.get('farm-x')?.replot ?? []).map((plot) => ({ ...plot, filesystem }));
}
