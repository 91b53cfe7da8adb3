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
import { definitionOf, plotFile, plotFiles } from '../../engine/working/stages.ts';
import { isRemoteDestination } from '../../plotters/command.ts';
import { messageOf, saysAbsent } from '../../util/errors.ts';
import { notedDestination } from '../worker-directory/destination-names.ts';
import type { SaidOfPlot } from './log-reader.ts';
import { type ReadWait, untilReadable } from './until-readable.ts';

export interface SeenOfPlot {
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
  { own, said, say }: SeenOfPlot,
): Promise<Exited['plot']> {
  const worker = { ...known, ...said };
  if (isRemoteDestination(definitionOf(state, worker), runOf(state, worker).spec.arguments))
    return remotePlot(worker);
  const named = plotFile(state, worker);
  if (named === null) return null;
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

/** Nobody here can look where it is: the log's line says that it is there. */
function remotePlot({ final_file, plot_bytes }: WorkerState): Exited['plot'] {
  return final_file === null ? null : { file: final_file, problem: null, bytes: plot_bytes };
}

/** The first that is there; where none is, the first. */
async function foundAmong([first = '', ...others]: readonly string[]): Promise<string> {
  for (const file of others.length === 0 ? [] : [first, ...others])
    if ((await lookAt(file)).kind !== 'absent') return file;
  return first;
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
