import { dirname } from 'node:path';
import type { JobDefinition } from '../../config/schema/job.ts';
import type { ArgumentValues } from '../../contract/names.ts';
import { newJob } from '../../engine/jobs/jobs.ts';
import type { Settings } from '../../engine/memory.ts';
import { reindex } from '../../engine/mending/mend.ts';
import type { Orphans } from '../../engine/model/replay.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { newRun, newWorker, paceOf, placementOf, runSpecOf } from '../../engine/starting/new-run.ts';
import { type ResolvedJob, resolveJob } from '../../engine/starting/places/resolve.ts';
import { definitionKey, lowestFreeSlot } from '../../engine/starting/start-worker.ts';
import { directoryChoices } from '../../plotters/command.ts';
import { setAside } from '../../storage/set-aside.ts';
import { isPattern, meantBy } from '../../util/directory-patterns.ts';
import { readOwnedDirectories } from '../worker-directory/owned-directories.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { readWorkerRecord, type WorkerRecord } from '../worker-directory/worker-record.ts';
import type { Timekeeper } from './losses.ts';
import { jobOfId, livingProcess, tracesOf } from './traces.ts';

export interface WorkersToMend {
  dataDir: string;
  state: State;
  /** What later records say of runs and workers whose first one is lost. */
  orphans: Pick<Orphans, 'runs' | 'workers'>;
  /** Workers that have a line in the history. */
  ended: ReadonlySet<string>;
  jobs: ReadonlyMap<string, JobDefinition>;
  settings: Settings;
  now: number;
  clock: Timekeeper;
  /** Tells the user. */
  say(problem: string): void;
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

/** Brings back a worker of which the state knows nothing, with its run, where that is lost too. */
export function bringBack(toMend: WorkersToMend, id: string): void {
  const { dataDir, state, orphans, say } = toMend;
  const first = ownRecord(dataDir, id) ?? rebuilt(toMend, id);
  if (first === null) return leaveDirectory(toMend, id);
  state.workers.set(id, { ...first.worker, ...orphans.workers.get(id), id });
  if (!state.runs.has(first.run.id)) putRun(toMend, first);
  reindex(state);
  say(`worker ${id} was brought back from ${workerDirectory(dataDir, id)}`);
}

/** Brings back the run of a worker; false: nothing says what it was started with. */
export function bringBackRun(toMend: WorkersToMend, { run }: WorkerState): boolean {
  const first = ownRecord(toMend.dataDir, run) ?? rebuilt(toMend, run);
  if (first === null) return false;
  putRun(toMend, first);
  reindex(toMend.state);
  return true;
}

/** What a run and its first worker were started with. */
type Started = Pick<WorkerRecord, 'run' | 'worker' | 'definition'>;

function putRun({ state, orphans }: WorkersToMend, { run, definition }: Started): void {
  const whole: RunState = { ...run, ...orphans.runs.get(run.id), id: run.id };
  state.runs.set(run.id, whole);
  if (!state.definitions.has(whole.definition)) state.definitions.set(whole.definition, definition);
}

function ownRecord(dataDir: string, id: string): WorkerRecord | null {
  const record = readWorkerRecord(workerDirectory(dataDir, id));
  return record?.worker.id === id && record.run.id === record.worker.run ? record : null;
}

/** A run of which nothing but its id and its processes are left: as its job would start it today. */
function rebuilt({ dataDir, state, jobs, settings, now, clock }: WorkersToMend, id: string): Started | null {
  const jobId = jobOfId(id);
  const known = jobId === null ? undefined : (state.jobs.get(jobId)?.definition ?? jobs.get(jobId));
  if (jobId === null || known === undefined) return null;
  const resolved = resolveJob(jobId, known, settings);
  if (!resolved.ok) return null;
  const { definition } = resolved;
  const kept = { ...resolved, values: valuesOf(resolved, workerDirectory(dataDir, id)) };
  const { begun, present } = tracesOf(dataDir, { id, run: id, plots: 1, nth: 1 }, definition, () => null);
  const started = Object.values(begun).filter((at) => at !== null);
  if (!present || started.length === 0) return null;
  const job = state.jobs.get(jobId) ?? newJob(jobId, known, 'file');
  const begunAt = Math.min(now, ...started);
  // How many plots it was to make nobody knows any more.
  const plots = definition.several === undefined ? 1 : known.plots_per_run;
  const about = { id, slot: lowestFreeSlot(state, jobId), definition: definitionKey(definition), plots };
  const spec = runSpecOf(job, kept, about);
  const run = newRun({ ...about, spec, cause: null }, job, kept, begunAt);
  const of = { run, cause: null, placement: placementOf(kept), save_log: spec.save_logs };
  const worker = newWorker(
    { ...of, id, pace: paceOf(state, kept) },
    { now: begunAt, steady: clock.at(null, begunAt) },
  );
  return { run, worker, definition };
}

/**
 * Of directories that were chosen among several, those that the run has noted as its own; of the others nobody knows
 * which it was.
 */
function valuesOf({ definition, values }: ResolvedJob, own: string): ArgumentValues {
  const noted = (readOwnedDirectories(own)?.temp_dirs ?? []).map(({ path }) => dirname(path));
  const left = { ...values };
  for (const { argument, written, list } of directoryChoices(definition, values)) {
    if (!Array.isArray(values[argument])) continue;
    if (list) {
      // All that can be told without a look at the disks.
      left[argument] = written.filter((each) => !isPattern(each));
      continue;
    }
    const chosen = noted.find((path) => written.some((each) => meantBy(each, path) === path));
    if (chosen === undefined) delete left[argument];
    else left[argument] = chosen;
  }
  return left;
}
