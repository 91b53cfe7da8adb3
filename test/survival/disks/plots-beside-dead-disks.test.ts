import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Leftovers } from '../../../src/daemon/moving/leftovers.ts';
import { noteFile, transferDirectory } from '../../../src/daemon/moving/paths.ts';
import { PlotLooks } from '../../../src/host/plot-looks.ts';
import { oldestPlotsIn } from '../../../src/host/plots.ts';
import { writeNote } from '../../../src/mover/note.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { Bench } from '../../unit/engine/bench.ts';
import { CAN_HANG, mountDeadDisk } from '../support/dead-disk.ts';

const SEARCH = { before: new Date('2026-01-01'), count: 9 };

/** Two disks that never answer, and one that does, with a plot on it. */
function disks() {
  const root = temporaryDirectory();
  const dead = ['dead1', 'dead2'].map((name) => mountDeadDisk(join(root, name)).path);
  const live = join(root, 'live');
  mkdirSync(live);
  writeFileSync(join(live, 'plot-k32-2021-01-01-00-00-old.plot'), 'old');
  return { root, dead, live };
}

test.skipIf(!CAN_HANG)('old plots are found however many other disks don’t answer', async () => {
  const { dead, live } = disks();
  for (const path of dead) void oldestPlotsIn(path, [path], SEARCH).catch(() => undefined);
  const { plots } = await oldestPlotsIn(live, [live], SEARCH);
  expect(plots).toHaveLength(1);
});

test.skipIf(!CAN_HANG)('so are those of which the figures tell', async () => {
  const { dead, live } = disks();
  const looks = new PlotLooks();
  for (const path of dead) void looks.look(path);
  expect(await looks.look(live)).toMatchObject({ plots: [{ size: 3 }] });
});

test.skipIf(!CAN_HANG)('what transfers have left elsewhere is swept away', async () => {
  const { root, dead, live } = disks();
  const dev = String(statSync(live).dev);
  const leftovers = new Leftovers({ dataDir: root, state: new Bench({}).state });
  for (const [index, path] of [...dead, live].entries()) {
    const id = `farm-${index}`;
    mkdirSync(transferDirectory(root, id), { recursive: true });
    const note = { tmp: join(path, 'a.plot.tmp'), dev, made: null, at: Date.now() };
    writeNote(noteFile(root, id), note);
  }
  const tmp = join(live, 'a.plot.tmp');
  writeFileSync(tmp, '');
  for (const id of ['farm-0', 'farm-1']) void leftovers.forget(id);
  await expect
    .poll(
      async () => {
        await leftovers.forget('farm-2');
        return existsSync(tmp) || existsSync(transferDirectory(root, 'farm-2'));
      },
      { timeout: 60_000 },
    )
    .toBe(false);
});
