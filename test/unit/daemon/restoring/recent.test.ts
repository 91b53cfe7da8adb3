import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countForFirstTime } from '../../../../src/daemon/restoring/recent.ts';
import { snapshotMigrations } from '../../../../src/engine/model/migrations.ts';
import { fromSnapshot, toSnapshot } from '../../../../src/engine/model/snapshot.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench, hour } from '../../engine/bench.ts';

/** A state of version 1, which knew neither failed plots nor when plots were made; and the history beside it. */
function ofVersion1(lines: object[]) {
  const bench = new Bench({ nightly: {} });
  const { recent_plots: _, left: __, written: ___, ...values } = toSnapshot(bench.state);
  const state = fromSnapshot(snapshotMigrations[1]?.(values));
  const dataDir = temporaryDirectory();
  writeFileSync(join(dataDir, 'history.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const clock = { now: () => bench.now, at: () => bench.now, goOn: () => {} };
  const options = { dataDir, now: () => bench.now, clock };
  return { state, options };
}

const AT = new Date(new Bench({}).now - hour).toISOString();
const line = (worker: string, over: object = {}) => ({
  ...{ worker, job: 'nightly', slot: 1, plotter: 'small', result: 'done', plot: `/dest/${worker}.plot` },
  ...{ started_at: AT, ended_at: AT, duration_s: 60, error: null, ...over },
});

it('a state of version 1 gets its figures from the history, once', () => {
  const lines = [
    line('a', { ended_at: '2026-01-01T00:00:00Z' }),
    line('b'),
    line('c', { result: 'failed', plot: null }),
    line('d', { result: 'dismissed', plot: null }),
  ];
  const { state, options } = ofVersion1(lines);
  expect(countForFirstTime(options, state)).toBe(true);
  expect(state.recent_plots).toHaveLength(1);
  expect(state.jobs.get('nightly')).toMatchObject({ plots_failed: 1, recent_plots: [expect.anything()] });
  expect(countForFirstTime(options, state)).toBe(false);
});

it('without a history there is nothing to count', () => {
  const { state, options } = ofVersion1([]);
  expect(countForFirstTime(options, state)).toBe(true);
  expect(state).toMatchObject({ recent_plots: [] });
  expect(state.jobs.get('nightly')?.plots_failed).toBe(0);
});
