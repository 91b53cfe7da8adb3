import type { JobDefinition } from '../../config/schema/job.ts';
import type { Settings } from '../../engine/memory.ts';
import {
  agreeOnPauses,
  forgetOwed,
  mendCounts,
  mendEnergy,
  mendJobs,
  mendLeft,
  mendSequences,
  SEQ_JUMP,
} from '../../engine/mending/mend.ts';
import { NOTHING_COUNTED, type Recount, recount } from '../../engine/mending/recount.ts';
import type { Replay } from '../../engine/model/replay.ts';
import type { State } from '../../engine/model/state.ts';
import { usesSequence } from '../../plotters/computed.ts';
import {
  type CountedLine,
  historyKey,
  historyLines,
  historySize,
  isWorkersEnd,
} from '../../storage/history.ts';
import type { SteadyClock } from '../clock.ts';
import { historyFile, workerDirectory } from '../worker-directory/paths.ts';
import { isMarkedEnded } from '../worker-directory/worker-record.ts';
import { isKnownByDirectory, leaveDirectory, type WorkersToMend } from './bring-back.ts';
import { type Before, linesSince } from './history-since.ts';
import { mendWorkers, recordsOf } from './mend-workers.ts';
import { mendRecent } from './recent.ts';
import { workerDirectories } from './traces.ts';

/** The steady clock, on the scale that the state counts in. */
export type Timekeeper = Pick<SteadyClock, 'now' | 'at' | 'goOn'>;

/** What is known beside the state's own files. */
export interface Beside {
  dataDir: string;
  settings: Settings;
  /** The jobs of config.yaml: what a job does whose own record is lost. */
  jobs: ReadonlyMap<string, JobDefinition>;
  /** The host's clock, milliseconds since 1970. */
  now(): number;
  /** The local date of a time, `YYYY-MM-DD`. */
  dateOf(at: number): string;
  clock: Timekeeper;
}

export interface Looking {
  options: Beside;
  replay: Replay;
  before: Before;
  /** It is known already that records are lost. */
  lost: boolean;
  say(problem: string): void;
}

/**
 * Looks whether history and workers' directories know more than the state, and mends it. Returns the directories of
 * workers that have ended: but for logs that were to be kept, nobody needs them.
 */
export function findLosses(looking: Looking): string[] {
  const { options, replay, lost } = looking;
  const { dataDir } = options;
  const { state } = replay;
  const file = historyFile(dataDir);
  // The directory of a run outlives its first worker.
  const without = workerDirectories(dataDir).filter((id) => !state.workers.has(id) && !state.runs.has(id));
  const left = without.filter((id) => isMarkedEnded(workerDirectory(dataDir, id)));
  const unknown = without.filter((id) => !left.includes(id));
  const { history_bytes } = state;
  const longer = history_bytes !== null && historySize(file) > history_bytes;
  if (!lost && unknown.length === 0 && !longer) return left;
  // Only now: a history may have hundreds of thousands of lines.
  const lines = [...historyLines(file)];
  const written = new Set(lines.map(historyKey));
  const pending = [...state.history.values()].filter((line) => !written.has(historyKey(line)));
  const whole = recount(NOTHING_COUNTED, [...lines, ...pending]);
  const ended = new Set([...whole.ended, ...left]);
  const strange = unknown.filter((id) => !ended.has(id));
  const toMend = workersToMend(looking, ended);
  if (
    lost ||
    (longer && knowsMore(state, lines, [...historyLines(file, history_bytes)])) ||
    strange.some((id) => isKnownByDirectory(toMend, id))
  )
    return mend(looking, toMend, whole);
  for (const id of strange) leaveDirectory(toMend, id);
  return without.filter((id) => ended.has(id));
}

/** Whether the end of the history, behind what the state knows of, tells of ends that the state doesn't. */
function knowsMore(state: State, lines: readonly CountedLine[], behind: readonly CountedLine[]): boolean {
  const known = new Set(lines.slice(0, lines.length - behind.length).map(historyKey));
  return behind.some((line) => !known.has(historyKey(line)) && !state.history.has(historyKey(line)));
}

function workersToMend({ options, replay, say }: Looking, ended: ReadonlySet<string>): WorkersToMend {
  const { dataDir, jobs, settings } = options;
  const { state, orphans } = replay;
  return {
    dataDir,
    state,
    orphans,
    ended,
    jobs,
    settings,
    now: options.now(),
    clock: options.clock,
    say,
  };
}

/** Some of what was written down is lost: what is left says how things are. */
function mend({ options, replay, before, say }: Looking, toMend: WorkersToMend, whole: Recount): string[] {
  const { dataDir, jobs, clock } = options;
  const { state, orphans } = replay;
  say(
    `records of the state are lost; what is left of them, of the history and of the workers' directories in ` +
      `${dataDir} is used. Counts may be too high where a reset is lost; settings and jobs made over MQTT may be older`,
  );
  for (const id of mendJobs(state, orphans, jobs)) say(`job '${id}' is lost: nothing says what it does`);
  const written = new Set([...historyLines(historyFile(dataDir))].map(historyKey));
  for (const key of [...state.history.keys()]) if (written.has(key)) state.history.delete(key);
  const stale = mendWorkers(toMend);
  agreeOnPauses(state, { now: options.now(), steady: clock.now() });
  const lines = linesSince(historyFile(dataDir), before, state);
  for (const counted of [recount(before.counts, lines), whole])
    for (const change of mendCounts(state, counted, jobs)) say(`counted anew from the history, ${change}`);
  const all = [...historyLines(historyFile(dataDir)), ...state.history.values()];
  for (const change of mendEnergy(state, all)) say(`counted anew from the history, ${change}`);
  mendSequences(state, all, numberedPlotters(options.settings));
  mendLeft(state, whole, jobs, { now: options.now(), steady: clock.now() });
  mendRecent(options, state);
  countToday(state, options, lines);
  const { starts, timers } = forgetOwed(state, replay.newest);
  if (starts > 0) say(`${starts} starts on their way were forgotten: they may have happened`);
  if (timers > 0) say(`${timers} delayed events were forgotten: they have fired`);
  const numbers = recordsOf(dataDir).map(({ seq }) => seq);
  state.seq = Math.max(state.seq, state.acked, ...numbers) + SEQ_JUMP;
  return stale;
}

/** The plotters whose workers take numbers. */
function numberedPlotters({ plotters }: Settings): string[] {
  return [...plotters].filter(([, { definition }]) => usesSequence(definition)).map(([id]) => id);
}

function countToday(state: State, { now, dateOf }: Beside, lines: readonly CountedLine[]): void {
  const date = dateOf(now());
  const isToday = ({ ended_at }: CountedLine) => {
    const at = Date.parse(ended_at);
    return Number.isFinite(at) && dateOf(at) === date;
  };
  const plots = lines.filter((line) => isWorkersEnd(line) && line.plot !== null && isToday(line)).length;
  if (state.day.date !== date) state.day = { date, plots };
  else state.day.plots = Math.max(state.day.plots, plots);
}
