import { join } from 'node:path';
import type { JobDefinition } from '../config/schema/job.ts';
import { agreeOnPauses, forgetOwed, mendCounts, mendJobs, SEQ_JUMP } from '../engine/mend.ts';
import { definitionOf } from '../engine/position.ts';
import { NOTHING_COUNTED, type Recount, recount } from '../engine/recount.ts';
import { Replay } from '../engine/replay.ts';
import { fromSnapshot, toSnapshot } from '../engine/snapshot.ts';
import { emptyState, type State } from '../engine/state.ts';
import type { Settings } from '../engine/turn.ts';
import { removeWorkerDirectory } from '../host/remove.ts';
import { type CountedLine, historyKey, historyLines, historySize } from '../storage/history.ts';
import { readOwner, writeOwner } from '../storage/instance.ts';
import type { Journal } from '../storage/journal.ts';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { type Before, beforeOf, linesSince } from './history-since.ts';
import { instanceOf } from './instances.ts';
import {
  isKnownByDirectory,
  leaveDirectory,
  mendWorkers,
  recordsOf,
  type WorkersToMend,
  workersWithoutRecord,
} from './mend-workers.ts';
import { workerDirectory } from './paths.ts';
import { workerDirectories } from './traces.ts';
import { writeWorkerRecord } from './worker-record.ts';

export interface RestoreOptions {
  dataDir: string;
  journal: Journal;
  settings: Settings;
  /** The jobs of config.yaml: what a job does whose own record is lost. */
  jobs: ReadonlyMap<string, JobDefinition>;
  /** Milliseconds since 1970. */
  now(): number;
  /** The local date of a time, `YYYY-MM-DD`. */
  dateOf(at: number): string;
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
  const { dataDir, journal, log } = options;
  const problems = [...journal.problems];
  const say = (problem: string) => {
    log.error(problem);
    problems.push(problem);
  };
  const faults: string[] = [];
  const base = journal.snapshot === null ? emptyState('') : fromSnapshot(journal.snapshot, faults);
  const before = beforeOf(base, journal);
  const replay = new Replay(base);
  for (const entry of journal.entries) replay.take(entry);
  const { state } = replay;
  const fresh = isFresh(options);
  if (faults.length > 0) say(`the state is not whole, left out of it: ${faults.join(', ')}`);
  if (replay.skipped > 0) say(`${replay.skipped} changes in the journal are none and were passed over`);
  const lost = journal.lost || (journal.snapshot === null && !fresh) || faults.length + replay.skipped > 0;
  const stale = fresh ? [] : findLosses({ options, replay, before, lost, say });
  nameInstance(options, state, say);
  const shorter = lookAtHistory(historyFile(dataDir), state, log);
  if (fresh || journal.worn || shorter || problems.length > 0) writeTwice(journal, state, log);
  writeFiles(options, state);
  for (const id of stale) await removeWorkerDirectory(join(dataDir, 'workers'), id);
  return { state, problems };
}

function historyFile(dataDir: string): string {
  return join(dataDir, 'history.jsonl');
}

/** Whether lines are gone from the history: it may be moved away at any time, and where nobody did, they are lost. */
function lookAtHistory(file: string, state: State, log: Logger): boolean {
  const size = historySize(file);
  const missing = (state.history_bytes ?? 0) - size;
  if (missing > 0) log.warn(`${file} is shorter than it was, by ${missing} bytes: was it moved away?`);
  state.history_bytes = size;
  return missing > 0;
}

/** Whether nothing ever ran here. */
function isFresh({ dataDir, journal }: RestoreOptions): boolean {
  const nothing = journal.snapshot === null && journal.entries.length === 0 && !journal.lost;
  return (
    nothing &&
    readOwner(dataDir) === null &&
    workerDirectories(dataDir).length === 0 &&
    historySize(historyFile(dataDir)) === 0
  );
}

interface Looking {
  options: RestoreOptions;
  replay: Replay;
  before: Before;
  /** It is known already that records are lost. */
  lost: boolean;
  say(problem: string): void;
}

