import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilKnown } from '../util/until-known.ts';
import { checkCpus } from './cpus.ts';
import { type ProcessFiles, processFiles, type WrappedKind } from './files.ts';
import { type FindOptions, find, type Launched, track } from './find.ts';
import { changedUntil } from './notify.ts';
import { lastLines } from './tail.ts';
import { type WrappedCommand, wrapperCommand } from './wrapper.ts';
import { isDecided, readWrapperClaim } from './wrapper-claim.ts';
import type { WrapperStock } from './wrapper-stock.ts';

export type { Launched } from './find.ts';

export interface LaunchSpec extends FindOptions {
  /** The worker's directory, absolute; it must exist. */
  dir: string;
  kind: WrappedKind;
  /** What `/bin/sh -c` runs; it gets the words as `"$@"`, never pasted in. */
  snippet: string;
  words?: readonly string[];
  /** Added to this program's own environment. By PLOT2MQTT_WORKER, unique for ever, the command is known again. */
  env: Record<string, string> & { PLOT2MQTT_WORKER: string };
  cwd: string;
  /** The CPUs on which it may run; Linux only. */
  cpus?: readonly number[];
  /** Niceness, -20 to 19, added to this program's own. */
  nice?: number;
  /** -1000 to 1000: how readily the kernel takes the command when memory runs out; Linux only. */
  oomScoreAdj?: number;
  /** Where to take the wrapper from, if it is to run in the stock's directory with this program's CPUs and niceness. */
  stock?: WrapperStock;
}

/**
 * How long to wait for the sign that a command is there: a file, which a busy disk takes seconds to make, and one that
 * has room for no more files never does.
 */
const COMMAND_WITHIN_MS = 10_000;

/** A process of a worker that could not be started at all: nothing of it has run. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}

/**
 * Starts a process of a worker in a session of its own, which outlives this program. It is run at most once, whatever
 * crashes in between: where it was started before, that one is taken over. Rejects with a LaunchError, or with that of
 * checkCpus.
 */
export async function launch(spec: LaunchSpec): Promise<Launched> {
  if (spec.cpus !== undefined) checkCpus(spec.cpus);
  const files = processFiles(spec.dir, spec.kind);
  const earlier = await takeOver(spec);
  if (earlier !== null) return earlier;

  let wrapper = fromStock(spec, files) ?? start(spec, files);
  let claim = await claimOf(files, wrapper.gone);
  if (claim === 'absent' && wrapper.fromStock) {
    // Somebody ended it while it waited.
    wrapper = start(spec, files);
    claim = await claimOf(files, wrapper.gone);
  }
  if (wrapper.pid === undefined) throw new LaunchError(`could not be started: ${await wrapper.problem}`);
  if (typeof claim !== 'string' && claim.pid === wrapper.pid) {
    await commandThere(files, wrapper.gone);
    return track(files, claim, spec.kind, wrapper.gone, spec);
  }
  await wrapper.gone;
  const winner = await takeOver(spec);
  if (winner !== null) return winner;
  const said = lastLines(files.log, 3).join(' ');
  throw new LaunchError(`could not be started: ${said || (await wrapper.problem)}`);
}

async function claimOf(
  files: ProcessFiles,
  gone: Promise<void>,
): Promise<ReturnType<typeof readWrapperClaim>> {
  await changedUntil(dirname(files.claim), () => isDecided(files.claim, ['absent', 'unwritten']), gone);
  return untilKnown(() => readWrapperClaim(files.claim));
}

/** A signal that came before the command is there to get it would be lost. */
async function commandThere(files: ProcessFiles, gone: Promise<void>): Promise<void> {
  const timeout = new AbortController();
  const late = sleep(COMMAND_WITHIN_MS, undefined, { signal: timeout.signal });
  await changedUntil(dirname(files.exit), () => existsSync(files.exit), Promise.race([gone, late]));
  timeout.abort();
}

interface Wrapper {
  pid: number | undefined;
  gone: Promise<void>;
  /** Why it didn't start, or how it ended. */
  problem: Promise<string>;
  /** Whether it was started ahead. */
  fromStock: boolean;
}

/**
 * By Node.js itself, and not by execa: nothing of it is read, since it outlives this program, and execa takes half a
 * millisecond more, between an event and its plotter.
 */
function start(spec: LaunchSpec, files: ProcessFiles): Wrapper {
  const { file, words } = wrapperCommand(wrapped(spec, files));
  // A session of its own and no pipes: it is to outlive this program.
  const child = spawn(file, words, {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env },
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return { ...endOf(child, spec), fromStock: false };
}

function fromStock(spec: LaunchSpec, files: ProcessFiles): Wrapper | null {
  const { stock, cpus = [], nice = 0 } = spec;
  if (stock === undefined || stock.cwd !== spec.cwd || cpus.length > 0 || nice !== 0) return null;
  const child = stock.give(wrapped(spec, files), spec.env);
  return child && { ...endOf(child, spec), fromStock: true };
}

function wrapped(spec: LaunchSpec, files: ProcessFiles): WrappedCommand {
  return { ...spec, files, words: spec.words ?? [] };
}

function endOf(child: ChildProcess, { cwd }: LaunchSpec): Omit<Wrapper, 'fromStock'> {
  const problem = new Promise<string>((resolve) => {
    // A directory that is missing reads as if the shell were.
    child.once('error', (error) => resolve(`${error.message} (in ${cwd})`));
    child.once('exit', (code, signal) => resolve(signal ?? `exit status ${code}`));
    if (child.exitCode !== null || child.signalCode !== null)
      resolve(child.signalCode ?? `exit status ${child.exitCode}`);
  });
  return { pid: child.pid, gone: problem.then(() => undefined), problem };
}

async function takeOver(spec: LaunchSpec): Promise<Launched | null> {
  const found = await find(spec.dir, spec.kind, spec);
  if (found.state === 'absent') return null;
  if (found.state === 'running') return found;
  if (found.launched !== null) return found.launched;
  throw new LaunchError('was begun before and got no further, so it may not be begun again');
}
