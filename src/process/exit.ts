import { readFileSync, statSync } from 'node:fs';

/** How a process of a worker ended. */
export interface Exit {
  /** Its exit status; 128 + n where signal n ended it; null where nobody was left to tell. */
  code: number | null;
  /** The wrapper went before it could write an exit status: killed, or the host went down. */
  lost: boolean;
  /** When; milliseconds since 1970. Where it is lost: when that was noticed. */
  endedAt: number;
}

const STATUS = /^(\d{1,3}) *\n$/;

/** The exit status that a wrapper wrote; null where it hasn't. */
export function readExit(path: string): Exit | null {
  try {
    const status = STATUS.exec(readFileSync(path, 'latin1'))?.[1];
    if (status === undefined) return null;
    return { code: Number(status), lost: false, endedAt: statSync(path).mtimeMs };
  } catch {
    return null;
  }
}

/** An end of which only that much is known. */
export function lostExit(): Exit {
  return { code: null, lost: true, endedAt: Date.now() };
}
