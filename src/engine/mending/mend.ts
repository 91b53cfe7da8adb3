import type { JobDefinition } from '../../config/schema/job.ts';
import { isPaused, withOwnPause } from '../jobs/holds.ts';
import { newJob } from '../jobs/jobs.ts';
import { isWorkersEnd, type CountedLine } from '../../storage/history.ts';
import { addEnergy, type Energy, greaterEnergy, NO_ENERGY, NO_PLOT_METERED } from '../model/energy.ts';
import type { JobState } from '../model/job-state.ts';
import { KEPT_MS } from '../model/left-job.ts';
import { greaterNumbers, type Orphans } from '../model/replay.ts';
import { indexRun, indexWorker, newIndex } from '../model/index-runs.ts';
import type { RunState } from '../model/run-state.ts';
import { type State, workersOf } from '../model/state.ts';
import { withoutWanted } from '../starting/queue.ts';
import type { Moment } from '../surroundings.ts';
import { mayBeHeld } from '../working/suspending.ts';
import type { Recount } from './recount.ts';

/** After a loss that can be seen the number of the next event jumps by so much (contract, section 4). */
export const SEQ_JUMP = 1_000_000;
/** A delay that is over fires within this time, milliseconds, of what the daemon tells then. */
const FIRED_WITHIN_MS = 5_000;

/** Where the jobs come from whose records are lost: config.yaml as it is now. */
export type KnownJobs = ReadonlyMap<string, JobDefinition>;

/** Makes the jobs again of which only later records are left. Returns those of which nothing says what they do. */
export function mendJobs(state: State, orphans: Orphans, known: KnownJobs): string[] {
  const gone: string[] = [];
  for (const [id, patch] of orphans.jobs) {
    const definition = patch.definition ?? known.get(id);
    if (definition === undefined) gone.push(id);
    else state.jobs.set(id, { ...newJob(id, definition, known.has(id) ? 'file' : 'mqtt'), ...patch, id });
  }
  return gone;
}

/** A job for a live run whose job is known no more: it ends with the run. */
export function jobOfRun(state: State, run: RunState, known: KnownJobs): JobState {
  const present = state.jobs.get(run.job);
  if (present) return present;
  const { arguments: values, command } = run.spec;
  const job = newJob(run.job, known.get(run.job) ?? lastJob(run.plotter, command, values), 'file');
  job.leaving = !known.has(run.job);
  state.jobs.set(job.id, job);
  return job;
}

function lastJob(plotter: string, command: string, values: JobDefinition['arguments']): JobDefinition {
  return {
    plotter,
    command,
    arguments: values,
    enabled: false,
    emit_events: true,
    max_workers: 1,
    plots_to_do: 0,
    save_logs: false,
    max_failures: 3,
    check_space: true,
    choose: 'spread',
    keep_running: false,
    plots_per_run: 1,
    stall_timeout: 'auto',
    on_stall: 'report',
    events: [],
    starts: [],
  };
}

/** Lifts what was counted to what the history says. Returns what that changed, in words. */
export function mendCounts(state: State, counted: Recount, known: KnownJobs): string[] {
  const said: string[] = [];
  if (counted.plots_done > state.plots_done) {
    said.push(`plots of all time: ${counted.plots_done}, not ${state.plots_done}`);
    state.plots_done = counted.plots_done;
  }
  for (const [id, { plots, failed }] of counted.jobs) {
    const definition = known.get(id);
    let job = state.jobs.get(id) ?? state.left.get(id);
    if (!job && definition && plots + failed > 0) {
      job = newJob(id, definition, 'file');
      state.jobs.set(id, job);
    }
    if (!job) continue;
    if (failed > job.plots_failed) {
      said.push(`failed plots of job '${id}': ${failed}, not ${job.plots_failed}`);
      job.plots_failed = failed;
    }
    if (plots <= job.plots_done) continue;
    said.push(`plots of job '${id}': ${plots}, not ${job.plots_done}`);
    job.plots_done = plots;
    const last = counted.last.get(id);
    if (last && last.at >= (job.last_plot_at ?? 0))
      Object.assign(job, { last_plot: last.file, last_plot_at: last.at, last_plot_duration_s: null });
  }
  return said;
}

/** Less than this is no loss, but what lines were rounded by; kilowatt hours. */
const ROUNDED_KWH = 0.01;

/**
 * Lifts the sum of energy to what workers have taken: those that ended, by the whole history, and live ones. Returns
 * what that changed, in words.
 */
