import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOTHING_SHOWN } from '../../../../src/daemon/publishing/disk-room.ts';
import { OldPlotFigures } from '../../../../src/daemon/publishing/old-plot-figures.ts';
import { farmView } from '../../../../src/engine/views/farm-view.ts';
import { PlotHistory } from '../../../../src/storage/plot-records.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';
import type { JobInput } from '../../engine/plotter.ts';

const BEFORE = '2026-01-01T00:00:00Z';
const old = (month: number, k = 32) => `plot-k${k}-2021-0${month}-01-00-00-old.plot`;

function farm(jobs: (at: (...names: string[]) => string) => Record<string, JobInput>) {
  const root = temporaryDirectory();
  const at = (...names: string[]) => join(root, ...names);
  for (const name of ['a', 'b', 'c', 'data']) mkdirSync(at(name));
  const put = (dir: string, name: string, text = '12345') => writeFileSync(at(dir, name), text);
  const bench = new Bench(jobs(at));
  const figures = new OldPlotFigures({
    state: bench.state,
    settings: () => bench.settings,
    records: new PlotHistory(at('data', 'history.jsonl')),
  });
  const shown = async () => {
    await figures.look();
    return [figures.farm?.old_plots, figures.farm?.old_bytes, figures.of(at('a')), figures.of(at('b'))];
  };
  return { at, put, bench, figures, shown };
}

const job = (dest_dir: string, rule: JobInput = {}): JobInput => ({
  replot: { before: BEFORE, ...rule },
  arguments: { dest_dir },
});

describe('what rules would still remove', () => {
  it('is counted once for each file, whichever jobs mean it, by directory', async () => {
    const { at, put, shown } = farm((at) => ({
      all: job(at('a')),
      some: job(at('a'), { k: 32, dirs: [at('*')] }),
      other: job(at('b'), { dirs: [at('b'), at('again')], dry_run: true }),
      none: { arguments: { dest_dir: at('c') } },
    }));
    symlinkSync('b', at('again'));
    put('a', old(1));
    put('a', old(2, 33));
    put('a', 'plot-k32-2026-06-01-00-00-new.plot');
    put('b', old(3));
    put('b', old(4, 33), '1');
    put('c', old(5), '123');
    // That of c is counted for the destination of the job that means it.
    expect(await shown()).toEqual([5, 19, { old_plots: 3, old_bytes: 13 }, { old_plots: 2, old_bytes: 6 }]);
    unlinkSync(at('a', old(1)));
    put('b', old(6), '');
    expect(await shown()).toEqual([5, 14, { old_plots: 2, old_bytes: 8 }, { old_plots: 3, old_bytes: 6 }]);
  });

  it('is nothing without a rule, with one that may not remove, and of what this daemon made', async () => {
    const { at, put, shown, bench } = farm((at) => ({ all: job(at('a')) }));
    put('a', old(1));
    const line = {
      worker: 'w',
      job: 'all',
      result: 'done',
      plot: `/else/${old(1)}`,
      ended_at: '2026-02-01T00:00:00Z',
    };
    writeFileSync(at('data', 'history.jsonl'), `${JSON.stringify(line)}\n`);
    expect(await shown()).toEqual([0, 0, { old_plots: 0, old_bytes: 0 }, { old_plots: 0, old_bytes: 0 }]);
    put('a', old(2));
    expect((await shown())[0]).toBe(1);
    bench.job('all').owner = 'mqtt';
    expect((await shown())[0]).toBe(0);
    bench.configure({ all: { arguments: { dest_dir: at('a') } } });
    expect((await shown())[0]).toBe(0);
  });

  it('is not known of a directory that is away', async () => {
    const { at, put, shown } = farm((at) => ({ first: job(at('a')), second: job(at('b')) }));
    put('a', old(1), '1');
    rmSync(at('b'), { recursive: true });
    expect(await shown()).toEqual([1, 1, { old_plots: 1, old_bytes: 1 }, null]);
    mkdirSync(at('b'));
    put('b', old(2), '2');
    expect((await shown())[0]).toBe(2);
  });

  it('is not known before the first look, nor while the history can’t be read', async () => {
    const { at, put, shown, figures } = farm((at) => ({ all: job(at('a')) }));
    put('a', old(1));
    expect([figures.farm, figures.of(at('a'))]).toEqual([null, null]);
    mkdirSync(at('data', 'history.jsonl'));
    expect(await shown()).toEqual([undefined, undefined, null, null]);
    rmSync(at('data', 'history.jsonl'), { recursive: true });
    expect((await shown())[0]).toBe(1);
  });
});

it('the farm shows it, and when none is left at the pace of the last days', () => {
  const bench = new Bench({ nightly: { replot: { before: BEFORE }, max_workers: 0 } });
  for (let number = 0; number < 4; number += 1)
    bench.farm.oldPlots.push({ file: `/dest/${number}.plot`, size: 1 });
  const view = (old_plots: number | null) =>
    farmView(
      bench.state,
      { now: bench.now, steady: bench.now },
      {
        ...{ today: '2026-11-23', storage: 'ok', disks: [], room: NOTHING_SHOWN.farm },
        oldPlots: old_plots === null ? null : { old_plots, old_bytes: 7 },
      },
    );
  expect(view(8)).toMatchObject({ old_plots: 8, old_bytes: 7, replot_eta: null });
  bench.exit(bench.startOne());
  bench.exit(bench.startOne());
  expect(view(8).replot_eta).toBe(new Date(bench.now + 4 * 86_400_000).toISOString());
  expect(view(0).replot_eta).toBe(null);
  expect(view(null)).toMatchObject({ old_plots: null, old_bytes: null, replot_eta: null });
  bench.restart();
  expect(view(8).replot_eta).not.toBe(null);
});
