import { accessSync, type BigIntStats, constants } from 'node:fs';
import { dirname } from 'node:path';
import { reading, writing } from './copy-bytes.ts';
import { copyPlot } from './copy-plot.ts';
import { pinned } from './failing.ts';
import { finishGone } from './finish-gone.ts';
import { finishPlaced } from './finish-placed.ts';
import type { MoveTask, MoveWatch } from './move-task.ts';
import { nameAnew } from './name-anew.ts';
import { lookAt } from './note.ts';
import { openPlace } from './open-place.ts';
import { type PlotMove, plotMove } from './plot-move.ts';
import { type HowMoved, MoveFailure } from './report.ts';
import { flushPlaced } from './settle.ts';

/**
 * Moves a plot into a directory. Wherever it is interrupted, the plot is whole in one place at least, and the same move,
 * begun again, brings it to its end. Nothing is ever overwritten, and only what this move has made itself is removed,
 * and the source, once the plot is safely in its place.
 *
 * @throws {MoveFailure} having removed what it had written, as far as the disk lets it
 * @throws {MoveStopped} the same
 */
export async function moveFile(task: MoveTask, watch: MoveWatch): Promise<HowMoved> {
  const from = reading(() => openPlace(dirname(task.file)));
  try {
    const to = writing(() => openPlace(task.to));
    try {
      return await run(plotMove(task, { from, to }, watch));
    } finally {
      to.close();
    }
  } finally {
    from.close();
  }
}

async function run(move: PlotMove): Promise<HowMoved> {
  const { task, from, to, name, watch } = move;
  if (to.dev === from.dev && to.ino === from.ino)
    throw new MoveFailure('other', `${task.file} is in ${to.path} already`);
  const source = reading(() => lookAt(from.at(name)));
  const placed = writing(() => lookAt(to.at(name)));
  if (source === null) return finishGone(move, placed);
  checkSource(move, source);
  watch.at('begun');
  if (placed !== null) return finishPlaced(move, source, placed);
  return (await rename(move, source)) ?? copyPlot(move, source);
}

function checkSource({ task: { file, expected }, from }: PlotMove, source: BigIntStats): void {
  if (!source.isFile() || source.size === 0n) throw new MoveFailure('source', `${file} is no plot`);
  const { size, ino, mtime_ns } = expected;
  const same = String(source.size) === size && String(source.ino) === ino;
  if (!same || String(source.mtimeNs) !== mtime_ns)
    throw new MoveFailure('source', `${file} has changed since it was found`);
  // Before it is copied, not after: what can't be removed would be in two places.
  reading(() => accessSync(from.at('.'), constants.W_OK | constants.X_OK));
}

/** Where both are on one file system: nothing is copied. `null`: they aren't, after all. */
async function rename(move: PlotMove, source: BigIntStats): Promise<HowMoved | null> {
  const { from, to, name, watch } = move;
  if (source.dev !== to.dev) return null;
  const path = to.at(name);
  const named = writing(() => nameAnew(from.at(name), path));
  // Of one file system are also several mounts of it, and subvolumes, between which nothing can be renamed.
  if (named === 'elsewhere') return null;
  if (named === 'renamed') {
    flushPlaced(move);
    pinned('source', () => from.sync());
    return 'renamed';
  }
  const placed = writing(() => lookAt(path));
  if (placed === null) throw new MoveFailure('destination', `${path} was there, and is gone again`);
  watch.at('linked');
  return finishPlaced(move, source, placed);
}
