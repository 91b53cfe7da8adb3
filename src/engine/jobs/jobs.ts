import type { JobDefinition } from '../../config/schema/job.ts';
import { type JobSettings, SETTABLE_FIELDS } from '../../contract/commands.ts';
import { unblock } from './blocking.ts';
import { withoutKey } from '../model/collections.ts';
import { removeIfLeaving, writeReset } from '../working/ending.ts';
import { refuseLeaving } from '../starting/manual-starts.ts';
import { setJobPaused } from './pause.ts';
import { probe, recheck } from '../starting/probing.ts';
import { trimPending } from '../starting/starts.ts';
import type { FileSettings, JobOwner, JobState } from '../model/state.ts';
import type { Turn } from '../transaction.ts';

/** A job that has done nothing yet. */
export function newJob(id: string, definition: JobDefinition, owner: JobOwner): JobState {
  return {
    id,
    owner,
    definition,
    file: owner === 'file' ? settingsOf(definition) : null,
    hidden: null,
    paused: false,
    plots_done: 0,
    failures: 0,
    blocked: 'none',
    pending: 0,
    wanted: 0,
    logs_left: logCount(definition),
    last_error: null,
    last_plot: null,
    last_plot_at: null,
    last_plot_duration_s: null,
    timed_plots: 0,
    timed_s: 0,
    highest_slot: 0,
    failed_slots: {},
    replot_credit: {},
    leaving: false,
  };
}

/** Adds a job that wasn't there. */
export function addJob(turn: Turn, id: string, definition: JobDefinition, owner: JobOwner): void {
  turn.change(['job', id, newJob(id, definition, owner)]);
  turn.touchJob(id);
  turn.tell('job_created', { job: id }, {});
}

function logCount(definition: JobDefinition): number | null {
  return typeof definition.save_logs === 'number' ? definition.save_logs : null;
}

function settingsOf(definition: JobDefinition): FileSettings {
  const { enabled, emit_events, max_workers, plots_to_do } = definition;
  return { enabled, emit_events, max_workers, plots_to_do };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Gives a job another definition; what it has done stays. */
export function redefine(turn: Turn, job: JobState, definition: JobDefinition): void {
  if (same(job.definition, definition)) return;
  const again = definition.enabled && !job.definition.enabled;
  const logs = definition.save_logs === job.definition.save_logs ? {} : { logs_left: logCount(definition) };
  turn.patchJob(job, { definition, ...logs });
  turn.tell('job_updated', { job: job.id }, {});
  settle(turn, job, again);
}

/** Limits, blocks and pending starts after a change of the job's settings. */
function settle(turn: Turn, job: JobState, enabledAgain: boolean): void {
  trimPending(turn, job);
  if (enabledAgain && job.blocked === 'failing') unblock(turn, job, 'enabled');
  recheck(turn, job);
}

/** Sets values of a job, all of them; `enabled` also lifts the block of a failing job. */
export function setJob(turn: Turn, job: JobState, settings: JobSettings): void {
  const { paused, ...values } = settings;
  redefine(turn, job, { ...job.definition, ...values });
  if (values.enabled && job.blocked === 'failing') unblock(turn, job, 'enabled');
  if (paused !== undefined) setJobPaused(turn, job, paused);
}

/** Forgets what a job has done, and lifts the block of a failing one. */
export function resetJob(turn: Turn, job: JobState): void {
  writeReset(turn, job);
  turn.patchJob(job, { plots_done: 0, failures: 0, last_error: null });
  if (job.blocked === 'failing') unblock(turn, job, 'reset');
}

/** Brings the jobs of config.yaml in: new ones, changed ones, and those that were taken out. */
export function configure(turn: Turn, jobs: ReadonlyMap<string, JobDefinition>): void {
  for (const [id, definition] of jobs) {
    const job = turn.state.jobs.get(id);
    if (job) configureJob(turn, job, definition);
    else addJob(turn, id, definition, 'file');
  }
  for (const job of [...turn.state.jobs.values()]) {
    if (job.owner === 'file' && !jobs.has(job.id)) takeOut(turn, job);
    else if (job.blocked !== 'none' && job.blocked !== 'failing') probe(turn, job);
  }
}

function configureJob(turn: Turn, job: JobState, definition: JobDefinition): void {
  const file = settingsOf(definition);
  const hidden = job.owner === 'mqtt' && !job.leaving ? job.definition : job.hidden;
  const kept = job.owner === 'file' ? overrides(job, file) : {};
  if (job.leaving) stay(turn, job);
  if (!same(job.file, file) || job.owner === 'mqtt') turn.patchJob(job, { owner: 'file', file, hidden });
  redefine(turn, job, { ...definition, ...kept });
}

/** A job that was on its way out is in the file again: who asked for its deletion is told that it stays. */
function stay(turn: Turn, job: JobState): void {
  turn.patchJob(job, { leaving: false });
  for (const ticket of turn.memory.deletions.get(job.id) ?? [])
    turn.refuse(ticket, 'not_allowed', `job '${job.id}' is defined in config.yaml now`, 'id');
  turn.memory.deletions = withoutKey(turn.memory.deletions, job.id);
}

/** Settings made by commands hold until the value in the file itself changes: the last writer wins. */
function overrides(job: JobState, file: FileSettings): Partial<FileSettings> {
  const kept: Partial<FileSettings> = {};
  for (const field of SETTABLE_FIELDS)
    if (job.file !== null && job.file[field] === file[field])
      Object.assign(kept, { [field]: job.definition[field] });
  return kept;
}

/** A job taken out of the file goes with its last worker; one made over MQTT under the same id comes back. */
function takeOut(turn: Turn, job: JobState): void {
  if (job.hidden !== null) {
    const definition = job.hidden;
    turn.patchJob(job, { owner: 'mqtt', file: null, hidden: null });
    return redefine(turn, job, definition);
  }
  leave(turn, job);
}

/** The job starts nothing more and goes when its last worker has ended. */
export function leave(turn: Turn, job: JobState): void {
  if (!job.leaving) turn.patchJob(job, { leaving: true, pending: 0, wanted: 0 });
  refuseLeaving(turn, job);
  removeIfLeaving(turn, job);
}
