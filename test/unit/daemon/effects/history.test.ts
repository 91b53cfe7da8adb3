import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { SteadyClock } from '../../../../src/daemon/clock.ts';
import { OldPlotsRemoval } from '../../../../src/daemon/effects/old-plots.ts';
import { EffectPerformer } from '../../../../src/daemon/effects/perform.ts';
import { Places } from '../../../../src/daemon/effects/places.ts';
import { Processes } from '../../../../src/daemon/effects/processes.ts';
import { RemoteFires } from '../../../../src/daemon/effects/remote-fires.ts';
import { Timers } from '../../../../src/daemon/effects/timers.ts';
import { Moving } from '../../../../src/daemon/moving/moving.ts';
import type { HistoryLine } from '../../../../src/engine/model/history-line.ts';
import { emptyState } from '../../../../src/engine/model/state.ts';
import { openHistory } from '../../../../src/storage/history.ts';
import { PlotHistory } from '../../../../src/storage/plot-records.ts';

const dir = mkdtempSync(join(tmpdir(), 'history-'));
afterEach(() => rmSync(dir, { recursive: true }));

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
  plotter: 'madmax',
  result: 'done',
  plot: '/plots/a.plot',
  started_at: '2026-11-23T09:00:00.000Z',
  ended_at: '2026-11-23T10:00:00.000Z',
  duration_s: 3600,
  error: null,
} satisfies HistoryLine;

it('writes no line twice that an earlier daemon wrote, also where the first try fails', async () => {
  const log = pino({ level: 'silent' });
  const state = emptyState('test');
  const file = join(dir, 'history.jsonl');
  const real = openHistory(file);
  real.append([JSON.stringify(LINE)]);
  state.history.set(LINE.worker, LINE);
  let failures = 1;
  const append: typeof real.append = (lines) => {
    failures -= 1;
    if (failures >= 0) throw new Error('no space left on device');
    return real.append(lines);
  };
  const take = () => undefined;
  const postpone = () => false;
  const timers = new Timers(() => undefined);
  const wake = vi.spyOn(timers, 'set');
  const allowance = () => ({
    security: { allow_replot_over_mqtt: false, allow_commands_over_mqtt: false, allowed_dirs: [] },
    ownDirectories: [],
  });
  const clock = new SteadyClock();
  const oldPlots = new OldPlotsRemoval({
    ...{ state, records: new PlotHistory(file), allowance, log },
    keptFree: () => 0,
    suffixes: () => ['.plot'],
  });
  const directories = { dataDir: dir, directory: dir, binDirectory: dir };
  const places = new Places({ disks: () => [], matched: () => ({}), onMatched: () => {} });
  const processes = new Processes({
    state,
    ...directories,
    allowance,
    clock,
    take,
    putOff: postpone,
    postpone,
    log,
  });
  const moving = new Moving({
    ...{ state, dataDir: dir, program: '', clock, take, putOff: postpone, postpone, log, places, quietMs: 0 },
    records: new PlotHistory(join(dir, 'history.jsonl')),
    settings: () => ({ moves: new Map(), plotters: new Map(), disks: [] }),
  });
  const mask = (text: string) => text;
  const history = { ...real, append };
  const mqtt = { send: postpone, sub: take, onConnected: take };
  const remoteFires = new RemoteFires({ mqtt, delivered: take, log });
  const performer = new EffectPerformer({
    ...{ state, dataDir: dir, processes, moving, places, oldPlots },
    ...{ allowance, timers, history, remoteFires, mask, take, log },
  });

  performer.perform({ type: 'history' });
  await performer.recovered();
  expect(wake).toHaveBeenCalledExactlyOnceWith({ kind: 'history' }, expect.any(Number));
  performer.perform({ type: 'history' });
  timers.stop();

  expect(failures).toBeLessThan(0);
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
});
