import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, resolve } from 'node:path';
import { placeOfProcessIds } from '../../host/pid-namespace.ts';
import { bootId, identityOf } from '../../host/process-identity.ts';
import type { Logger } from '../../util/log.ts';
import { isFull } from '../append.ts';
import { ensurePrivateDirectory } from '../private.ts';
import { openReserve } from '../reserve.ts';
import {
  type Claim,
  claimFile,
  claimNumbers,
  claimText,
  createClaim,
  type OldClaim,
  readClaimFile,
  removeClaims,
} from './claim-file.ts';
import { type ClaimLostError, HeldClaim } from './held-claim.ts';
import { CLAIM_TIMES, type ClaimTimes, isAlive, type Judging, whoHas } from './holder-alive.ts';

/** Another live daemon has this directory. */
export class DataDirLockedError extends Error {
  readonly dir: string;
  readonly pid: number;

  constructor(dir: string, holder: Claim | OldClaim) {
    super(`${dir} is in use by another daemon, ${whoHas(holder)}: stop that one, or set another data_dir`);
    this.name = 'DataDirLockedError';
    this.dir = dir;
    this.pid = holder.pid;
  }
}

export interface TakeOptions {
  /** Answers on `socket`, where there is one. */
  token: string;
  /** A name in the directory, or an absolute one elsewhere; null for none. */
  socket: string | null;
  log: Logger;
  /** Must not return where anything could be written after it. */
  onLost(error: ClaimLostError): void;
  times?: ClaimTimes;
  signal?: AbortSignal;
  onWait?: (text: string | null) => void;
  /** Claims that were found to be gone, with their last pulse: between several tries none is watched twice. */
  gone?: Map<number, string>;
}

/**
 * Takes `dir` for this daemon, making it where it is missing, or throws DataDirLockedError. A claim whose holder is
 * gone is taken over.
 *
 * A stale claim is never removed to make room: two starters that both saw it could remove each other's new one. The
 * taker makes the next number instead, exclusively and with its content in place, then looks whether any other live
 * one is there. Of two takers the later one sees the earlier one's, which answers and beats already, so that never two
 * go on. Only the one that goes on removes the stale ones.
 */
export async function takeClaim(dir: string, options: TakeOptions): Promise<HeldClaim> {
  ensurePrivateDirectory(dir);
  const { token, socket, onLost, times = CLAIM_TIMES, gone = new Map<number, string>() } = options;
  const judging: Judging = { ...options, dir, times };
  const text = claimText({
    pid: process.pid,
    identity: identityOf(process.pid) ?? 'unknown',
    token,
    host: hostname(),
    boot: bootId(),
    pid_namespace: placeOfProcessIds(),
    socket,
  });
  for (;;) {
    const taken = claimNumbers(dir);
    await refuseOthers(taken, judging, gone);
    const number = Math.max(0, ...taken) + 1;
    // Another starter was faster: look again.
    if (!createWithRoom(dir, number, token, text)) continue;
    let [isTaken, isLost] = [false, false];
    const held = new HeldClaim({
      ...{ file: claimFile(dir, number), text, token, beatMs: times.beatMs },
      onLost: (error) => {
        isLost = true;
        if (isTaken) onLost(error);
      },
    });
    try {
      const others = claimNumbers(dir).filter((other) => other !== number);
      await refuseOthers(others, judging, gone);
      // It went while we looked (no hard links): whoever took it is told of, if that one lives.
      if (isLost) continue;
      isTaken = true;
      tidyUp(dir, others);
      return held;
    } catch (error) {
      held.release();
      throw error;
    }
  }
}

/**
 * `createClaim`, for which a disk that is full to its last block is given back some of the reserve: whose it was is gone,
 * perhaps killed while it made that whole.
 */
function createWithRoom(dir: string, number: number, token: string, text: string): boolean {
  const reserve = openReserve(dir);
  for (;;) {
    try {
      return createClaim(dir, number, token, text);
    } catch (error) {
      if (!isFull(error) || !reserve.release()) throw error;
    }
  }
}

async function refuseOthers(numbers: number[], judging: Judging, gone: Map<number, string>): Promise<void> {
  for (const number of numbers) {
    const found = readClaimFile(claimFile(judging.dir, number));
    if (found === null || gone.get(number) === found.pulse) continue;
    if (found.claim !== null && (await isAlive(number, found, judging)))
      throw new DataDirLockedError(judging.dir, found.claim);
    gone.set(number, found.pulse);
  }
}

/** Removes the stale claims and their sockets. */
function tidyUp(dir: string, stale: number[]): void {
  for (const number of stale) {
    const claim = readClaimFile(claimFile(dir, number))?.claim;
    if (!claim || !('token' in claim) || claim.socket === null) continue;
    // Whatever a claim says: only a file of that claim's own name goes. The usual name is the new daemon's.
    if (!basename(claim.socket).endsWith(`.${claim.token}.sock`)) continue;
    try {
      rmSync(resolve(dir, claim.socket), { force: true });
    } catch {
      // Another account's directory: it stays there.
    }
  }
  removeClaims(dir, stale);
}
