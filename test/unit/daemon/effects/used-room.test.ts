import { expect, it } from 'vitest';
import { usedBy } from '../../../../src/daemon/effects/used-room.ts';
import { Bench } from '../../engine/bench.ts';

it('workers that end before it is their turn to be measured, or before they are asked for, take nothing down', async () => {
  const bench = new Bench({ nightly: { max_workers: 9 } });
  // All on one file system, which is looked at once at a time: the second waits for its turn.
  const one = bench.startOne();
  const two = bench.startOne();
  const asked = [usedBy(one, bench.state, 60_000), usedBy(two, bench.state, 60_000)];
  bench.exit(one);
  bench.exit(two);
  const nothing = { temp_bytes: 0, plot_bytes: 0 };
  expect(await Promise.all(asked)).toEqual([nothing, nothing]);
  expect(await usedBy(one, bench.state, 60_000)).toBeNull();
});
