import { basename, dirname } from 'node:path';
import { type Foreign, type Removal, removeFile, removeWorkerDirectory } from '../../host/remove.ts';
import { messageOf } from '../../util/errors.ts';
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
  tempDirs: string[];
  /** Absolute names that the worker's plot may have had until it was whole. */
  unfinished: string[];
  /** All directories into which its plot may have gone. */
  destinations: readonly string[];
  keepLogs: boolean;
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
  const { dataDir, run, last, tempDirs, keepLogs } = leftovers;
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
  // Where another plot of the run is in the making, what it needs stays.
  if (!last) return problems.length === 0 ? null : problems.join('; ');
  try {
    markEnded(own);
    if (keepLogs) await moveLogs(dataDir, run);
  } catch (error) {
    problems.push(`logs stay in ${own}: ${messageOf(error)}`);
    return problems.join('; ');
  }
  note(own, problemOf(await removeWorkerDirectory(dirname(own), basename(own))));
  return problems.length === 0 ? null : problems.join('; ');
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
