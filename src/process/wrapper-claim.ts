import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { saysAbsent } from '../util/errors.ts';
import { type OnTrouble, untilKnown } from '../util/until-known.ts';
import { changedUntil } from './notify.ts';

/** Who runs a process of a worker: what the wrapper wrote before it started the command. */
export interface WrapperClaim {
  /** The wrapper's process id, which is its process group's and session's too. */
  pid: number;
  identity: string;
  /** What PLOT2MQTT_WORKER was in its environment; empty for none. */
  worker: string;
  /** Its PID namespace (see pid-namespace.ts); null for wrappers of versions that didn't write it down. */
  namespace: string | null;
  /** When it was written, by the clock; milliseconds since 1970. */
  at: number;
  /** How long the host had been up then, milliseconds, which no setting of the clock changes; null: not known. */
  uptime: number | null;
}

/** How long a claim may stay empty. It is written a few microseconds after its creation, unless the wrapper dies. */
const WRITTEN_WITHIN_MS = 2_000;

const LINE = /^(\d+) (\S+) (.*?)(?: ns=(\S*) up=([\d.]*))?\n$/;
const VOID = 'void\n';

/** What a claim's file says; `unwritten` is one that is (still) incomplete, `void` one that was abandoned so. */
type ClaimState = WrapperClaim | 'absent' | 'unwritten' | 'void';

/** Reads a claim as it is now. Throws where it can't be read now. */
export function readWrapperClaim(path: string): ClaimState {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (saysAbsent(error)) return 'absent';
    throw error;
  }
  try {
    return parseWrapperClaim(readFileSync(fd, 'utf8'), fstatSync(fd).mtimeMs);
  } finally {
    closeSync(fd);
  }
}

function parseWrapperClaim(text: string, at: number): ClaimState {
  if (text === VOID) return 'void';
  const match = LINE.exec(text);
  if (match === null) return 'unwritten';
  const [, pid = '', identity = '', worker = '', namespace = '', up = ''] = match;
  const uptime = up === '' ? null : Number(up) * 1000;
  return { pid: Number(pid), identity, worker, namespace: namespace || null, at, uptime };
}

/**
 * A claim that is being written is waited for. One that stays empty is declared void, for good: should its wrapper
 * only have been held up, it reads that and runs nothing.
 */
export async function settledWrapperClaim(
  path: string,
  onTrouble?: OnTrouble,
): Promise<Exclude<ClaimState, 'unwritten'>> {
  const first = await untilKnown(() => readWrapperClaim(path), onTrouble);
  if (first !== 'unwritten') return first;
  const waiting = new AbortController();
  const timeout = sleep(WRITTEN_WITHIN_MS, undefined, { signal: waiting.signal });
  await changedUntil(dirname(path), () => isDecided(path, ['unwritten']), timeout);
  waiting.abort();
  return untilKnown(() => {
    const claim = readWrapperClaim(path);
    return claim === 'unwritten' ? declareVoid(path) : claim;
  }, onTrouble);
}

/** Whether a claim can be read, and is none of these any more. */
export function isDecided(path: string, undecided: readonly ClaimState[]): boolean {
  try {
    return !undecided.includes(readWrapperClaim(path));
  } catch {
    return false;
  }
}

function declareVoid(path: string): Exclude<ClaimState, 'unwritten'> {
  const declared = `${path}.void`;
  const kept = `${path}.kept`;
  writeFileSync(declared, VOID, { mode: 0o600 });
  rmSync(kept, { force: true });
  linkSync(path, kept);
  renameSync(declared, path);
  // Written after the last look: then it counts, since its wrapper may have read it before it was void.
  const claim = readWrapperClaim(kept);
  if (typeof claim === 'string') return 'void';
  renameSync(kept, path);
  return claim;
}
