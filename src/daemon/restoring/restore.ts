import { statSync } from 'node:fs';
import { Replay } from '../../engine/model/replay.ts';
import { fromSnapshot, toSnapshot } from '../../engine/model/snapshot.ts';
import { emptyState, runOf, type State } from '../../engine/model/state.ts';
import { definitionOf } from '../../engine/working/stages.ts';
import { historySize } from '../../storage/history.ts';
import { readOwner, writeOwner } from '../../storage/instance.ts';
import type { FoundState, JournalWriter } from '../../storage/journal/journal-types.ts';
import { setAside } from '../../storage/set-aside.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import { removeEnded } from '../worker-directory/kept-logs.ts';
import { historyFile, workerDirectory } from '../worker-directory/paths.ts';
import { writeWorkerRecord } from '../worker-directory/worker-record.ts';
import { beforeOf } from './history-since.ts';
import { instanceOf } from './known-instance.ts';
import { type Beside, findLosses } from './losses.ts';
import { recordsOf, workersWithoutRecord } from './mend-workers.ts';
import { countForFirstTime } from './recent.ts';
import { workerDirectories } from './traces.ts';

export interface RestoreOptions extends Beside {
  /** What the state's files say. It isn't kept. */
  found: FoundState;
  journal: JournalWriter;
  /** A new random id, for a directory that has none yet. */
  newInstance(): string;
  log: Logger;
}

export interface Restored {
  state: State;
  /** What was found damaged or missing, and what became of it, in words: for those who are to look after it. */
  problems: string[];
}

/**
 * The state, from what its files have left. Nothing in them is believed before it is looked at; where something is
 * lost, history and the workers' own directories say what they can, and all of it is said.
 */
export async function restoreState(options: RestoreOptions): Promise<Restored> {
  const { dataDir, found, journal, log } = options;
  const problems = [...found.problems];
  const say = (problem: string) => {
    log.error(problem);
    problems.push(problem);
  };
  const faults: string[] = [];
  const base = found.snapshot === null ? emptyState('') : fromSnapshot(found.snapshot, faults);
  const before = beforeOf(base, found);
  const replay = new Replay(base);
  for (const entry of found.entries) replay.take(entry);
  const { state } = replay;
  options.clock.goOn(state.timescale);
  const fresh = isFresh(options);
  if (faults.length > 0) say(`the state is not whole, left out of it: ${faults.join(', ')}`);
  if (replay.skipped > 0) say(`${replay.skipped} changes in the journal are none and were passed over`);
  const lost = found.lost || (found.snapshot === null && !fresh) || faults.length + replay.skipped > 0;
  const stale = fresh ? [] : findLosses({ options, replay, before, lost, say });
  const counted = countForFirstTime(options, state);
  nameInstance(options, state, say);
  const { size, shorter } = lookAtHistory(historyFile(dataDir), state, log);
  if (fresh || counted || found.worn || shorter || problems.length > 0) {
    // Only where it is written down: what the engine finds unchanged never gets into its journal.
    state.history_bytes = size;
    writeTwice(journal, state, log);
  }
  writeFiles(options, state, say);
  for (const id of stale) await removeEnded(dataDir, id, log);
  return { state, problems };
}

/** How long the history is, and whether lines are gone from it: it may be moved away at any time, and where nobody did, they are lost. */
function lookAtHistory(file: string, state: State, log: Logger): { size: number; shorter: boolean } {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    log.error(`${file} is no file; it was set aside as ${setAside(file, new Date())}`);
  const size = historySize(file);
  const missing = (state.history_bytes ?? 0) - size;
  if (missing > 0) log.warn(`${file} is shorter than it was, by ${missing} bytes: was it moved away?`);
  return { size, shorter: missing > 0 };
}

/** Whether nothing ever ran here. */
function isFresh({ dataDir, found }: RestoreOptions): boolean {
  const nothing = found.snapshot === null && found.entries.length === 0 && !found.lost;
  return (
    nothing &&
    readOwner(dataDir) === null &&
    workerDirectories(dataDir).length === 0 &&
    historySize(historyFile(dataDir)) === 0
  );
}

function nameInstance(
  { dataDir, newInstance }: RestoreOptions,
  state: State,
  say: (text: string) => void,
): void {
  const known = instanceOf(
    dataDir,
    state,
    recordsOf(dataDir).map(({ instance }) => instance),
  );
  if (known === null && state.seq > 0) say(`the instance is lost: entities in Home Assistant are new ones`);
  state.instance = known ?? newInstance();
}

/** A whole state file, and a whole one before it: nothing depends on what was damaged any more. */
function writeTwice(journal: JournalWriter, state: State, log: Logger): void {
  try {
    for (let times = 0; times < 2; times += 1) journal.compact(toSnapshot(state));
  } catch (error) {
    log.error(`the state can't be written anew, its journal goes on: ${messageOf(error)}`);
  }
}

/** The files beside the state say what they should. */
function writeFiles({ dataDir, log }: RestoreOptions, state: State, say: (text: string) => void): void {
  const { instance, seq } = state;
  try {
    const owner = readOwner(dataDir);
    if (owner === 'damaged') say(`${dataDir}/instance is damaged and was written anew`);
    if (owner === 'damaged' || owner?.instance !== instance || owner.data_dir !== dataDir)
      writeOwner(dataDir, { instance, data_dir: dataDir });
    for (const worker of workersWithoutRecord(dataDir, state)) {
      const definition = definitionOf(state, worker);
      writeWorkerRecord(workerDirectory(dataDir, worker.id), {
        instance,
        seq,
        data_dir: dataDir,
        run: runOf(state, worker),
        worker,
        definition,
      });
    }
  } catch (error) {
    log.error(`${dataDir} can't be written: ${messageOf(error)}`);
  }
}
