import { type BigIntStats, closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { reading, writing } from './copy-bytes.ts';
import { pinned } from './failing.ts';
import { nameAnew } from './name-anew.ts';
import { lookAt } from './note.ts';
import type { PlotMove } from './plot-move.ts';
import { type HowMoved, MoveFailure } from './report.ts';
import { haveSameContent } from './same-content.ts';
import { flushPlaced, putBack, showOneFile } from './settle.ts';

/**
 * The source is gone: this move may have removed it itself, before it was interrupted, or somebody else has. It is done
 * where the destination has the whole plot, and nothing of it is anywhere else.
 */
export async function finishGone(move: PlotMove, found: BigIntStats | null): Promise<HowMoved> {
  const { from, to, written } = move;
  const { file, expected } = move.task;
  const aside = asideOf(move);
  const placed = found ?? (aside === null ? nameWholeCopy(move) : null);
  if (placed === null && aside !== null) return putBack(move, showOneFile(move));
  if (placed === null || !placed.isFile() || String(placed.size) !== expected.size)
    throw new MoveFailure('source', `${file} is gone`, { gone: aside === null && areSameDisks(move) });
  const isCopy = written.has(placed);
  const isRenamed = String(placed.ino) === expected.ino && placed.dev === from.dev;
  // What went aside is the only one that is surely whole, where nobody knows the other one.
  if (aside !== null && !isCopy && !isRenamed && !(await isSame(move)))
    return putBack(move, `there is another file of that name: ${join(to.path, move.name)}`);
  flushPlaced(move);
  written.unlinkTmp();
  pinned('source', () => {
    if (aside !== null) unlinkSync(from.at(move.aside));
    from.sync();
  });
  return isCopy ? 'copied' : isRenamed ? 'renamed' : 'found';
}

/** A copy that was written to its end is the only plot there is: it gets its name. `null`: there is none. */
function nameWholeCopy({ to, name, written, task: { expected } }: PlotMove): BigIntStats | null {
  return writing(() => {
    const copy = lookAt(to.at(written.tmp));
    if (copy === null || !written.has(copy) || String(copy.size) !== expected.size) return null;
    nameAnew(to.at(written.tmp), to.at(name));
    return lookAt(to.at(name));
  });
}

/** The source under its other name. Some file systems give it another inode each time they are mounted. */
function asideOf({ from, aside, task: { expected } }: PlotMove): BigIntStats | null {
  const found = reading(() => lookAt(from.at(aside)));
  if (!found?.isFile() || String(found.size) !== expected.size) return null;
  const { ino, mtimeNs } = found;
  return String(ino) === expected.ino || String(mtimeNs) === expected.mtime_ns ? found : null;
}

async function isSame({ from, to, name, aside, watch }: PlotMove): Promise<boolean> {
  const fd = reading(() => openSync(from.at(aside), constants.O_RDONLY | constants.O_NOFOLLOW));
  try {
    return await haveSameContent(fd, to.at(name), watch.isStopped);
  } finally {
    closeSync(fd);
  }
}

/** Whether both directories are on the disks on which they were: where one isn't mounted nobody knows what it has. */
function areSameDisks({ from, to, written: { note }, task: { expected } }: PlotMove): boolean {
  return String(from.dev) === expected.device && (note === null || String(to.dev) === note.dev);
}
