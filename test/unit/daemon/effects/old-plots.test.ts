import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { OldPlotsRemoval } from '../../../../src/daemon/effects/old-plots.ts';
import type { HistoryLine } from '../../../../src/engine/model/history-line.ts';
import { PlotHistory } from '../../../../src/storage/plot-records.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';

const BEFORE = '2026-01-01T00:00:00Z';

/** A farm with one plot that is old by its file, and a worker that looks for one. */
function looking() {
  const plots = temporaryDirectory();
  const file = join(plots, 'old.plot');
  writeFileSync(file, 'old');
  utimesSync(file, new Date('2025-01-01'), new Date('2025-01-01'));
  const job = { replot: { before: BEFORE }, max_workers: 0, arguments: { dest_dir: plots } };
  const bench = new Bench({ nightly: job });
  bench.hold('replot_find', 'history');
  const worker = bench.startOne();
  const history = join(plots, 'history.jsonl');
  const security = { allow_replot_over_mqtt: false, allow_commands_over_mqtt: false, allowed_dirs: [] };
  const oldPlots = new OldPlotsRemoval({
    state: bench.state,
    records: new PlotHistory(history),
    allowance: () => ({ security, ownDirectories: [] }),
    keptFree: () => 0,
    suffixes: () => ['.plot'],
    log: pino({ level: 'silent' }),
  });
  const find = () => oldPlots.find({ type: 'replot_find', worker: worker.id });
  return { bench, worker, plots, file, history, find };
}

it('a worker for which an old plot went before takes its room, and removes none', async () => {
  const { bench, file, find } = looking();
  const first = await find();
  if (first.kind !== 'chosen') throw new Error(`found ${JSON.stringify(first)}`);
  expect(first).toMatchObject({ plots: [{ file, size: 3 }], credit: [] });

  const { filesystem } = first;
  bench.job().replot_credit = { [filesystem]: [3, 3] };
  expect(await find()).toEqual({ kind: 'chosen', filesystem, plots: [], credit: [3] });
});

const LINE = {
  run: null,
  cause: null,
  size: null,
  temp_dir: null,
  dest_dir: null,
  energy_kwh: null,
  cost: null,
  phases: {},
  worker: 'nightly-1',
  job: 'nightly',
  slot: 1,
  plotter: 'small',
  result: 'done',
  plot: '/plots/a.plot',
  started_at: '2026-11-23T09:00:00.000Z',
  ended_at: '2026-11-23T10:00:00.000Z',
  duration_s: 3600,
  error: null,
} satisfies HistoryLine;

it.each([
  ['twice', [LINE, LINE], []],
  ['in the file and outstanding', [LINE], [LINE]],
  ['of a plot that was moved', [LINE, { ...LINE, worker: 'other', result: 'moved' }], []],
])('a line %s hides no record that is missing', async (_, written, outstanding) => {
  const { bench, plots, file, history, find } = looking();
  // Old by its name, not by its file: with records missing it stays.
  const named = join(plots, `plot-k32-2025-01-01-00-00-${'0'.repeat(64)}.plot`);
  renameSync(file, named);
  utimesSync(named, new Date('2026-06-01'), new Date('2026-06-01'));
  writeFileSync(history, written.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const line of outstanding) bench.state.history.set(line.worker, line);
  bench.state.plots_done = 1;
  expect(await find()).toMatchObject({ kind: 'chosen' });
  bench.state.plots_done = 2;
  expect(await find()).toEqual({ kind: 'none' });
});
