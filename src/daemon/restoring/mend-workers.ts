import type { JobDefinition } from '../../config/schema/job.ts';
import { newJob } from '../../engine/jobs/jobs.ts';
import type { Settings } from '../../engine/memory.ts';
import { forgetWorker, jobOfWorker, reindex } from '../../engine/mending/mend.ts';
import { revive, type Traces } from '../../engine/mending/revive.ts';
import { isWorker } from '../../engine/model/shapes.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { resolveJob } from '../../engine/starting/resolve.ts';
import { definitionKey, lowestFreeSlot, newWorker, specOf } from '../../engine/starting/start-worker.ts';
import { plotFile } from '../../engine/working/stages.ts';
import { setAside } from '../../storage/set-aside.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { isMarkedEnded, readWorkerRecord, type WorkerRecord } from '../worker-directory/worker-record.ts';
import type { Timekeeper } from './losses.ts';
import { isPresent, jobOfId, livingProcess, tracesOf, workerDirectories } from './traces.ts';

export interface WorkersToMend {
  dataDir: string;
  state: State;
  /** What later records say of workers whose first one is lost. */
  orphans: ReadonlyMap<string, Partial<WorkerState>>;
  /** Workers that have a line in the history. */
  ended: ReadonlySet<string>;
  jobs: ReadonlyMap<string, JobDefinition>;
  settings: Settings;
  now: number;
  clock: Timekeeper;
  /** Tells the user. */
  say(problem: string): void;
}

/**
 * Makes the workers whole whose records are lost: those with a directory of their own live, but those that the history
 * knows to have ended. Returns the directories of these, which nobody needs.
 */
export function mendWorkers(toMend: WorkersToMend): string[] {
  const { dataDir, state, ended, say } = toMend;
  const directories = workerDirectories(dataDir);
  for (const id of [...state.workers.keys()])
    if (ended.has(id)) {
      forgetWorker(state, id);
      say(`worker ${id} had ended, as the history says`);
    }
  const unknown = new Set(directories.filter((id) => !state.workers.has(id) && !ended.has(id)));
  for (const id of unknown) bringBack(toMend, id);
  for (const worker of [...state.workers.values()]) makeWhole(toMend, worker, unknown.has(worker.id));
  settleSlots(toMend);
  return directories.filter((id) => ended.has(id));
}

/** Whether a worker that the state doesn't know could be brought back from its directory. */
export function isKnownByDirectory(toMend: WorkersToMend, id: string): boolean {
  return ownRecord(toMend.dataDir, id) !== null || rebuilt(toMend, id) !== null;
}

/** A directory that says too little: it is left to its processes, and set aside where it has none. */
export function leaveDirectory({ dataDir, now, say }: WorkersToMend, id: string): void {
  if (livingProcess(dataDir, id) !== null)
    return say(
      `worker ${id} runs, and nothing is left that says what it does: it can't be followed, nor counted`,
    );
  const dir = workerDirectory(dataDir, id);
  say(
    `nothing is left that says what worker ${id} did; its directory was kept as ${setAside(dir, new Date(now))}`,
  );
}

function bringBack(toMend: WorkersToMend, id: string): void {
  const { dataDir, state, orphans, say } = toMend;
  const record = ownRecord(dataDir, id);
  const first = record?.worker ?? rebuilt(toMend, id);
  if (first === null) return leaveDirectory(toMend, id);
  const worker: unknown = { ...first, ...orphans.get(id), id };
  state.workers.set(id, isWorker(worker) ? worker : first);
  if (record !== null) state.definitions.set(first.definition, record.definition);
  reindex(state);
  say(`worker ${id} was brought back from ${workerDirectory(dataDir, id)}`);
}

function ownRecord(dataDir: string, id: string): WorkerRecord | null {
  const record = readWorkerRecord(workerDirectory(dataDir, id));
  return record?.worker.id === id ? record : null;
}

/** A worker of which nothing but its id and its processes are left: as its job would start it today. */
function rebuilt(
  { dataDir, state, jobs, settings, now, clock }: WorkersToMend,
  id: string,
): WorkerState | null {
  const jobId = jobOfId(id);
  const known = jobId === null ? undefined : (state.jobs.get(jobId)?.definition ?? jobs.get(jobId));
  if (jobId === null || known === undefined) return null;
  const resolved = resolveJob(jobId, known, settings);
  if (!resolved.ok) return null;
  const { definition } = resolved;
  const { begun, present } = tracesOf(dataDir, id, definition, () => null);
  const started = Object.values(begun).filter((at) => at !== null);
  if (!present || started.length === 0) return null;
  const key = definitionKey(definition);
  state.definitions.set(key, definition);
  const job = state.jobs.get(jobId) ?? newJob(jobId, known, 'file');
  const about = {
    id,
    slot: lowestFreeSlot(state, jobId),
    definition: key,
    spec: specOf(state, job, resolved, id),
    room: [],
  };
  const begunAt = Math.min(now, ...started);
  return newWorker(about, { job, resolved }, { now: begunAt, steady: clock.at(null, begunAt) });
}

/** Its job, its plotter's definition, and where its directory says that it is. */
function makeWhole(toMend: WorkersToMend, worker: WorkerState, unknown: boolean): void {
  const { dataDir, state, orphans, jobs, clock, say } = toMend;
  if (!state.definitions.has(worker.definition)) {
    const record = readWorkerRecord(workerDirectory(dataDir, worker.id));
    const definition = record?.definition ?? toMend.settings.plotters.get(worker.plotter)?.definition;
    if (definition === undefined) {
      say(`worker ${worker.id} is lost: nobody knows its plotter '${worker.plotter}' any more`);
      return forgetWorker(state, worker.id);
    }
    state.definitions.set(worker.definition, definition);
  }
  if (!state.jobs.has(worker.job)) {
    const { leaving } = jobOfWorker(state, worker, jobs);
    if (leaving) say(`job '${worker.job}' is lost; it stays until its worker ${worker.id} has ended`);
  }
  const definition = state.definitions.get(worker.definition);
  if (definition === undefined) return;
  const traces = tracesOf(dataDir, worker.id, definition, ({ plot_name, final_file }) =>
    plotFile(state, {
      ...worker,
      plot_name: worker.plot_name ?? plot_name,
      final_file: worker.final_file ?? final_file,
    }),
  );
  revive(
    state,
    worker,
    onSteadyClock(traces, clock),
    unknown && orphans.get(worker.id)?.log_offset === undefined,
  );
  if (worker.dismissed && !traces.present && worker.plot === null)
    say(`worker ${worker.id} has no directory: it ends without a plot`);
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

/** A slot is free again only when its worker has ended: of two the older one has, unless it wasn't cleaned up yet. */
function settleSlots({ dataDir, state, say }: WorkersToMend): void {
  for (const worker of reindex(state)) {
    if (isPresent(dataDir, worker.id)) worker.slot = lowestFreeSlot(state, worker.job);
    else {
      say(`worker ${worker.id} had ended: another one has its slot`);
      forgetWorker(state, worker.id);
    }
    reindex(state);
  }
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
