import { type BigIntStats, unlinkSync } from 'node:fs';
import { reading } from './copy-bytes.ts';
import { pinned } from './failing.ts';
import { lookAt } from './note.ts';
import type { PlotMove } from './plot-move.ts';
import { type HowMoved, MoveFailure } from './report.ts';
import { flushPlaced, putBack } from './settle.ts';

/** The source is gone: this move may have removed it itself, before it was interrupted. */
export function finishGone(move: PlotMove, placed: BigIntStats | null): HowMoved {
  const { from, written } = move;
  const { file, expected } = move.task;
  const aside = reading(() => lookAt(from.at(move.aside)));
  const isAside = aside !== null && String(aside.ino) === expected.ino;
  if (isAside && placed === null) putBack(move);
  const isCopy = placed !== null && written.has(placed);
  const isRenamed = placed !== null && String(placed.ino) === expected.ino && placed.dev === from.dev;
  if (placed === null || String(placed.size) !== expected.size || !(isCopy || isRenamed || isAside))
    throw new MoveFailure('source', `${file} is gone`);
  flushPlaced(move);
  written.unlinkTmp();
  pinned('source', () => {
    if (isAside) unlinkSync(from.at(move.aside));
    from.sync();
  });
  return isCopy ? 'copied' : 'renamed';
}
