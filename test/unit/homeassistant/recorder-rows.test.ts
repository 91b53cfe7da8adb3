import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FIXED_HOLDS } from '../../../src/contract/holds.ts';
import { bridgeDocument, jobDocument, workerDocument } from '../../../src/homeassistant/documents.ts';
import { BEGINNING } from '../engine/runner.ts';
import { Recorder } from './recorder.ts';
import { BASE, JOB, ReplayedPlots } from './replayed-plot.ts';

/** Rows of one plot at most, and of those that are neither progress nor ETA (contract, section 6). */
const MOST = { all: 160, others: 40 };
const FRAME = { prefix: 'homeassistant', base: BASE, instance: 'i', version: '1' };

beforeEach(() => {
  const toFake = [
    'Date',
    'performance',
    'setTimeout',
    'clearTimeout',
    'setImmediate',
    'clearImmediate',
  ] as const;
  vi.useFakeTimers({ now: BEGINNING, toFake: [...toFake] });
});
afterEach(() => {
  vi.useRealTimers();
});

const RUNS = [
  { plotter: 'chia', run: 'chia-k32', hours: 5 },
  { plotter: 'madmax', run: 'madmax-k32', hours: 1 },
];

describe.each(RUNS)('a plot of $hours hours ($run)', ({ plotter, run, hours }) => {
  it.each([0, 10])('adds few rows to the recorder, plots_to_do %i', async (plots_to_do) => {
    const look = { title: 'Nightly', limited: true, phases: ['x'] };
    const holds = [...FIXED_HOLDS.keys()].map((name) => ({ name, title: name }));
    const recorder = new Recorder([
      bridgeDocument(FRAME, { holds, fileSystems: [] }),
      jobDocument(FRAME, JOB, look),
      workerDocument(FRAME, JOB, look, 1),
    ]);
    const plots = new ReplayedPlots(plotter, { plots_to_do }, (topic, payload) =>
      recorder.hear(topic, payload),
    );
    recorder.take();
    // At the pace of the plot itself, then by what is known of this machine.
    for (const which of ['first', 'second']) {
      const took = await plots.make(run);
      expect(took).toBeGreaterThan(hours * 3_600_000);
      const rows = [...recorder.take()];
      const sum = (those: [string, number][]) => those.reduce((all, [, count]) => all + count, 0);
      const others = rows.filter(([id]) => !/_(progress|eta)$/.test(id));
      const table = rows.map(([id, count]) => `${count} ${id}`).join('\n');
      // It was a whole plot that was counted.
      const counts = new Map(rows);
      expect(counts.get(`sensor.${BASE}_${JOB}_worker_1_progress`)).toBeGreaterThan(90);
      expect(counts.get(`sensor.${BASE}_plots_done`)).toBe(1);
      expect(sum(others), `${which}\n${table}`).toBeLessThanOrEqual(MOST.others);
      expect(sum(rows), `${which}\n${table}`).toBeLessThanOrEqual(MOST.all);
    }
    plots.stop();
  });
});
