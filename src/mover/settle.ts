import { type BigIntStats, closeSync, constants, fsyncSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { writing } from './copy-bytes.ts';
import { pinned } from './failing.ts';
import { nameAnew } from './name-anew.ts';
import { lookAt } from './note.ts';
import { isSameFile } from './plot-files.ts';
import { changed, checkPlace, hasChanged, type PlotMove } from './plot-move.ts';
import { type HowMoved, MoveFailure } from './report.ts';

/** The plot is whole in its place: from here on it is only to be made sure of, and the source to be removed. */
export function settle(move: PlotMove, source: BigIntStats, how: HowMoved): HowMoved {
  const { watch, written } = move;
  written.unlinkTmp();
  watch.at('placed');
  flushPlaced(move);
  watch.at('durable');
  checkPlace(move, { pinned: true });
  const isOther = how !== 'renamed' && hasChanged(move, source);
  if (isOther || !removeSource(move, source)) {
    if (how === 'copied') takeBack(move);
    throw changed(move);
  }
  watch.at('removed');
  // The note stays until it is told: who kills this process now has another one find that it is done.
  return how;
}

/**
 * The source gets another name before it goes: where both directories show one and the same file (a pool of disks, and
 * one of its disks), the plot is gone from its place with that, and comes back. Of a renamed one only the old name goes.
 * Returns whether it was still the same file.
 */
function removeSource(move: PlotMove, source: BigIntStats): boolean {
  const { from, to, watch } = move;
  const [name, aside] = [from.at(move.name), from.at(move.aside)];
  const goesAside = pinned('source', () => {
    const present = lookAt(name);
    if (present === null || present.ino !== source.ino) return false;
    if (lookAt(aside) !== null) throw new Error(`there is a file ${move.aside} in ${from.path}`);
    renameSync(name, aside);
    return true;
  });
  watch.at('aside');
  if (goesAside && writing(() => lookAt(to.at(move.name))) === null) putBack(move, showOneFile(move));
  return pinned('source', () => {
    const present = goesAside ? lookAt(aside) : null;
    if (present !== null && !isSameFile(present, source)) {
      giveNameBack(move);
      return false;
    }
    if (present !== null) unlinkSync(aside);
    from.sync();
    return true;
  });
}

/** What went aside is the only one that is surely whole: it gets its name back. `why`: in words. */
export function putBack(move: PlotMove, why: string): never {
  pinned('source', () => giveNameBack(move));
  move.written.forget();
  throw new MoveFailure('other', why);
}

function giveNameBack({ from, name, aside }: PlotMove): void {
  const named = nameAnew(from.at(aside), from.at(name));
  if (named === 'taken') throw new Error(`there is another file ${name} in ${from.path} by now`);
  if (named === 'linked') unlinkSync(from.at(aside));
  from.sync();
}

/** Why the source stays where both directories show it. */
export function showOneFile({ from, to }: PlotMove): string {
  return `${from.path} and ${to.path} show one and the same file: it stays where it is`;
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
