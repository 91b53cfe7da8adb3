import { type BigIntStats, closeSync, fstatSync, fsyncSync } from 'node:fs';
import { copyBytes, reading, writing } from './copy-bytes.ts';
import { finishPlaced } from './finish-placed.ts';
import { nameAnew } from './name-anew.ts';
import { lookAt } from './note.ts';
import { isSameFile, keepAttributes } from './plot-files.ts';
import { changed, checkPlace, hasChanged, openSource, type PlotMove } from './plot-move.ts';
import { type HowMoved, MoveFailure, MoveStopped } from './report.ts';
import { settle } from './settle.ts';

/** Copies the plot onto another disk, and gives the copy its name when it is whole. */
export async function copyPlot(move: PlotMove, source: BigIntStats): Promise<HowMoved> {
  const { written } = move;
  const from = openSource(move, source);
  try {
    const to = written.make();
    try {
      await fill(move, source, { from, to });
      closeSync(to);
    } catch (error) {
      closeSync(to);
      throw error;
    }
    return await place(move, source);
  } catch (error) {
    // What is none of these is a crash, in tests: it removes nothing.
    const isEnd = error instanceof MoveStopped || (error instanceof MoveFailure && !error.pinned);
    if (isEnd) written.giveUp();
    throw error;
  } finally {
    closeSync(from);
  }
}

/** From and to open files. */
async function fill(
  move: PlotMove,
  source: BigIntStats,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const { isStopped, copied, at } = move.watch;
  const bytes = await copyBytes(from, to, {
    isStopped,
    copied: (done) => {
      checkPlace(move);
      copied(done);
    },
  });
  at('copied');
  const present = reading(() => fstatSync(from, { bigint: true }));
  if (!isSameFile(present, source)) throw changed(move);
  keepAttributes(to, source);
  writing(() => fsyncSync(to));
  const written = writing(() => fstatSync(to, { bigint: true }).size);
  if (BigInt(bytes) !== source.size || written !== source.size)
    throw new MoveFailure('destination', `${written} of ${source.size} bytes were written`);
  at('flushed');
}

/** Gives the whole copy its name. */
async function place(move: PlotMove, source: BigIntStats): Promise<HowMoved> {
  const { to, name, written, watch } = move;
  if (hasChanged(move, source)) throw changed(move);
  if (watch.isStopped()) throw new MoveStopped();
  checkPlace(move);
  const named = writing(() => nameAnew(to.at(written.tmp), to.at(name)));
  if (named === 'elsewhere') throw new MoveFailure('destination', `${to.path} is on several disks`);
  watch.at('linked');
  const placed = writing(() => lookAt(to.at(name)));
  if (placed === null) throw new MoveFailure('destination', `${name} was given its name, and is gone`);
  // Somebody was faster.
  if (named === 'taken' && !written.has(placed)) return finishPlaced(move, source, placed);
  return settle(move, source, 'copied');
}
