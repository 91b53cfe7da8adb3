import { forgetRun, forgetWorker, jobOfRun, reindex } from '../../engine/mending/mend.ts';
import { revive, type Traces } from '../../engine/mending/revive.ts';
import { isDismissed, runOf, type State, workersOf } from '../../engine/model/state.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { lowestFreeSlot } from '../../engine/starting/start-worker.ts';
import { plotFile } from '../../engine/working/stages.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { isMarkedEnded, readWorkerRecord, type WorkerRecord } from '../worker-directory/worker-record.ts';
import { bringBack, bringBackRun, type WorkersToMend } from './bring-back.ts';
import type { Timekeeper } from './losses.ts';
import { isPresent, livingProcess, tracesOf, workerDirectories } from './traces.ts';

/**
 * Makes the workers whole whose records are lost: those with a directory of their own live, but those that the history
 * knows to have ended. Returns the directories of these, which nobody needs.
 */
export function mendWorkers(toMend: WorkersToMend): string[] {
  const { dataDir, state, ended, say } = toMend;
  const directories = workerDirectories(dataDir);
  const known = new Set(state.runs.keys());
  for (const id of [...state.workers.keys()])
    if (ended.has(id)) {
      forgetWorker(state, id);
      say(`worker ${id} had ended, as the history says`);
    }
  const unknown = new Set(directories.filter((id) => !state.workers.has(id) && !ended.has(id)));
  for (const id of unknown) bringBack(toMend, id);
  bringBackRuns(toMend);
  for (const run of [...state.runs.values()])
    if (workersOf(state, run.id).length === 0) forgetRun(state, run.id);
  for (const worker of [...state.workers.values()])
    makeWhole(toMend, worker, { worker: unknown.has(worker.id), run: !known.has(worker.run) });
  settleSlots(toMend);
  return directories.filter((id) => ended.has(id) && !isNeeded(toMend, id));
}

/** The directory of a run outlives its first worker; so may its process, where nothing says what it makes now. */
function isNeeded({ dataDir, state, say }: WorkersToMend, id: string): boolean {
  if (state.runs.has(id)) return true;
  const pid = livingProcess(dataDir, id);
  if (pid === null) return false;
  say(
    `run ${id} goes on as process ${pid}, and nothing is left that says which plot it makes: it can't be followed`,
  );
  return true;
}

/** A worker needs its run: where nothing says what that was started with, it is lost too. */
function bringBackRuns(toMend: WorkersToMend): void {
  const { state, say } = toMend;
  for (const worker of [...state.workers.values()]) {
    if (state.runs.has(worker.run) || bringBackRun(toMend, worker)) continue;
    say(`worker ${worker.id} is lost: nothing says what it was started with`);
    forgetWorker(state, worker.id);
  }
}

/** What of a worker had to be brought back. */
interface BroughtBack {
  worker: boolean;
  run: boolean;
}

/** Its job, its plotter's definition, and where its directory says that it is. */
function makeWhole(toMend: WorkersToMend, worker: WorkerState, back: BroughtBack): void {
  const { dataDir, state, jobs, clock, say } = toMend;
  const run = runOf(state, worker);
  if (!state.definitions.has(run.definition)) {
    const record = readWorkerRecord(workerDirectory(dataDir, worker.id));
    const definition = record?.definition ?? toMend.settings.plotters.get(run.plotter)?.definition;
    if (definition === undefined) {
      say(`worker ${worker.id} is lost: nobody knows its plotter '${run.plotter}' any more`);
      return forgetWorker(state, worker.id);
    }
    state.definitions.set(run.definition, definition);
  }
  if (!state.jobs.has(worker.job)) {
    const { leaving } = jobOfRun(state, run, jobs);
    if (leaving) say(`job '${worker.job}' is lost; it stays until its worker ${worker.id} has ended`);
  }
  const definition = state.definitions.get(run.definition);
  if (definition === undefined) return;
  const { id, nth } = worker;
  const traced = { id, run: run.id, plots: run.plots, nth };
  const traces = tracesOf(dataDir, traced, definition, ({ plot_name, final_file }) =>
    plotFile(state, {
      ...worker,
      plot_name: worker.plot_name ?? plot_name,
      final_file: worker.final_file ?? final_file,
    }),
  );
  revive(state, worker, onSteadyClock(traces, clock), !isHeard(toMend, worker, back));
  if (isDismissed(state, worker) && !traces.present && worker.plot === null)
    say(`worker ${worker.id} has no directory: it ends without a plot`);
}

/** Whether records tell how far the log was heard, and where the plot was then. */
function isHeard({ orphans }: WorkersToMend, { id, run }: WorkerState, back: BroughtBack): boolean {
  const position = !back.worker || orphans.workers.get(id)?.leaf !== undefined;
  const offset = !back.run || orphans.runs.get(run)?.log_offset !== undefined;
  return position && offset;
}

/** The times of files as the engine counts. */
function onSteadyClock(traces: Traces, clock: Timekeeper): Traces {
  const steady = (at: number | null) => (at === null ? null : clock.at(null, at));
  const { pre, plotter, post } = traces.begun;
  return {
    ...traces,
    begun: { pre: steady(pre), plotter: steady(plotter), post: steady(post) },
    plotter_ended_at: steady(traces.plotter_ended_at),
  };
}

/** A slot is free again only when its run has ended: of two the older one has, unless it wasn't cleaned up yet. */
function settleSlots({ dataDir, state, say }: WorkersToMend): void {
  for (const run of reindex(state)) {
    const workers = workersOf(state, run.id);
    if (isPresent(dataDir, run.id)) move(run, workers, lowestFreeSlot(state, run.job));
    else
      for (const { id } of workers) {
        say(`worker ${id} had ended: another one has its slot`);
        forgetWorker(state, id);
      }
    reindex(state);
  }
}

function move(run: RunState, workers: readonly WorkerState[], slot: number): void {
  for (const each of [run, ...workers]) each.slot = slot;
}

/** Live workers whose directory lacks its record: those of an older release, and those whose record was damaged. */
export function workersWithoutRecord(dataDir: string, state: State): WorkerState[] {
  return workerDirectories(dataDir)
    .filter((id) => !isMarkedEnded(workerDirectory(dataDir, id)))
    .map((id) => state.workers.get(id))
    .filter((worker) => worker !== undefined)
    .filter((worker) => readWorkerRecord(workerDirectory(dataDir, worker.id)) === null);
}

/** What the records of workers say of the state that they were written under. */
export function recordsOf(dataDir: string): WorkerRecord[] {
  return workerDirectories(dataDir)
    .map((id) => readWorkerRecord(workerDirectory(dataDir, id)))
    .filter((record) => record !== null);
}
