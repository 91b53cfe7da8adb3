import { destinationOf } from '../../engine/model/placement.ts';
import { newestOf, runOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { producedPattern } from '../../engine/working/new-files.ts';
import { notedDestination } from '../worker-directory/destination-names.ts';
import { workerDirectory } from '../worker-directory/paths.ts';

/**
 * Why a plotter whose plot is told by being the one new file in its destination can't begin; `null`: it can, or its log
 * names its plot. What is there must have been noted, and no other such run may have the same directory: which one that
 * is names don't tell.
 */
export function whyNotToldByNewFile(
  worker: WorkerState,
  { state, dataDir }: { state: State; dataDir: string },
): string | null {
  if (producedPattern(state, worker) === null) return null;
  const own = directoryOf(dataDir, worker);
  if (own === null)
    return `what is in its destination before its plotter begins can't be noted, and its plot is told by that`;
  const run = runOf(state, worker);
  for (const earlier of state.runs.values()) {
    const other = newestOf(state, earlier.id);
    if (earlier.id === run.id || !other || producedPattern(state, other) === null) continue;
    const isEarlier =
      earlier.started_at < run.started_at || (earlier.started_at === run.started_at && earlier.id < run.id);
    if (isEarlier && directoryOf(dataDir, other) === own)
      return `${destinationOf(worker)} is the destination of worker ${other.id}, under another name`;
  }
  return null;
}

/** Which directory it was when it was noted: its inode, on its file system. */
function directoryOf(dataDir: string, { run, placement }: WorkerState): string | null {
  const ino = notedDestination(workerDirectory(dataDir, run))?.found?.ino;
  const filesystem = placement.find(({ role }) => role === 'destination')?.filesystem;
  return ino === undefined ? null : `${filesystem} ${ino}`;
}
