import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OldPlotsRemoval } from '../../../../src/daemon/effects/old-plots.ts';
import type { FoundPlots } from '../../../../src/engine/inputs.ts';
import type { TransferState } from '../../../../src/engine/model/transfer-state.ts';
import { PlotHistory } from '../../../../src/storage/plot-records.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';
import { MovingBench, plot } from '../../engine/moving/moving.ts';

const BEFORE = '2026-01-01T00:00:00Z';
const old = (month: number) => `plot-k32-2021-0${month}-01-00-00-old.plot`;

/** A plot that a move has on its way. */
function onItsWay(): TransferState {
  const bench = new MovingBench();
  bench.lies(plot('a'));
  const [transfer] = bench.transfers;
  if (!transfer) throw new Error('nothing is on its way');
  return transfer;
}

interface Rule {
  [key: string]: unknown;
}

/** Real files, a worker that looks for old plots among them, and what chooses and removes them. */
function farm(
  rule: Rule = {},
  { job = {}, free = true, more = [] }: { job?: Rule; free?: boolean; more?: string[] } = {},
) {
  const root = temporaryDirectory();
  const at = (...names: string[]) => join(root, ...names);
  for (const name of ['plots', 'other', 'outside', 'data']) mkdirSync(at(name));
  const put = (dir: string, ...names: string[]) => {
    for (const name of names) writeFileSync(at(dir, name), 'old');
  };
  const replot = { before: BEFORE, max_per_plot: 9, ...rule };
  const bench = new Bench({
    nightly: {
      ...{ replot, max_workers: 0, check_space: !free },
      arguments: {
        dest_dir: more.length === 0 ? at('plots') : [at('plots'), ...more.map((each) => resolve(root, each))],
      },
      ...job,
    },
  });
  bench.hold('replot_find', 'replot_remove', 'history');
  const worker = bench.startOne();
  const security = {
    allow_replot_over_mqtt: true,
    allow_commands_over_mqtt: false,
    allowed_dirs: [at('plots')],
  };
  const parts = new OldPlotsRemoval({
    state: bench.state,
    records: new PlotHistory(at('data', 'history.jsonl')),
    allowance: () => ({ security, ownDirectories: [] }),
    keptFree: () => 0,
    suffixes: () => ['.plot'],
    log: pino({ level: 'silent' }),
  });
  /** Chooses as the daemon does: what is found is written down. */
  const choose = async (): Promise<string[]> => {
    const found: FoundPlots = await parts.find({ type: 'replot_find', worker: worker.id });
    bench.feedOnly({ type: 'replot_found', worker: worker.id, found });
    return worker.replot.map(({ file }) => file.slice(root.length + 1));
  };
  const remove = async () => {
    const [plot] = worker.replot;
    const file = plot?.file ?? '';
    return (await parts.remove({ type: 'replot_remove', worker: worker.id, file })).kind;
  };
  const left = (dir: string) => readdirSync(at(dir)).sort();
  return { bench, worker, at, put, choose, remove, left, parts };
}

