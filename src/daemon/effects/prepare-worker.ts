import { destinationsOf } from '../../engine/model/placement.ts';
import { runOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { confinedDirectories } from '../../engine/working/confined.ts';
import { definitionOf } from '../../engine/working/stages.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import { type Allowance, firstOutside, outsideMessage } from '../commands/allowed-directories.ts';
import { writeWorkerRecord } from '../worker-directory/worker-record.ts';
import { whyNotToldByNewFile } from './own-destination.ts';
import { prepareDirectories } from './prepare-directories.ts';

/**
 * Before a plotter begins: makes its run's directories, and notes them in its own one, `dir`. Whatever a directory
 * that arrived over MQTT was when the worker started: it counts what it leads to now. Throws why that can't be.
 */
export async function preparePlotter(
  worker: WorkerState,
  dir: string,
  { state, dataDir, allowance }: { state: State; dataDir: string; allowance(): Allowance },
): Promise<void> {
  const outside = await firstOutside(allowance(), confinedDirectories(state, worker));
  if (outside !== null) throw new Error(outsideMessage(outside));
  const { temp_dirs } = runOf(state, worker).spec;
  await prepareDirectories(dir, temp_dirs, destinationsOf(worker));
  const refused = whyNotToldByNewFile(worker, { state, dataDir });
  if (refused !== null) throw new Error(refused);
}

/** Should the state be lost, the worker is known by its directory. A full disk keeps no plotter from starting. */
export function recordWorker(
  worker: WorkerState,
  dir: string,
  { state, dataDir, log }: { state: State; dataDir: string; log: Logger },
): void {
  try {
    const { instance, seq } = state;
    const definition = definitionOf(state, worker);
    const run = runOf(state, worker);
    writeWorkerRecord(dir, { instance, seq, data_dir: dataDir, run, worker, definition });
  } catch (error) {
    log.warn(`worker ${worker.id} starts without a record in its directory: ${messageOf(error)}`);
  }
}
