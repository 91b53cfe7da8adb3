import { basename, dirname } from 'node:path';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { type Foreign, type Removal, removeFile, removeWorkerDirectory } from '../../host/remove.ts';
import { PROCESS_KINDS } from '../../process/files.ts';
import { messageOf } from '../../util/errors.ts';
import { cutLog } from '../worker-directory/cut-log.ts';
import { type NotedDestination, notedDestination } from '../worker-directory/destination-names.ts';
import { moveLogs } from '../worker-directory/kept-logs.ts';
import { type OwnedDirectories, readOwnedDirectories } from '../worker-directory/owned-directories.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { markEnded } from '../worker-directory/worker-record.ts';

/** Clocks of file systems tick in steps. */
const CLOCK_STEP_MS = 2_000;

export interface Leftovers {
  dataDir: string;
  worker: string;
  run: string;
  /** The run ends with this worker: its directories go. */
  last: boolean;
  /** Of a run of several plots: which is its own, and how to tell its lines in their log; `null`: it is alone. */
  several: { nth: number; definition: PlotterDefinition } | null;
  tempDirs: string[];
  /** Absolute names that the worker's plot may have had until it was whole. */
  unfinished: string[];
  /** All directories into which its plot may have gone. */
  destinations: readonly string[];
  /** Of this worker; of the run, as of its first worker. */
  keepLogs: boolean;
  keepRunLogs: boolean;
  /** When the run started, milliseconds since 1970. */
  startedAt: number;
  /** Whether its plotter has begun: its temporary directories were made then. */
  plotterBegan: boolean;
  /** Whether it writes down what it makes; a worker of version 1 doesn't. */
  byRecord: boolean;
}

/**
 * Removes what a worker leaves behind: its temporary directories, the unfinished files of its plot and its own files;
 * its logs are kept if wanted. What it did not make itself stays. Answers what could not be removed, `null` where all
 * went. Never rejects; done again, it does no harm.
 */
export async function cleanUp(leftovers: Leftovers): Promise<string | null> {
  const { dataDir, run, tempDirs } = leftovers;
  const own = workerDirectory(dataDir, run);
  const record = readOwnedDirectories(own);
  const problems: string[] = [];
  const note = (what: string, problem: string | null) => {
    if (problem !== null) problems.push(`${what} stays: ${problem}`);
  };
  for (const directory of tempDirs) {
    const foreign = foreignTo(directory, record, leftovers);
    note(directory, problemOf(await removeWorkerDirectory(dirname(directory), basename(directory), foreign)));
  }
  for (const file of leftovers.unfinished) note(file, await removeUnfinished(file, own, leftovers));
  for (const { directory, keep, goes } of ownDirectories(leftovers)) {
    try {
      await keep();
    } catch (error) {
      problems.push(`logs stay in ${directory}: ${messageOf(error)}`);
      return problems.join('; ');
    }
    if (goes)
      note(directory, problemOf(await removeWorkerDirectory(dirname(directory), basename(directory))));
  }
  return problems.length === 0 ? null : problems.join('; ');
}

/** A directory in `workers`, what is kept of it, and whether it goes then. */
interface OwnDirectory {
  directory: string;
  keep(): Promise<void>;
  goes: boolean;
}

/**
 * The worker's own directory and, where its run ends with it, that of the run: where another plot of the run is in the
 * making, what it needs stays.
 */
function ownDirectories(leftovers: Leftovers): OwnDirectory[] {
  const { dataDir, worker, run, last, several, keepLogs, keepRunLogs } = leftovers;
  const ofRun: OwnDirectory = {
    directory: workerDirectory(dataDir, run),
    goes: true,
    keep: async () => {
      markEnded(workerDirectory(dataDir, run));
      // Of several plots each has its part of the plotter's log.
      if (keepRunLogs) await moveLogs(dataDir, run, several ? ['pre', 'post'] : PROCESS_KINDS);
    },
  };
  const part: OwnDirectory = {
    directory: workerDirectory(dataDir, worker),
    goes: worker !== run,
    keep: async () => {
      if (several && keepLogs) await cutLog(dataDir, { run, worker, ...several });
      if (worker === run) return;
      markEnded(workerDirectory(dataDir, worker));
      if (keepLogs) await moveLogs(dataDir, worker, ['post']);
    },
  };
  return [...(several ? [part] : []), ...(last ? [ofRun] : [])];
}

function problemOf(removal: Removal): string | null {
  return removal.outcome === 'removed' || removal.outcome === 'missing' ? null : removal.reason;
}

/** A temporary directory is the worker's own by its inode; where that was lost, by whose it is and since when. */
function foreignTo(directory: string, record: OwnedDirectories | null, leftovers: Leftovers): Foreign {
  const { startedAt, byRecord, plotterBegan } = leftovers;
  return ({ ino, uid, birthtimeMs }) => {
    if (!byRecord) return null;
    const known = record?.temp_dirs.find(({ path }) => path === directory);
    const since = Number(birthtimeMs) >= startedAt - CLOCK_STEP_MS;
    const own =
      known === undefined
        ? plotterBegan && since && Number(uid) === process.getuid?.()
        : known.ino === String(ino);
    return own ? null : 'was not made by this worker';
  };
}

/** What was there under that name before the plotter began is somebody else's. */
async function removeUnfinished(
  file: string,
  own: string,
  { destinations }: Leftovers,
): Promise<string | null> {
  const name = basename(file);
  const destination = dirname(file);
  const index = destinations.indexOf(destination);
  const before = index === -1 ? null : noteOf(own, index);
  if (before === null) return null;
  if (before.names.includes(name)) return null;
  const sameDirectory = ({ ino }: { ino: bigint }) =>
    String(ino) === before.ino ? null : 'is another directory than the one that the plotter began with';
  return problemOf(await removeFile(destination, name, sameDirectory));
}

/** Where it can't be read nobody knows what was there: nothing goes. */
function noteOf(own: string, index: number): NotedDestination['found'] {
  try {
    return notedDestination(own, index)?.found ?? null;
  } catch {
    return null;
  }
}
