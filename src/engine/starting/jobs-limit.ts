import { holdsFor, type JobsLimit } from '../../config/schema/limits.ts';
import { durationText } from '../../contract/durations.ts';
import type { Settings } from '../memory.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf, type State } from '../model/state.ts';
import { definitionOfRun, planOf } from '../working/stages.ts';
import { aboutToStart, type GateAnswer } from './gates/gate.ts';

/** What one limit over jobs counts now. */
export interface LimitCounts {
  /** Runs of its jobs. */
  running: number;
  /** Of those, by phase that is limited, how many have not finished it. */
  unfinished: { phase: string; most: number; runs: number }[];
  /** When the next start may be, on the steady clock; 0: now. */
  due: number;
  /** When the last start was, by the host's clock; `null`: nobody knows of one, or it doesn't matter. */
  last_at: number | null;
}

/** The limits that hold for a job, with their names, in the order of the file. */
export function limitsOver({ limits }: Pick<Settings, 'limits'>, job: string): [string, JobsLimit][] {
  return [...limits].filter(([, limit]) => holdsFor(limit, job));
}

/** Whether any does. */
export function isLimited(settings: Pick<Settings, 'limits'>, job: string): boolean {
  return limitsOver(settings, job).length > 0;
}

/** What a limit counts. `steady`: milliseconds on the steady clock. */
export function countFor(state: State, limit: JobsLimit, steady: number): LimitCounts {
  const runs: RunState[] = [];
  for (const [job, slots] of state.index.slots) if (holdsFor(limit, job)) runs.push(...slots.values());
  const unfinished = Object.entries(limit.max_in_phase ?? {}).map(([phase, most]) => ({
    phase,
    most,
    runs: runs.filter((run) => !hasFinished(state, run, phase)).length,
  }));
  return { running: runs.length, unfinished, ...lastStart(state, limit, steady) };
}

/**
 * Whether a run is past a phase, with all of its plots. One whose plotter has ended is, whatever its log said: so is,
 * then, one whose plotter lacks the phase.
 */
function hasFinished(state: State, run: RunState, phase: string): boolean {
  const newest = newestOf(state, run.id);
  if (!newest) return true;
  const { step, held, leaf, nth } = newest;
  if (step === 'post' || step === 'cleanup' || (step === 'plotter' && held)) return true;
  const last = planOf(definitionOfRun(state, run)).leaves.findLastIndex((each) => each.phase === phase);
  return last !== -1 && leaf > last && nth >= run.plots;
}

function lastStart(
  state: State,
  { apart = 0, ...limit }: JobsLimit,
  steady: number,
): Pick<LimitCounts, 'due' | 'last_at'> {
  if (apart === 0) return { due: 0, last_at: null };
  let last: { at: number; steady: number } | null = null;
  for (const { id, last_start } of state.jobs.values())
    if (last_start && holdsFor(limit, id) && last_start.steady > (last?.steady ?? Number.NEGATIVE_INFINITY))
      last = last_start;
  if (last === null) return { due: 0, last_at: null };
  const due = last.steady + apart * 1000;
  return due > steady ? { due, last_at: last.at } : { due: 0, last_at: null };
}

/** What a limit says of one more worker, a sentence each. `ahead`: starts on their way that go before it. */
export function answersOf(
  name: string,
  { max_workers, apart = 0 }: JobsLimit,
  { running, unfinished, due, last_at }: LimitCounts,
  ahead: number,
): GateAnswer[] {
  const answer = (most: number, count: number, what: string): GateAnswer => ({
    room: Math.max(0, most - count - ahead),
    text: `${count} of ${most} workers in limit '${name}' ${what}${aboutToStart(ahead)}`,
  });
  return [
    ...(max_workers === undefined ? [] : [answer(max_workers, running, 'run')]),
    ...unfinished.map(({ phase, most, runs }) => answer(most, runs, `have not finished phase ${phase}`)),
    ...(apart === 0
      ? []
      : [{ room: due > 0 || ahead > 0 ? 0 : 1, text: whenLast(name, apart, last_at, ahead) }]),
  ];
}

function whenLast(name: string, apart: number, last_at: number | null, ahead: number): string {
  const last = last_at === null ? '' : `, the last was at ${new Date(last_at).toISOString()}`;
  return `starts in limit '${name}' are ${durationText(apart)} apart${last}${aboutToStart(ahead)}`;
}
