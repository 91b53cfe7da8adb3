import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Surrounds } from '../host/pid-namespace.ts';
import { saysAbsent } from '../util/errors.ts';

/** How a process of a worker ended. */
export interface Exit {
  /** Its exit status; 128 + n where signal n ended it; null where nobody was left to tell. */
  code: number | null;
  /** The wrapper went before it could write an exit status. */
  lost: boolean;
  /** What took a lost one along; where it is missing, somebody killed it. */
  endedWith?: Surrounds;
  /** When, by the clock; milliseconds since 1970. Where it is lost: when that was noticed. */
  endedAt: number;
  /** How long the host had been up then, milliseconds, which no setting of the clock changes; null: not known. */
  endedUptime: number | null;
}

const STATUS = /^(\d{1,3})(?: +(\d+\.\d+))? *\n$/;

/**
 * The exit status that a wrapper wrote; null where it hasn't. Throws where that can't be read now, which says nothing
 * of how the process ended.
 */
export function readExit(path: string): Exit | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
  try {
    const match = STATUS.exec(readFileSync(fd, 'latin1'));
    if (match === null) return null;
    const [, code, up] = match;
    const endedUptime = up === undefined ? null : Number(up) * 1000;
    return { code: Number(code), lost: false, endedAt: fstatSync(fd).mtimeMs, endedUptime };
  } finally {
    closeSync(fd);
  }
}

/** An end of which only that much is known. */
export function lostExit(endedWith: Surrounds | null = null): Exit {
  const exit = { code: null, lost: true, endedAt: Date.now(), endedUptime: null };
  return endedWith === null ? exit : { ...exit, endedWith };
}
