import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Exited } from '../../engine/inputs.ts';
import { destinationsOf } from '../../engine/model/placement.ts';
import { runOf, type State } from '../../engine/model/state.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import {
  type Before,
  type Claimed,
  claimedByOthers,
  type PlotFacts,
  whyNotAPlot,
} from '../../engine/working/final-plot.ts';
import { producedPattern } from '../../engine/working/new-files.ts';
import { definitionOf, plotFile, plotFiles } from '../../engine/working/stages.ts';
import { isElsewhere, isRemoteDestination } from '../../plotters/command.ts';
import { messageOf, saysAbsent } from '../../util/errors.ts';
import { notedDestination } from '../worker-directory/destination-names.ts';
import type { SaidOfPlot } from './log-reader.ts';
import { producedPlot } from './produced-plot.ts';
import { unnamedLeftovers } from './unnamed-leftovers.ts';
import { type ReadWait, untilReadable } from './until-readable.ts';

/** How a plotter has ended, and what is known of its plot. */
export interface SeenOfPlot {
  /** Whether it ended well: else only what it left behind is looked for. */
  well: boolean;
  /** The worker's own directory. */
  own: string;
  /** What its log has said, which the worker's state may not have yet. */
  said: SaidOfPlot;
  /** Tells the user what is lost. */
  say(problem: string): void;
}

/**
 * The file that a worker's log names as its plot, and why it is none, if it isn't; `null` where the log names none.
 */
export async function finalPlot(
  state: State,
  known: WorkerState,
  wait: ReadWait,
  { own, said, say, well }: SeenOfPlot,
): Promise<Exited['plot']> {
  const worker = { ...known, ...said };
  const pattern = producedPattern(state, worker);
  if (pattern !== null) return producedPlot(state, worker, wait, { own, well, pattern });
  const named = plotFile(state, worker);
  if (named === null) return nothingNamed(state, worker, { own, alone: runOf(state, worker).plots === 1 });
  if (!well) return null;
  if (isProvenByLog(state, worker)) return provenByLog(state, worker, named);
  let file = named;
  const look = async () => {
    file = await foundAmong(plotFiles(state, worker));
    const facts = await plotFacts(state, worker, file, own);
    if (facts.before.there === 'lost')
      say(
        `worker ${worker.id}: what its destination held before its plotter began is lost, times tell instead`,
      );
    return { file, problem: whyNotAPlot(facts), bytes: facts.bytes };
  };
  return untilReadable(wait, look, (error) => ({
    file,
    problem: `its plot can't be looked at: ${messageOf(error)}`,
    bytes: 0,
  }));
}

/** Of a plotter that has made one plot, and named none, what it has left is no plot, however it is called. */
async function nothingNamed(
  state: State,
  worker: WorkerState,
  { own, alone }: { own: string; alone: boolean },
): Promise<Exited['plot']> {
  const spoilt = alone ? await unnamedLeftovers(state, worker, own) : [];
  return spoilt.length === 0 ? null : { file: '', problem: 'its log names no plot', bytes: 0, spoilt };
}

/** The first that is there; where none is, the first. */
async function foundAmong([first = '', ...others]: readonly string[]): Promise<string> {
  for (const file of others.length === 0 ? [] : [first, ...others])
    if ((await lookAt(file)).kind !== 'absent') return file;
  return first;
}

/** Whether the log's line is all that can be known: the plot goes to no directory of this host. */
function isProvenByLog(state: State, worker: WorkerState): boolean {
  const definition = definitionOf(state, worker);
  const { spec } = runOf(state, worker);
  return (
    (definition.success === 'final_file' && destinationsOf(worker).length === 0) ||
    isRemoteDestination(definition, spec.arguments) ||
    (worker.final_file !== null && isElsewhere(definition, spec.arguments, worker.final_file))
  );
}

/** The line of a plot that is elsewhere: it counts once, for who said it first. */
function provenByLog(state: State, worker: WorkerState, file: string): Exited['plot'] {
  const [claimed] = claimedByOthers(state, worker, file, (other) => plotFile(state, other)).filter(
    (other) => other.file === file,
  );
  const problem =
    worker.final_file === null
      ? `its log never said that it is there: ${file}`
      : claimed && `its plot is that of worker ${claimed.worker}: ${file}`;
  return { file, problem: problem ?? null, bytes: worker.plot_bytes };
}

/**
 * Looks at the file that a worker's log names as its plot; `own` is the worker's own directory. Throws where a disk
 * doesn't say now what is there.
 */
async function plotFacts(state: State, worker: WorkerState, file: string, own: string): Promise<PlotFacts> {
  const found = await lookAt(file);
  const directory = await resolved(dirname(file));
  const destinations = destinationsOf(worker);
  const real = await Promise.all(destinations.map(resolved));
  const index = directory === null ? -1 : real.indexOf(directory);
  return {
    file,
    kind: found.kind,
    // Of a plotter without a destination nobody knows one.
    inDestination: destinations.length === 0 || index !== -1,
    bytes: found.bytes,
    expectedBytes: worker.plot_bytes,
    changedAt: found.changedAt,
    before: before(runOf(state, worker), destinations.length === 0 ? null : Math.max(0, index), file, own),
    owner: await ownerOf(
      claimedByOthers(state, worker, file, (other) => plotFile(state, other)),
      directory,
    ),
  };
}

async function lookAt(file: string): Promise<Pick<PlotFacts, 'kind' | 'bytes' | 'changedAt'>> {
  try {
    const found = await lstat(file);
    const kind = found.isFile() ? 'file' : found.isSymbolicLink() ? 'link' : 'other';
    return { kind, bytes: found.size, changedAt: Math.max(found.mtimeMs, found.birthtimeMs) };
  } catch (error) {
    if (saysAbsent(error)) return { kind: 'absent', bytes: 0, changedAt: 0 };
    throw error;
  }
}

function before(
  { started_at, owns_by_record }: RunState,
  destination: number | null,
  file: string,
  own: string,
): Before {
  // Without a destination nobody could look.
  if (destination === null) return { there: null, at: started_at };
  const noted = notedDestination(own, destination);
  // A worker of version 1 noted nothing.
  if (noted === null) return { there: owns_by_record ? 'lost' : null, at: started_at };
  return { there: noted.found?.names.includes(basename(file)) ?? null, at: noted.at };
}

async function ownerOf(claimed: readonly Claimed[], directory: string | null): Promise<string | null> {
  for (const { worker, file } of claimed) if ((await resolved(dirname(file))) === directory) return worker;
  return null;
}

/** The directory that a name leads to; `null` where there is none. */
async function resolved(directory: string): Promise<string | null> {
  try {
    return await realpath(directory);
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
}