describe('a rule chooses', () => {
  it('in all its directories, the oldest first, and in no others', async () => {
    const { put, choose, at, worker } = farm();
    put('plots', old(2), old(4));
    put('other', old(1), old(3));
    put('outside', old(5));
    if (worker.replot_rule)
      worker.replot_rule = { ...worker.replot_rule, dirs: [at('pl*'), at('o?her'), at('none')] };
    expect(await choose()).toEqual([
      `other/${old(1)}`,
      `plots/${old(2)}`,
      `other/${old(3)}`,
      `plots/${old(4)}`,
    ]);
  });

  it('in all destinations of its job on the file system of the one that the worker got, and in no others', async () => {
    const shm = mkdtempSync('/dev/shm/plot2mqtt-');
    onTestFinished(() => rmSync(shm, { recursive: true }));
    const { put, choose, remove, worker } = farm({ max_per_plot: 2 }, { more: ['other', shm, 'none'] });
    expect(worker.placement.at(-1)?.path).toMatch(/plots$/);
    put('plots', old(2), old(4));
    put('other', old(3));
    put('outside', old(1));
    writeFileSync(join(shm, old(1)), 'old');
    expect(await choose()).toEqual([`plots/${old(2)}`, `other/${old(3)}`]);
    expect(await remove()).toBe('removed');
    expect(readdirSync(shm)).toEqual([old(1)]);
  });

  it('none in another destination that arrived over MQTT and leads out by now', async () => {
    const { put, choose, worker, at, bench, left } = farm({}, { more: ['other'] });
    put('other', old(1));
    put('outside', old(2));
    rmSync(at('other'), { recursive: true });
    symlinkSync(at('outside'), at('other'));
    const run = bench.state.runs.get(worker.run);
    if (run) run.over_mqtt = [at('plots')];
    expect(await choose()).toEqual([]);
    expect(worker.replot_refused).toMatch(/is, or leads, outside/);
    expect(left('outside')).toEqual([old(2)]);
  });

  it('nothing that its names don’t say', async () => {
    const { put, choose } = farm({ match: 'plot-k*', k: 32, compression: [0] });
    const names = [
      'plot-mmx-k32-2021-01-01-00-00-a.plot',
      'plot-k33-2021-01-01-00-00-a.plot',
      'plot-k32-c05-2021-01-01-00-00-a.plot',
      'plot-k32-C5-2021-01-01-00-00-a.plot',
      'plot-k32-k33-2021-01-01-00-00-a.plot',
      'plot-k320-2021-01-01-00-00-a.plot',
      'plot-2021-01-01-00-00-k32.plot.tmp',
      '.plot-k32-2021-01-01-00-00-a.plot',
      'plot-k32-2021-01-01-00-00-a.plot2',
      'plot-k32-2026-06-01-00-00-2021-01-01-00-00-a.plot',
      'plot-k32-2021-01-01-00-00-2026-06-01-00-00-a.plot',
      // Without a date that can be, its file's counts, which is of today.
      'plot-k32-1970-01-01-00-00-a.plot',
      'plot-k32-2021-13-01-00-00-a.plot',
    ];
    put('plots', ...names, old(1));
    expect(await choose()).toEqual([`plots/${old(1)}`]);
  });

  it('nothing that other workers have in hand, whichever jobs they are of', async () => {
    const { bench, put, choose, at } = farm();
    put('plots', old(1), old(2), old(3));
    bench.configure({
      nightly: {
        replot: { before: BEFORE, max_per_plot: 9 },
        max_workers: 0,
        arguments: { dest_dir: at('plots') },
      },
      other: { arguments: { dest_dir: at('plots') } },
    });
    const making = bench.startOne('other');
    bench.log(making, { type: 'plot_name', name: old(1).replace('.plot', '') });
    expect(await choose()).toEqual([`plots/${old(2)}`, `plots/${old(3)}`]);
  });

  it('nothing that a move has on its way', async () => {
    const { bench, put, choose, at } = farm();
    put('plots', old(1), old(2));
    bench.state.transfers.set('t', { ...onItsWay(), file: at('plots', old(1)) });
    expect(await choose()).toEqual([`plots/${old(2)}`]);
  });

  it('none where nobody would remove it: the clock, the history, a dry run', async () => {
    const dry = farm({ dry_run: true });
    dry.put('plots', old(1));
    expect(await dry.choose()).toEqual([]);
    expect(dry.worker.step).toBe('plotter');
    const unread = farm();
    unread.put('plots', old(1));
    mkdirSync(unread.at('data', 'history.jsonl'));
    expect(await unread.choose()).toEqual([]);
    expect(unread.worker.replot_refused).toMatch(/history\.jsonl can't be read/);
  });
});

describe('between choice and removal', () => {
  const cases: [string, (made: ReturnType<typeof farm>) => void, string][] = [
    [
      'the file became a link',
      ({ at }) => {
        renameSync(at('plots', old(1)), at('outside', 'precious.plot'));
        symlinkSync(at('outside', 'precious.plot'), at('plots', old(1)));
      },
      'failed',
    ],
    [
      'the file got a second name',
      ({ at }) => linkSync(at('plots', old(1)), at('outside', 'second.plot')),
      'failed',
    ],
    [
      'another file took its name, of the same size',
      ({ at }) => {
        writeFileSync(at('plots', 'new'), 'new');
        renameSync(at('plots', 'new'), at('plots', old(1)));
      },
      'failed',
    ],
    [
      'a move took it',
      ({ bench, at }) => bench.state.transfers.set('t', { ...onItsWay(), file: at('plots', old(1)) }),
      'kept',
    ],
    ['it was written to', ({ at }) => appendFileSync(at('plots', old(1)), 'more'), 'failed'],
    [
      'it was written again, of the same size',
      ({ at }) => utimesSync(at('plots', old(1)), new Date(), new Date('2030-01-01')),
      'failed',
    ],
    [
      'a directory took its name',
      ({ at }) => {
        unlinkSync(at('plots', old(1)));
        mkdirSync(at('plots', old(1)));
      },
      'failed',
    ],
    [
      'its directory became a link to another one with such a file',
      ({ at, put }) => {
        put('outside', old(1));
        renameSync(at('plots'), at('plots-before'));
        symlinkSync('outside', at('plots'));
      },
      'failed',
    ],
    [
      'a plot of that name was made here',
      ({ bench, at }) => {
        const now = new Date().toISOString();
        const line = { worker: 'w', job: 'nightly', result: 'done', plot: `/else/${old(1)}`, ended_at: now };
        writeFileSync(at('data', 'history.jsonl'), `${JSON.stringify(line)}\n`);
        bench.state.plots_done = 1;
      },
      'kept',
    ],
    [
      'a worker makes a plot of that name',
      ({ bench }) => {
        const other = bench.startOne();
        other.plot_name = old(1).replace('.plot', '');
      },
      'kept',
    ],
    [
      'the history can’t be read any more',
      ({ at }) => {
        rmSync(at('data', 'history.jsonl'), { force: true });
        mkdirSync(at('data', 'history.jsonl'));
      },
      'kept',
    ],
    [
      'the state names a file that no rule means',
      ({ worker, at }) => {
        writeFileSync(at('plots', 'photo.jpg'), 'old');
        worker.replot = [{ file: at('plots', 'photo.jpg'), size: 3 }];
      },
      'kept',
    ],
    [
      'the state names a file elsewhere',
      ({ worker, at, put }) => {
        put('outside', old(1));
        worker.replot = [{ file: at('outside', old(1)), size: 3 }];
      },
      'kept',
    ],
    [
      'the state names a file by a way around',
      ({ worker, at, put }) => {
        put('outside', old(1));
        worker.replot = [{ file: `${at('plots')}/../outside/${old(1)}`, size: 3 }];
      },
      'kept',
    ],
    [
      'the rule wants older ones by now',
      ({ worker }) => {
        if (worker.replot_rule)
          worker.replot_rule = { ...worker.replot_rule, before: '2020-01-01T00:00:00Z' };
      },
      'kept',
    ],
    [
      'the rule is a dry run',
      ({ worker }) => {
        if (worker.replot_rule) worker.replot_rule = { ...worker.replot_rule, dry_run: true };
      },
      'kept',
    ],
    [
      'the clock was set back',
      ({ worker }) => {
        if (worker.replot_rule)
          worker.replot_rule = { ...worker.replot_rule, before: '2099-01-01T00:00:00Z' };
      },
      'kept',
    ],
  ];

  it.each(cases)('%s: nothing goes', async (_, change, outcome) => {
    const made = farm();
    made.put('plots', old(1));
    expect(await made.choose()).toEqual([`plots/${old(1)}`]);
    change(made);
    const all = () => ['plots', 'outside', 'other'].map(made.left);
    const before = all();
    expect(await made.remove()).toBe(outcome);
    expect(all()).toEqual(before);
  });

  it('a file that nobody has chosen stays', async () => {
    const { put, choose, parts, worker, at, left } = farm({ max_per_plot: 1 });
    put('plots', old(1), old(2));
    await choose();
    const file = at('plots', old(2));
    expect(await parts.remove({ type: 'replot_remove', worker: worker.id, file })).toMatchObject({
      kind: 'kept',
    });
    expect(left('plots')).toEqual([old(1), old(2)]);
  });

  it('what was chosen goes, one by one', async () => {
    const { put, choose, remove, bench, worker, left } = farm();
    put('plots', old(1), old(2));
    expect(await choose()).toHaveLength(2);
    for (const month of [1, 2]) {
      const file = worker.replot[0]?.file ?? '';
      expect(await remove()).toBe('removed');
      bench.feedOnly({ type: 'replot_removed', worker: worker.id, file, outcome: { kind: 'removed' } });
      expect(left('plots')).toEqual(month === 1 ? [old(2)] : []);
    }
    expect(worker.step).toBe('plotter');
  });
});

describe('a job over MQTT', () => {
  const over = (made: ReturnType<typeof farm>, dirs: string[]) => {
    const { bench, worker } = made;
    bench.run(worker).origin = 'mqtt';
    bench.settings.allow_replot_over_mqtt = true;
    if (worker.replot_rule) worker.replot_rule = { ...worker.replot_rule, dirs };
  };

  it('finds none where one of its directories lies outside', async () => {
    const made = farm();
    made.put('outside', old(1));
    made.put('plots', old(2));
    over(made, [made.at('plots'), made.at('outside')]);
    expect(await made.choose()).toEqual([]);
    expect(made.worker.replot_refused).toMatch(/leads, outside/);
  });

  it('removes none in a directory that leads outside by then', async () => {
    const made = farm();
    mkdirSync(made.at('plots', 'deep'));
    writeFileSync(made.at('plots', 'deep', old(1)), 'old');
    over(made, [made.at('plots', '*')]);
    expect(await made.choose()).toEqual([`plots/deep/${old(1)}`]);
    renameSync(made.at('plots', 'deep'), made.at('outside', 'deep'));
    symlinkSync(made.at('outside', 'deep'), made.at('plots', 'deep'));
    expect(await made.remove()).toBe('kept');
    expect(made.left('outside/deep')).toEqual([old(1)]);
  });
});
