import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../util/errors.ts';
import { changedUntil } from './notify.ts';

/** Who runs a process of a worker: what the wrapper wrote before it started the command. */
export interface Claim {
  /** The wrapper's process id, which is its process group's and session's too. */
  pid: number;
  identity: string;
  /** What PLOT2MQTT_WORKER was in its environment; empty for none. */
  worker: string;
  /** When it was written; milliseconds since 1970. */
  at: number;
}

/** How long a claim may stay empty. It is written a few microseconds after its creation, unless the wrapper dies. */
const WRITTEN_WITHIN_MS = 2_000;

const LINE = /^(\d+) (\S+) (.*)\n$/;
const VOID = 'void\n';

/** What a claim's file says; `unwritten` is one that is (still) incomplete, `void` one that was abandoned so. */
type ClaimState = Claim | 'absent' | 'unwritten' | 'void';

/** Reads a claim as it is now. */
export function readClaim(path: string): ClaimState {
  try {
    const text = readFileSync(path, 'utf8');
    if (text === VOID) return 'void';
    const match = LINE.exec(text);
    if (match === null) return 'unwritten';
    const [, pid = '', identity = '', worker = ''] = match;
    return { pid: Number(pid), identity, worker, at: statSync(path).mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent';
    throw error;
  }
}

/**
 * A claim that is being written is waited for. One that stays empty is declared void, for good: should its wrapper
 * only have been held up, it reads that and runs nothing.
 */
export async function settledClaim(path: string): Promise<Exclude<ClaimState, 'unwritten'>> {
  const first = readClaim(path);
  if (first !== 'unwritten') return first;
  const waiting = new AbortController();
  const timeout = sleep(WRITTEN_WITHIN_MS, undefined, { signal: waiting.signal });
  await changedUntil(dirname(path), () => readClaim(path) !== 'unwritten', timeout);
  waiting.abort();
  const claim = readClaim(path);
  return claim === 'unwritten' ? declareVoid(path) : claim;
}

function declareVoid(path: string): Exclude<ClaimState, 'unwritten'> {
  const declared = `${path}.void`;
  const kept = `${path}.kept`;
  writeFileSync(declared, VOID, { mode: 0o600 });
  rmSync(kept, { force: true });
  linkSync(path, kept);
  renameSync(declared, path);
  // Written after the last look: then it counts, since its wrapper may have read it before it was void.
  const claim = readClaim(kept);
  if (typeof claim === 'string') return 'void';
  renameSync(kept, path);
  return claim;
}
