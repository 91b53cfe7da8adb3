import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { type PlotMeant, type Recalled, recall } from '../../engine/mending/recall.ts';
import type { Traces } from '../../engine/mending/revive.ts';
import { PROCESS_KINDS, type ProcessFiles, processFiles } from '../../process/files.ts';
import { isLiving } from '../../process/find.ts';
import { linesOfFile } from '../../process/lines-of-file.ts';
import { readWrapperClaim, type WrapperClaim } from '../../process/wrapper-claim.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { notedProduced } from '../worker-directory/produced-note.ts';
import { isMarkedEnded } from '../worker-directory/worker-record.ts';

/** A worker's id: its job, when it was started, and something random. */
const WORKER_ID = /^([a-z0-9]+(?:[_-][a-z0-9]+)*)-\d{8}T\d{6}-[A-Za-z0-9]+$/;

/** The workers that have a directory of their own. */
export function workerDirectories(dataDir: string): string[] {
  try {
    return readdirSync(join(dataDir, 'workers')).filter((name) => WORKER_ID.test(name));
  } catch {
    return [];
  }
}

/** The job that a worker's id names. */
export function jobOfId(worker: string): string | null {
  return WORKER_ID.exec(worker)?.[1] ?? null;
}

/** Whether a worker has a directory that was not cleaned up yet. */
export function isPresent(dataDir: string, worker: string): boolean {
  const dir = workerDirectory(dataDir, worker);
  return existsSync(dir) && !isMarkedEnded(dir);
}

/** The id of a process of this worker that runs, `null` where none does. */
export function livingProcess(dataDir: string, worker: string): number | null {
  const dir = workerDirectory(dataDir, worker);
  for (const kind of PROCESS_KINDS) {
    const claim = claimOf(processFiles(dir, kind));
    if (claim !== null && isLiving(claim)) return claim.pid;
  }
  return null;
}

function claimOf({ claim }: ProcessFiles): WrapperClaim | null {
  try {
    const found = readWrapperClaim(claim);
    return typeof found === 'string' ? null : found;
  } catch {
    return null;
  }
}

/** A worker, the run in whose directory its plotter has its files, and which of the run's plots it makes. */
export interface Traced extends PlotMeant {
  id: string;
  run: string;
}

/** What the directories of a worker and its run tell of it; `plot` says where its plot would lie. */
export function tracesOf(
  dataDir: string,
  { id: worker, run, ...meant }: Traced,
  definition: PlotterDefinition,
  plot: (log: Recalled) => string | null,
): Traces {
  const [dir, dirOfRun] = [workerDirectory(dataDir, worker), workerDirectory(dataDir, run)];
  const plotter = processFiles(dirOfRun, 'plotter');
  const read: Read = { bytes: 0 };
  const log = recall(definition, logLines(plotter.log, read), meant);
  // Of a plot that no log names only this note is left.
  if (typeof definition.success === 'object') log.final_file ??= producedOf(dirOfRun);
  const file = plot(log);
  return {
    present: isPresent(dataDir, worker),
    begun: {
      pre: begunAt(processFiles(dirOfRun, 'pre')),
      plotter: begunAt(plotter),
      post: begunAt(processFiles(dir, 'post')),
    },
    plotter_ended_at: timeOf(plotter.exit),
    log,
    log_bytes: read.bytes,
    plot_exists: file !== null && existsSync(file),
  };
}

/** What can't be read says nothing. */
function producedOf(dir: string): string | null {
  try {
    return notedProduced(dir);
  } catch {
    return null;
  }
}

/** The claim comes first, and the place for the exit status just before the command. */
function begunAt({ claim, exit }: ProcessFiles): number | null {
  return timeOf(claim) ?? timeOf(exit);
}

function timeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** How far a log was read: bytes up to the end of its last whole line. */
interface Read {
  bytes: number;
}

function* logLines(file: string, read: Read): Generator<string> {
  for (const { line, end } of linesOfFile(file)) {
    yield line;
    read.bytes = end;
  }
}