/** Looks whether history and workers' directories know more than the state, and mends it. Returns directories that nobody needs. */
function findLosses(looking: Looking): string[] {
  const { options, replay, lost } = looking;
  const { dataDir } = options;
  const { state } = replay;
  const file = historyFile(dataDir);
  const unknown = workerDirectories(dataDir).filter((id) => !state.workers.has(id));
  const { history_bytes } = state;
  const longer = history_bytes !== null && historySize(file) > history_bytes;
  if (!lost && unknown.length === 0 && !longer) return [];
  // Only now: a history may have hundreds of thousands of lines.
  const lines = [...historyLines(file)];
  const written = new Set(lines.map(historyKey));
  const pending = [...state.history.values()].filter((line) => !written.has(historyKey(line)));
  const whole = recount(NOTHING_COUNTED, [...lines, ...pending]);
  const { ended } = whole;
  const strange = unknown.filter((id) => !ended.has(id));
  const toMend = workersToMend(looking, ended);
  if (
    lost ||
    (longer && knowsMore(state, lines, [...historyLines(file, history_bytes)])) ||
    strange.some((id) => isKnownByDirectory(toMend, id))
  )
    return mend(looking, toMend, whole);
  for (const id of strange) leaveDirectory(toMend, id);
  return unknown.filter((id) => ended.has(id));
}

/** Whether the end of the history, behind what the state knows of, tells of ends that the state doesn't. */
function knowsMore(state: State, lines: readonly CountedLine[], behind: readonly CountedLine[]): boolean {
  const known = new Set(lines.slice(0, lines.length - behind.length).map(historyKey));
  return behind.some((line) => !known.has(historyKey(line)) && !state.history.has(historyKey(line)));
}

function workersToMend({ options, replay, say }: Looking, ended: ReadonlySet<string>): WorkersToMend {
  const { dataDir, jobs, settings } = options;
  const { state, orphans } = replay;
  return { dataDir, state, orphans: orphans.workers, ended, jobs, settings, now: options.now(), say };
}

/** Some of what was written down is lost: what is left says how things are. */
function mend({ options, replay, before, say }: Looking, toMend: WorkersToMend, whole: Recount): string[] {
  const { dataDir, jobs } = options;
  const { state, orphans } = replay;
  say(
    `records of the state are lost; what is left of them, of the history and of the workers' directories in ` +
      `${dataDir} is used. Counts may be too high where a reset is lost; settings and jobs made over MQTT may be older`,
  );
  for (const id of mendJobs(state, orphans, jobs)) say(`job '${id}' is lost: nothing says what it does`);
  const written = new Set([...historyLines(historyFile(dataDir))].map(historyKey));
  for (const key of [...state.history.keys()]) if (written.has(key)) state.history.delete(key);
  const stale = mendWorkers(toMend);
  agreeOnPauses(state, toMend.now);
  const lines = linesSince(historyFile(dataDir), before, state);
  for (const counted of [recount(before.counts, lines), whole])
    for (const change of mendCounts(state, counted, jobs)) say(`counted anew from the history, ${change}`);
  const today = options.dateOf(options.now());
  const plots = lines.filter(({ plot, result, ended_at }) => {
    return plot !== null && result !== 'moved' && options.dateOf(Date.parse(ended_at)) === today;
  }).length;
  if (state.day.date !== today) state.day = { date: today, plots };
  else state.day.plots = Math.max(state.day.plots, plots);
  const { starts, timers } = forgetOwed(state, replay.newest);
  if (starts > 0) say(`${starts} starts on their way were forgotten: they may have happened`);
  if (timers > 0) say(`${timers} delayed events were forgotten: they have fired`);
  const numbers = recordsOf(dataDir).map(({ seq }) => seq);
  state.seq = Math.max(state.seq, state.acked, ...numbers) + SEQ_JUMP;
  return stale;
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
function writeTwice(journal: Journal, state: State, log: Logger): void {
  try {
    for (let times = 0; times < 2; times += 1) journal.compact(toSnapshot(state));
  } catch (error) {
    log.error(`the state can't be written anew, its journal goes on: ${messageOf(error)}`);
  }
}

/** The files beside the state say what they should. */
function writeFiles({ dataDir, log }: RestoreOptions, state: State): void {
  const { instance, seq } = state;
  try {
    const owner = readOwner(dataDir);
    if (owner === 'damaged') log.warn(`${dataDir}/instance was damaged and is written anew`);
    if (owner === 'damaged' || owner?.instance !== instance || owner.data_dir !== dataDir)
      writeOwner(dataDir, { instance, data_dir: dataDir });
    for (const worker of workersWithoutRecord(dataDir, state)) {
      const definition = definitionOf(state, worker);
      writeWorkerRecord(workerDirectory(dataDir, worker.id), {
        instance,
        seq,
        data_dir: dataDir,
        worker,
        definition,
      });
    }
  } catch (error) {
    log.error(`${dataDir} can't be written: ${messageOf(error)}`);
  }
}
