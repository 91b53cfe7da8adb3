import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { codeOf } from '../util/errors.ts';
import type { Session } from './session.ts';
import { sleep } from './timeline.ts';

const TEMP_SIZE = 64 * 1024;

/** Makes a file of that size that takes no space on the disk. */
export function writeSparse(file: string, size: number): void {
  const descriptor = openSync(file, 'w');
  try {
    ftruncateSync(descriptor, size);
  } finally {
    closeSync(descriptor);
  }
}

/** The temporary files of one plot. */
export class TempFiles {
  #there = new Set<string>();

  /** Makes the wanted files and removes all others that it made. @throws what the file system says */
  replace(wanted: string[]): void {
    const next = new Set(wanted);
    for (const file of this.#there) if (!next.has(file)) rmSync(file, { force: true });
    for (const file of next) if (!this.#there.has(file)) writeSparse(file, TEMP_SIZE);
    this.#there = next;
  }
}

/** Whether two directories are on different file systems, where nothing can be renamed. */
export function onOtherDisk(one: string, other: string): boolean {
  try {
    return statSync(one).dev !== statSync(other).dev;
  } catch {
    return false;
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    copyFileSync(from, to);
    rmSync(from);
  }
}

/** A plot's way from `source` to `target`; `via` is its name at the destination until it is whole. */
export interface Move {
  source: string;
  via: string;
  target: string;
  size: number;
}

/** strerror(3) of a full disk. */
export const NO_ROOM = 'No space left on device';

/** The first bytes of a copy arrive. */
export function beginCopy({ via, size }: Move): void {
  writeSparse(via, Math.floor(size / 2));
}

/**
 * The same, where there must be room for the whole plot, though it takes none: what it needed of a real one.
 * @throws what the file system says of a full disk
 */
export function copyFirstPart(move: Move): void {
  beginCopy(move);
  const { bavail, bsize } = statfsSync(dirname(move.via));
  if (bavail * bsize < move.size) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
}

/** The copy is whole, or the plot is renamed. @throws what the file system says */
export function finishMove({ source, via, target, size }: Move, copies: boolean): void {
  if (copies) {
    truncateSync(via, size);
    rmSync(source, { force: true });
  } else {
    rename(source, via);
  }
  renameSync(via, target);
}

/** The text of strerror(3) for a file system error. */
export function strerror(error: unknown): string {
  const code = codeOf(error);
  for (const [name, text] of getSystemErrorMap().values()) {
    if (name === code) return text.charAt(0).toUpperCase() + text.slice(1);
  }
  return 'Input/output error';
}

/** chia and MadMax try again every five minutes, for ever. */
const RETRY_MS = 300_000;

/**
 * Tries until it works; what the plotter says of each failure goes to stdout. At a speed it tries sooner, but no more
 * than once a second.
 */
export async function retry(
  session: Session,
  say: (reason: string) => string,
  action: () => void,
  everyMs = RETRY_MS,
): Promise<void> {
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      session.write('stdout', say(strerror(error)));
      await sleep(Math.max(1000, everyMs / session.options.speed));
    }
  }
}

/** Says it again and again, for ever. */
export function waitForEver(session: Session, line: string, everyMs = RETRY_MS): Promise<void> {
  const never = () => {
    throw new Error(line);
  };
  return retry(session, () => line, never, everyMs);
}
