import { existsSync } from 'node:fs';
import { bootId, sameProcess } from '../host/process-identity.ts';
import { wrapperGone } from './alive.ts';
import { type Claim, readClaim, settledClaim } from './claim.ts';
import { claimAnew } from './claim-anew.ts';
import { type Exit, lostExit, readExit } from './exit.ts';
import { type ProcessFiles, type ProcessKind, processFiles } from './files.ts';
import { ProcessGroup } from './group.ts';

/** A process of a worker that was started, by this run of the program or an earlier one. */
export interface Launched {
  /** The wrapper's process id, which is its process group's and session's too. */
  pid: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Resolves when it has ended and, where its wrapper was lost, nothing of its group is left. Never rejects. */
  exited: Promise<Exit>;
  group: ProcessGroup;
}

export type Found =
  | { state: 'absent' }
  | ({ state: 'running' } & Launched)
  /** `launched` is null where the wrapper never got as far as to write down who it is: nothing was run then. */
  | { state: 'ended'; exit: Exit; launched: Launched | null };

export interface FindOptions {
  /** How long what a lost wrapper left running has between SIGTERM and SIGKILL; milliseconds, 10 s by default. */
  graceMs?: number;
  /** It is known to have been started. */
  begun?: boolean;
}

const GRACE_MS = 10_000;

/**
 * Finds a process of a worker by what its wrapper left in the worker's directory. An exit status that was written is
 * believed whatever else is there; a process id only together with its time of start and the boot of the host. Where
 * the claim is damaged or gone, the process is looked for among those that run.
 */
export async function find(dir: string, kind: ProcessKind, options: FindOptions = {}): Promise<Found> {
  const files = processFiles(dir, kind);
  const claim = await usableClaim(dir, files, options.begun ?? false);
  const exit = readExit(files.exit);
  if (typeof claim === 'string') {
    // The place for the exit status is made just before the command: without a claim, it says that there was one.
    if (claim === 'absent' && exit === null && !existsSync(files.exit)) return { state: 'absent' };
    return { state: 'ended', exit: exit ?? lostExit(), launched: null };
  }
  const launched = track(files, claim, wrapperGone(claim, files.alive), options.graceMs);
  if (exit === null && hasLiving(claim, launched.group)) return { state: 'running', ...launched };
  return { state: 'ended', exit: exit ?? (await launched.exited), launched };
}

/** The claim; one that is no good is written anew where the process that made it still runs. */
async function usableClaim(
  dir: string,
  files: ProcessFiles,
  begun: boolean,
): ReturnType<typeof settledClaim> {
  const claim = readClaim(files.claim);
  if (typeof claim !== 'string' && isLiving(claim)) return claim;
  const mayRun = claim !== 'absent' || begun || existsSync(files.exit);
  if (mayRun && readExit(files.exit) === null) claimAnew(dir, files);
  return settledClaim(files.claim);
}

/** Whether the wrapper that made this claim runs, or what a lost one left running. */
export function isLiving(claim: Claim): boolean {
  return hasLiving(claim, new ProcessGroup(claim, claim.worker, Promise.resolve()));
}

/** A wrapper whose claim is known, and whose end `gone` tells. */
export function track(
  files: ProcessFiles,
  claim: Claim,
  gone: Promise<void>,
  graceMs: number = GRACE_MS,
): Launched {
  const group = new ProcessGroup(claim, claim.worker, gone);
  return { pid: claim.pid, startedAt: claim.at, exited: ended(files, group, gone, graceMs), group };
}

/** What ran under a lost wrapper has nobody who would tell of its end, and must not write on beside a next plot. */
async function ended(
  files: ProcessFiles,
  group: ProcessGroup,
  gone: Promise<void>,
  graceMs: number,
): Promise<Exit> {
  await gone;
  const exit = readExit(files.exit);
  if (exit !== null) return exit;
  await group.terminate(graceMs);
  return lostExit();
}

/** The wrapper, or what a lost one left running; after the host went down there can be neither. */
function hasLiving(claim: Claim, group: ProcessGroup): boolean {
  if (sameProcess(claim)) return true;
  return claim.identity.startsWith(`${bootId()}:`) && group.survivors().length > 0;
}