export function mendEnergy(state: State, lines: Iterable<CountedLine>): string[] {
  const taken = new Map<string, Energy>();
  for (const line of lines)
    if (isWorkersEnd(line))
      taken.set(line.worker, { energy_kwh: line.energy_kwh ?? null, cost: line.cost ?? null });
  for (const { id, energy_kwh, cost } of state.workers.values())
    if (!taken.has(id)) taken.set(id, { energy_kwh, cost });
  const sum = [...taken.values()].reduce(addEnergy, NO_ENERGY);
  const before = state.energy.energy_kwh ?? 0;
  state.energy = greaterEnergy(state.energy, sum);
  const after = state.energy.energy_kwh ?? 0;
  return after - before < ROUNDED_KWH ? [] : [`energy: ${after.toFixed(2)} kWh, not ${before.toFixed(2)}`];
}

/**
 * Lifts the numbers that workers of a plotter have taken to how many there were, by the whole history and those that
 * live: none is given twice.
 */
export function mendSequences(state: State, lines: Iterable<CountedLine>, numbered: readonly string[]): void {
  const plotters = new Map<string, string>();
  for (const line of lines)
    if (isWorkersEnd(line) && typeof line.plotter === 'string') plotters.set(line.worker, line.plotter);
  for (const worker of state.workers.values()) {
    const plotter = state.runs.get(worker.run)?.plotter;
    if (plotter !== undefined) plotters.set(worker.id, plotter);
  }
  const counted: Record<string, number> = {};
  for (const plotter of plotters.values())
    if (numbered.includes(plotter)) counted[plotter] = (counted[plotter] ?? 0) + 1;
  state.sequences = greaterNumbers(counted, state.sequences);
}

/** A job that is nowhere but in the history has left config.yaml: its counters are kept as long as they would have been. */
export function mendLeft(state: State, counted: Recount, known: KnownJobs, { now, steady }: Moment): void {
  for (const [id, { plots, failed }] of counted.jobs) {
    const last = counted.last.get(id);
    if (!last || plots === 0 || state.jobs.has(id) || state.left.has(id) || known.has(id)) continue;
    const left_at = steady - Math.max(0, now - last.at);
    if (steady - left_at > KEPT_MS) continue;
    state.left.set(id, {
      ...{ plots_done: plots, plots_failed: failed, recent_plots: [], failures: 0, last_error: null },
      ...{ last_plot: last.file, last_plot_at: last.at, last_plot_duration_s: null },
      ...{ timed_plots: 0, timed_s: 0, left_at },
      ...NO_PLOT_METERED,
    });
  }
}

/** Takes a worker that has ended out of the state, its run where it was the last one, and what only that used. */
export function forgetWorker(state: State, id: string): void {
  const run = state.workers.get(id)?.run;
  state.workers.delete(id);
  reindex(state);
  if (run !== undefined && workersOf(state, run).length === 0) forgetRun(state, run);
}

/** The same for a run without workers. */
export function forgetRun(state: State, id: string): void {
  state.runs.delete(id);
  reindex(state);
  const used = new Set([...state.runs.values()].map(({ definition }) => definition));
  for (const key of state.definitions.keys()) if (!used.has(key)) state.definitions.delete(key);
}

/**
 * Puts every run and worker where the index has it. Returns the runs whose slot another one has: a slot is free again
 * only when its run has ended.
 */
export function reindex(state: State): RunState[] {
  state.index = newIndex();
  const doubled: RunState[] = [];
  for (const run of state.runs.values()) {
    const other = state.index.slots.get(run.job)?.get(run.slot);
    if (other) doubled.push(other.started_at < run.started_at ? other : run);
    if (!other || other.started_at < run.started_at) indexRun(state.index, run);
  }
  for (const worker of state.workers.values()) indexWorker(state.index, worker);
  return doubled;
}

/**
 * What may have happened already in a record that is lost doesn't happen again: starts on their way are forgotten, and
 * delays that were over before the newest event that is left. Returns how many of each.
 */
export function forgetOwed(state: State, newest: number): { starts: number; timers: number } {
  let starts = 0;
  for (const job of state.jobs.values()) {
    starts += job.wanted;
    Object.assign(job, withoutWanted(job));
  }
  const over = [...state.timers.values()].filter(({ due }) => due < newest - FIRED_WITHIN_MS);
  for (const { id } of over) state.timers.delete(id);
  return { starts, timers: over.length };
}

/**
 * A run is suspended by a pause of its own or of its job, and its workers are held back by nothing else. Where the
 * record of a job's pause is lost, its suspended runs still say that there was one; where theirs is lost, the job does.
 */
export function agreeOnPauses(state: State, { now, steady }: Moment): void {
  for (const run of state.runs.values()) {
    const job = state.jobs.get(run.job);
    const stands = run.suspended || workersOf(state, run.id).some(({ held }) => held);
    if (job && stands && !run.paused && !isPaused(state, job)) job.holds = withOwnPause(job.holds, true, now);
  }
  for (const run of state.runs.values()) {
    const job = state.jobs.get(run.job);
    if (run.suspended || !(run.paused || (job && isPaused(state, job))) || !mayBeHeld(state, run)) continue;
    Object.assign(run, { suspended: true, suspended_at: steady });
  }
}
