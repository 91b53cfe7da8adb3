import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Replotting } from '../../../src/daemon/replotting.ts';
import { PlotHistory } from '../../../src/storage/plot-records.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { Bench } from '../engine/bench.ts';

const BEFORE = '2026-01-01T00:00:00Z';

it('a worker that has the room of plots that never came finds an old plot beside it, no other room', async () => {
  const plots = temporaryDirectory();
  const file = join(plots, 'old.plot');
  writeFileSync(file, 'old');
  utimesSync(file, new Date('2025-01-01'), new Date('2025-01-01'));
  const bench = new Bench({ nightly: { replot: { before: BEFORE }, max_workers: 0 } });
  bench.hold('replot_find');
  const worker = bench.startOne();
  const records = new PlotHistory(join(plots, 'history.jsonl'));
  const security = { allow_replot_over_mqtt: false, allow_commands_over_mqtt: false, allowed_dirs: [] };
  const replotting = new Replotting({
    state: bench.state,
    records,
    allowance: () => ({ security, ownDirectories: [] }),
    log: pino({ level: 'silent' }),
  });
  const find = () =>
    replotting.find({ type: 'replot_find', worker: worker.id, directory: plots, before: BEFORE });
  const first = await find();
  if (first.kind !== 'plot') throw new Error(`found ${JSON.stringify(first)}`);
  expect(first.plot.file).toBe(file);

  const filesystem = first.plot.filesystem ?? '';
  bench.job().replot_credit = { [filesystem]: [3, 3] };
  expect(await find()).toEqual({ kind: 'credit', filesystem });
  worker.replot_room = { filesystem, sizes: [3] };
  expect(await find()).toEqual(first);
});
