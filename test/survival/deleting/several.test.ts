import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';
import { rounds } from '../support/size.ts';

const EACH = 20;
const ROUNDS = rounds(4, 30);
const BEFORE = '2022-01-01T00:00:00Z';
const oldPlot = (number: number) => `plot-k32-2021-01-01-00-00-${String(number).padStart(4, '0')}.plot`;

/** A job that replaces so many old plots by one, and enough of them. */
async function prepared(): Promise<TestDaemon> {
  const daemon = await prepareDaemon({
    config: { jobs: { job: { ...QUICK, max_failures: 0, replot: { before: BEFORE, max_per_plot: EACH } } } },
  });
  mkdirSync(daemon.path('plots'), { recursive: true });
  for (let number = 0; number < EACH * (ROUNDS + 1); number += 1)
    writeFileSync(daemon.path('plots', oldPlot(number)), 'old plot');
  return daemon;
}

const left = (daemon: TestDaemon) =>
  readdirSync(daemon.path('plots')).filter((name) => name.startsWith('plot-k32-2021-01'));

test('killed between their choice and their removal, no plots go but those that were chosen', async () => {
  const daemon = await prepared();
  await daemon.start();
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { bus } = daemon;
    await bus.command('job/job/do/start');
    // After one of them, more of them each round.
    await bus.event('replot_removed', {}, (round - 1) * EACH + 1 + ((round * 7) % EACH));
    await daemon.restart();
    await daemon.bus.event('worker_end', { result: 'done' }, round);
    const gone = new Set(daemon.bus.events({ type: 'replot_removed' }).map(({ file }) => file));
    expect(gone.size).toBe(round * EACH);
    expect(left(daemon)).toEqual(
      Array.from({ length: EACH * (ROUNDS + 1 - round) }, (_, index) => oldPlot(index + round * EACH)),
    );
  }
});
