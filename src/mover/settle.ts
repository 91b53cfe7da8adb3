import { type BigIntStats, closeSync, constants, fsyncSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { writing } from './copy-bytes.ts';
import { pinned } from './failing.ts';
import { lookAt } from './note.ts';
import { changed, checkPlace, isStill, type PlotMove } from './plot-move.ts';
import { type HowMoved, MoveFailure } from './report.ts';

/** The plot is whole in its place: from here on it is only to be made sure of, and the source to be removed. */
export function settle(move: PlotMove, source: BigIntStats, how: HowMoved): HowMoved {
  const { watch, written } = move;
  written.unlinkTmp();
  watch.at('placed');
  flushPlaced(move);
  watch.at('durable');
  checkPlace(move, { pinned: true });
  const hasChanged = how !== 'renamed' && !isStill(move, source);
  if (hasChanged && how === 'copied') takeBack(move);
  if (hasChanged) throw changed(move);
  removeSource(move, source);
  watch.at('removed');
  // The note stays until it is told: who kills this process now has another one find that it is done.
  return how;
}

/**
 * The source gets another name before it goes: where both directories show one and the same file (a pool of disks, and
 * one of its disks), the plot is gone from its place with that, and comes back. Of a renamed one only the old name goes.
 */
function removeSource(move: PlotMove, source: BigIntStats): void {
  const { from, to, watch } = move;
  const [name, aside] = [from.at(move.name), from.at(move.aside)];
  pinned('source', () => {
    const present = lookAt(name);
    if (present === null || present.ino !== source.ino) return from.sync();
    if (lookAt(aside) !== null) throw new Error(`there is a file ${move.aside} in ${from.path}`);
    renameSync(name, aside);
  });
  watch.at('aside');
  if (writing(() => lookAt(to.at(move.name))) === null) putBack(move);
  pinned('source', () => {
    if (lookAt(aside) !== null) unlinkSync(aside);
    from.sync();
  });
}

/** What went aside was the only one. */
export function putBack({ from, to, name, aside, written }: PlotMove): never {
  pinned('source', () => {
    renameSync(from.at(aside), from.at(name));
    from.sync();
  });
  written.forget();
  throw new MoveFailure(
    'other',
    `${from.path} and ${to.path} show one and the same file: it stays where it is`,
  );
}

/** The plot in its place, and its name, survive a loss of power. */
export function flushPlaced({ to, name }: PlotMove): void {
  pinned('destination', () => {
    const fd = openSync(to.at(name), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    to.sync();
  });
}

/** The source has become another file: what was made of the one before goes. */
function takeBack({ to, name, written }: PlotMove): void {
  pinned('destination', () => {
    const placed = lookAt(to.at(name));
    if (placed !== null && written.has(placed)) unlinkSync(to.at(name));
    to.sync();
  });
  written.forget();
}
