import { existsSync } from 'node:fs';
import { endedWith } from '../host/pid-namespace.ts';
import { sameProcess } from '../host/process-identity.ts';
import { type OnTrouble, untilKnown } from '../util/until-known.ts';
import { type Exit, lostExit, readExit } from './exit.ts';
import { type ProcessFiles, processFiles, type WrappedKind } from './files.ts';
import { ProcessGroup, type StopSignal } from './group.ts';
import { rewriteWrapperClaim } from './rewrite-wrapper-claim.ts';
import { sessionsOf } from './sessions.ts';
import { readWrapperClaim, settledWrapperClaim, type WrapperClaim } from './wrapper-claim.ts';
import { isHeld, wrapperGone } from './wrapper-gone.ts';

/** A process of a worker that was started, by this run of the program or an earlier one. */
export interface Launched {
  /** The wrapper's process id, which is its process group's and session's too. */
  pid: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** How long the host had been up then, milliseconds; null: not known. */
  startedUptime: number | null;
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
  /** How long what a lost wrapper left running has after each signal; milliseconds, 10 s by default. */
  graceMs?: number;
  /** With which signals it is ended; SIGTERM and SIGKILL by default. */
  stopSignals?: readonly StopSignal[] | undefined;
  /** Told what can't be read for more than a moment, such as an exit status; it is tried again until it can be. */
  onTrouble?: OnTrouble;
  /** It is known to have been started. */
  begun?: boolean;
}

const GRACE_MS = 10_000;

/**
 * Finds a process of a worker by what its wrapper left in the worker's directory. An exit status that was written is
 * believed whatever else is there; a process id only together with its time of start and the boot of the host. What
 * can't be read now is waited for, never judged. Where the claim is damaged or gone, the process is looked for among
 * those that run.
 */
export async function find(dir: string, kind: WrappedKind, options: FindOptions = {}): Promise<Found> {
  const files = processFiles(dir, kind);
  const claim = await usableClaim(dir, files, options);
  const exit = await untilKnown(() => readExit(files.exit), options.onTrouble);
  if (typeof claim === 'string') {
    // The place for the exit status is made just before the command: without a claim, it says that there was one.
    if (claim === 'absent' && exit === null && !existsSync(files.exit)) return { state: 'absent' };
    return { state: 'ended', exit: exit ?? lostExit(), launched: null };
  }
  const launched = track(files, claim, kind, wrapperGone(claim, files.alive), options);
  const living =
    exit === null && (await untilKnown(() => hasLiving(claim, files, launched.group), options.onTrouble));
  if (living) return { state: 'running', ...launched };
  return { state: 'ended', exit: exit ?? (await launched.exited), launched };
}

/** The claim; one that is no good is written anew where the process that made it still runs. */
async function usableClaim(
  dir: string,
  files: ProcessFiles,
  { begun = false, onTrouble }: FindOptions,
): ReturnType<typeof settledWrapperClaim> {
  const claim = await untilKnown(() => readWrapperClaim(files.claim), onTrouble);
  if (typeof claim !== 'string' && (await untilKnown(() => isLiving(claim), onTrouble))) return claim;
  const mayRun = claim !== 'absent' || begun || existsSync(files.exit);
  const exit = await untilKnown(() => readExit(files.exit), onTrouble);
  if (mayRun && exit === null) rewriteWrapperClaim(dir, files);
  return settledWrapperClaim(files.claim, onTrouble);
}

/** Whether the wrapper that made this claim runs, or what a lost one left running. Throws where that can't be told now. */
export function isLiving(claim: WrapperClaim): boolean {
  if (sameProcess(claim)) return true;
  if (endedWith(claim.identity, claim.namespace) !== null) return false;
  return sessionsOf(claim.worker).some(({ session }) => session === claim.pid);
}

/** A wrapper whose claim is known, and whose end `gone` tells. */
export function track(
  files: ProcessFiles,
  claim: WrapperClaim,
  kind: WrappedKind,
  gone: Promise<void>,
  { graceMs = GRACE_MS, stopSignals, onTrouble }: FindOptions,
): Launched {
  // Each worker is a run of its own; what a pre- or post-command leaves in the background is nobody's.
  const run = kind === 'plotter' ? claim.worker : null;
  const group = new ProcessGroup(claim, { worker: claim.worker, run, leaderGone: gone, onTrouble });
  return {
    pid: claim.pid,
    startedAt: claim.at,
    startedUptime: claim.uptime,
    exited: ended(),
    group,
  };

  /** What ran under a lost wrapper has nobody who would tell of its end, and must not write on beside a next plot. */
  async function ended(): Promise<Exit> {
    await gone;
    const exit = await untilKnown(() => readExit(files.exit), onTrouble);
    if (exit !== null) return exit;
    await group.terminate(graceMs, stopSignals);
    return lostExit(endedWith(claim.identity, claim.namespace));
  }
}

/** The wrapper, or what a lost one left running; after the host went down there can be neither. */
async function hasLiving(claim: WrapperClaim, files: ProcessFiles, group: ProcessGroup): Promise<boolean> {
  if (sameProcess(claim)) return true;
  const gone = endedWith(claim.identity, claim.namespace);
  if (gone === null) return (await group.survivors()).length > 0;
  return gone === 'container' && isHeld(files.alive);
}
