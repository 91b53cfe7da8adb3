import fc from 'fast-check';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toSnapshot } from '../../../../src/engine/model/snapshot.ts';
import { canonical } from '../canonical.ts';
import { restored } from '../replay.ts';
import { MoveChaos, happening } from './move-chaos.ts';

/** A failure is made smaller for so long, then told. */
const RUNS = { numRuns: 150, interruptAfterTimeLimit: 12_000 };
const happenings = fc.array(happening, { maxLength: 150, size: 'max' });

/** What holds after everything that happens. */
function check({ bench, wholeIn, givenUp }: MoveChaos): void {
  const files = bench.transfers.map(({ file }) => file);
  expect(new Set(files).size, 'a plot is on its way once').toBe(files.length);
  const onto = bench.transfers.flatMap(({ step, filesystem }) => (step === 'moving' ? [filesystem] : []));
  expect(new Set(onto).size, 'one at a time goes onto each file system').toBe(onto.length);
  for (const [file, places] of wholeIn)
    if (!givenUp.has(file)) expect(places.size, `${file} is in one place`).toBeLessThan(2);
}

describe('whatever happens to a move, in whatever order, with crashes in between', () => {
  it('each plot arrives in one place and is told once, and the journal tells the state', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const chaos = new MoveChaos();
        const { bench } = chaos;
        for (const each of all) {
          chaos.happen(each);
          check(chaos);
          const told = restored(bench.snapshot, bench.journal);
          expect(canonical(toSnapshot(told))).toBe(canonical(toSnapshot(bench.state)));
        }
        chaos.windDown();
        check(chaos);
        const known = [...chaos.wholeIn].filter(
          ([file, places]) => !chaos.givenUp.has(file) && !(chaos.removed.has(file) && places.size === 0),
        );
        const arrived = known.map(([file, [to = 'nowhere']]) => join(to, basename(file)));
        const told = bench.of('move_finished').map(({ plot }) => plot);
        const givenUp = new Set([...chaos.givenUp].map((file) => basename(file)));
        expect(told.filter((plot) => !givenUp.has(basename(plot))).sort()).toEqual(arrived.sort());
        expect(bench.shown).toMatchObject({ state: 'idle', waiting_for: 'none', queue: 0 });
        // What was removed by hand is told as the last failure until another one arrives.
        if (chaos.removed.size === 0) expect(bench.shown.failures).toBe(0);
      }),
      RUNS,
    );
  });
});
