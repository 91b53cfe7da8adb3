import { type BigIntStats, closeSync } from 'node:fs';
import { join } from 'node:path';
import { type PlotMove, openSource } from './plot-move.ts';
import { type HowMoved, MoveFailure } from './report.ts';
import { haveSameContent } from './same-content.ts';
import { settle } from './settle.ts';

/** There is a file of that name in the destination: of this move, of another with the same content, or another plot. */
export async function finishPlaced(
  move: PlotMove,
  source: BigIntStats,
  placed: BigIntStats,
): Promise<HowMoved> {
  const { to, name, written } = move;
  if (placed.dev === source.dev && placed.ino === source.ino) return settle(move, source, 'renamed');
  const isCopy = placed.size === source.size && written.note?.found !== true && written.has(placed);
  if (isCopy) return settle(move, source, 'copied');
  if (!(await isSame(move, source, placed)))
    throw new MoveFailure(
      'other',
      `there is another file of that name, which is never overwritten: ${join(to.path, name)}`,
    );
  // What it had begun itself goes as long as the note says what that is.
  written.unlinkTmp();
  written.noteFound(placed);
  return settle(move, source, 'found');
}

async function isSame(move: PlotMove, source: BigIntStats, placed: BigIntStats): Promise<boolean> {
  if (!placed.isFile() || placed.size !== source.size) return false;
  const fd = openSource(move, source);
  try {
    return await haveSameContent(fd, move.to.at(move.name), move.watch.isStopped);
  } finally {
    closeSync(fd);
  }
}
