import { type BigIntStats, constants, fstatSync, closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { reading } from './copy-bytes.ts';
import type { MoveTask, MoveWatch } from './move-task.ts';
import { lookAt } from './note.ts';
import type { Place } from './open-place.ts';
import { isSameFile, statOrNull } from './plot-files.ts';
import { MoveFailure } from './report.ts';
import { WrittenFile } from './written-file.ts';

/** A move that goes on: what each part of it works with. */
export interface PlotMove {
  task: MoveTask;
  watch: MoveWatch;
  /** The directories, held open. */
  from: Place;
  to: Place;
  /** The plot's name, which it has in both; and the source's from when its plot is safe until it goes. */
  name: string;
  aside: string;
  /** What this move itself writes in `to`. */
  written: WrittenFile;
}

/** @throws {MoveFailure} where what an earlier process of this move has noted can't be read */
export function plotMove(
  task: MoveTask,
  { from, to }: { from: Place; to: Place },
  watch: MoveWatch,
): PlotMove {
  const name = basename(task.file);
  const written = new WrittenFile({ task, to, name, watch });
  return { task, watch, from, to, name, aside: `${name}.moved`, written };
}

/** Opens the source for reading, if it is still the same file. */
export function openSource({ task, from, name }: PlotMove, source: BigIntStats): number {
  return reading(() => {
    const fd = openSync(from.at(name), constants.O_RDONLY | constants.O_NOFOLLOW);
    if (isSameFile(fstatSync(fd, { bigint: true }), source)) return fd;
    closeSync(fd);
    throw new MoveFailure('source', `${task.file} has changed since it was found`);
  });
}

/** Whether the source has become another file. One that somebody has removed has not: its copy is the only one then. */
export function hasChanged({ from, name }: PlotMove, source: BigIntStats): boolean {
  const present = reading(() => lookAt(from.at(name)));
  return present !== null && !isSameFile(present, source);
}

/** The source is another file than it was when it was begun to move. */
export function changed({ task }: PlotMove): MoveFailure {
  return new MoveFailure('source', `${task.file} has changed while it was moved: the copy was removed`);
}

/** A disk that is unmounted while somebody writes to it takes what is written, and nobody can read it there. */
export function checkPlace({ to: { path, dev, ino } }: PlotMove, about: { pinned?: boolean } = {}): void {
  const present = statOrNull(path);
  if (present?.dev !== dev || present.ino !== ino)
    throw new MoveFailure(
      'destination',
      `${path} is another directory than before: was its disk unmounted?`,
      about,
    );
}
