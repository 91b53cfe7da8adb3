import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writtenByTransfers } from '../../../../src/daemon/effects/measure-room.ts';
import { usedBy } from '../../../../src/daemon/effects/used-room.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';
import { transferWith } from '../../engine/moving/moving.ts';

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

it('what a plot on its way has written is measured, under whichever name it has by now', async () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'a.plot.tmp'), Buffer.alloc(7));
  writeFileSync(join(dir, 'b.plot'), Buffer.alloc(9));
  const { state } = new Bench({});
  const transfer = (name: string, filesystem = 'farm') =>
    transferWith({ id: name, file: `/stage/${name}.plot`, to: dir, filesystem });
  for (const each of [transfer('a'), transfer('b'), transfer('c'), transfer('d', 'other')])
    state.transfers.set(each.id, each);
  expect(await writtenByTransfers(state, new Set(['farm']))).toEqual(
    new Map([
      ['a', 7],
      ['b', 9],
      ['c', 0],
    ]),
  );
});
