import type { JobsLimit } from '../../../config/schema/limits.ts';
import { durationText } from '../../../contract/durations.ts';
import type { RunState } from '../../model/run-state.ts';
import { newestOf, plotsToCome, type State } from '../../model/state.ts';
import { definitionOfRun, planOf } from '../../working/stages.ts';
import { aboutToStart, type GateAnswer } from '../gates/gate.ts';
import type { LastStart } from './started-in.ts';

/** What a limit over several workers counts now. */
export interface LimitCounts {
  /** Runs under it. */
  running: number;
  /** Of those, by phase that is limited, how many have not finished it. */
  unfinished: { phase: string; most: number; runs: number }[];
  /** When the next start may be, on the steady clock; 0: now. */
  due: number;
  /** When the last start was, by the host's clock; `null`: nobody knows of one, or it doesn't matter. */
  last_at: number | null;
}

/** What a limit allows, over whatever workers. */
export type Allowed = Pick<JobsLimit, 'max_workers' | 'max_in_phase' | 'apart'>;

/** By phase that is limited, how many of these runs have not finished it. */
export function unfinishedOf(
  state: State,
  { max_in_phase = {} }: Allowed,
  runs: readonly RunState[],
): LimitCounts['unfinished'] {
  return Object.entries(max_in_phase).map(([phase, most]) => ({
    phase,
    most,
    runs: runs.filter((run) => !hasFinished(state, run, phase)).length,
  }));
}

/**
 * Whether a run is past a phase, with all of its plots. One whose plotter has ended is, whatever its log said: so is,
 * then, one whose plotter lacks the phase.
 */
function hasFinished(state: State, run: RunState, phase: string): boolean {
  const newest = newestOf(state, run.id);
  if (!newest) return true;
  const { step, held, leaf } = newest;
  if (step === 'post' || step === 'cleanup' || (step === 'plotter' && held)) return true;
  const last = planOf(definitionOfRun(state, run)).leaves.findLastIndex((each) => each.phase === phase);
  return last !== -1 && leaf > last && plotsToCome(state, run) === 0;
}

/** When the next start may be. `steady`: milliseconds on the steady clock. */
export function nextAfter(
  last: LastStart | null,
  { apart = 0 }: Allowed,
  steady: number,
): Pick<LimitCounts, 'due' | 'last_at'> {
  const due = last === null ? 0 : last.steady + apart * 1000;
  return last !== null && due > steady ? { due, last_at: last.at } : { due: 0, last_at: null };
}

/** Starts on their way that go before another one. */
export interface Ahead {
  /** Those that would run under the limit, and of them those that would go through its phases there. */
  all: number;
  phases: number;
}

/** What a limit says of one more worker, a sentence each. `where`: which limit that is, in words. */
export function answersOf(
  where: string,
  { max_workers, apart = 0 }: Allowed,
  { running, unfinished, due, last_at }: LimitCounts,
  ahead: Ahead,
): GateAnswer[] {
  const answer = (most: number, count: number, before: number, what: string): GateAnswer => ({
    room: Math.max(0, most - count - before),
    text: `${count} of ${most} workers ${where} ${what}${aboutToStart(before)}`,
  });
  return [
    ...(max_workers === undefined ? [] : [answer(max_workers, running, ahead.all, 'run')]),
    ...unfinished.map(({ phase, most, runs }) =>
      answer(most, runs, ahead.phases, `have not finished phase ${phase}`),
    ),
    ...(apart === 0
      ? []
      : [{ room: due > 0 || ahead.all > 0 ? 0 : 1, text: whenLast(where, apart, last_at, ahead.all) }]),
  ];
}

function whenLast(where: string, apart: number, last_at: number | null, ahead: number): string {
  const last = last_at === null ? '' : `, the last was at ${new Date(last_at).toISOString()}`;
  return `starts ${where} are ${durationText(apart)} apart${last}${aboutToStart(ahead)}`;
}
