import type { JobDefinition } from '../../config/schema/job.ts';
import type { RunState } from '../model/run-state.ts';
import type { State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { stageOf } from './stages.ts';

/** `stall_timeout: auto` (contract, section 3): so many times the longest silence, in seconds at least, and without a history. */
const TIMES_LONGEST = 3;
const AUTO_LEAST_S = 30 * 60;
const AUTO_UNKNOWN_S = 4 * 60 * 60;
/** Silences that are no longer than this make no difference to that, and aren't remembered. */
const UNNOTED_MS = (AUTO_LEAST_S * 1000) / TIMES_LONGEST;
/** A log that is silent for longer has the files looked at, as often as this; milliseconds. */
const LOOK_MS = 5 * 60 * 1000;
/** Of a short `stall_timeout`, looks take place so often in it: the first only notes how the files are. */
const LOOKS_WITHIN = 4;

/** Time in which the host is awake, on a scale that begins with the daemon; milliseconds. */
export function awakeAt({ steady, surroundings }: Pick<Transaction, 'steady' | 'surroundings'>): number {
  return steady - surroundings.slept();
}

/**
 * For how long neither the log nor the files of a worker are known to have grown, in milliseconds. Its run's pauses, the
 * host's sleep, and the time in which the daemon was away don't count.
 */
export function silenceOf(
  { suspended }: Pick<RunState, 'suspended'>,
  { silent_ms, silent_from }: Pick<WorkerState, 'silent_ms' | 'silent_from'>,
  awake: number,
): number {
  return silent_ms + (suspended ? 0 : Math.max(0, awake - silent_from));
}

/** Under which name silences of the stage are remembered in which a worker is; '' before the first. */
function stageName(state: State, worker: WorkerState): string {
  return stageOf(state, worker)?.id ?? '';
}

/** After how many seconds of silence a worker is stalled; `null`: it never is. */
export function stallTimeout(
  state: State,
  worker: WorkerState,
  { stall_timeout }: Pick<JobDefinition, 'stall_timeout'>,
): number | null {
  if (stall_timeout === 0) return null;
  if (stall_timeout !== 'auto') return stall_timeout;
  const longest = state.paces.get(worker.pace.key)?.silences;
  if (longest === undefined) return AUTO_UNKNOWN_S;
  return Math.max(AUTO_LEAST_S, TIMES_LONGEST * (longest[stageName(state, worker)] ?? 0));
}

/** How long the log is silent before files are looked at, and how long after that again; milliseconds. */
export function lookInterval({ stall_timeout }: Pick<JobDefinition, 'stall_timeout'>): number {
  if (stall_timeout === 'auto' || stall_timeout === 0) return LOOK_MS;
  return Math.min(LOOK_MS, (stall_timeout * 1000) / LOOKS_WITHIN);
}

/** What is to be remembered of a silence that is over; nothing, where it was no longer than others in this stage. */
export function notedSilence(state: State, worker: WorkerState, ms: number): Partial<WorkerState> {
  const stage = stageName(state, worker);
  if (ms <= Math.max(UNNOTED_MS, worker.silences[stage] ?? 0)) return {};
  return { silences: { ...worker.silences, [stage]: ms } };
}

/** The longest silences of a stage, in seconds, with those of one more plot; `undefined`: there is no history yet. */
export function longestSilences(
  known: Readonly<Record<string, number>> | undefined,
  { silences }: Pick<WorkerState, 'silences'>,
  interrupted: boolean,
): Record<string, number> | undefined {
  // How long it was silent while the daemon was away nobody knows: that alone is no history.
  if (known === undefined && interrupted) return undefined;
  const longest = { ...known };
  for (const [stage, ms] of Object.entries(silences))
    longest[stage] = Math.max(longest[stage] ?? 0, ms / 1000);
  return longest;
}

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

/** What is wrong with a worker that was silent for so many seconds, in words: `neither its log …`. */
export function silenceInWords(seconds: number): string {
  return `neither its log nor its files have grown for ${lasting(seconds)}`;
}

function lasting(seconds: number): string {
  if (seconds < MINUTE_S) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor((seconds % HOUR_S) / MINUTE_S);
  if (seconds < HOUR_S) return `${minutes} min`;
  const hours = Math.floor(seconds / HOUR_S);
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
}
