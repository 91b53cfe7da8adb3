import type { JobDefinition } from '../../config/schema/job.ts';
import {
  DEFAULT,
  type JobSettings,
  SETTABLE_FIELDS,
  SETTING_DEFAULTS,
  type SettingsWanted,
} from '../../contract/commands.ts';
import { withoutKey } from '../model/collections.ts';
import { NO_PLOT_METERED } from '../model/energy.ts';
import type { FileSettings, JobOwner, JobState } from '../model/job-state.ts';
import { workersOfJob } from '../model/state.ts';
import { refuseLeaving } from '../starting/manual-starts.ts';
import { keepAnew, KEEPS_ON } from '../starting/keep-running.ts';
import { settle } from '../starting/queue.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { removeIfLeaving } from '../working/ending.ts';
import { watchSilence } from '../working/stalled.ts';
import { writeReset } from '../working/history-lines.ts';
import { unblock } from './blocking.ts';
import { endAllRuns, endRunsBeyond } from './end-runs-early.ts';
import { dropCounters, forgetLeft, takeCounters } from './left-jobs.ts';
import { setJobPaused } from './pause.ts';

/** A job that has done nothing yet. */
export function newJob(id: string, definition: JobDefinition, owner: JobOwner): JobState {
  return {
    id,
    owner,
    definition,
    file: owner === 'file' ? settingsOf(definition) : null,
    hidden: null,
    holds: {},
    plots_done: 0,
    plots_failed: 0,
    recent_plots: [],
    failures: 0,
    blocked: 'none',
    blocked_text: null,
    pending: 0,
    wanted: 0,
    asked: [],
    keeping: KEEPS_ON,
    last_start: null,
    logs_left: logCount(definition),
    last_error: null,
    last_plot: null,
    last_plot_at: null,
    last_plot_duration_s: null,
    timed_plots: 0,
    timed_s: 0,
    ...NO_PLOT_METERED,
    highest_slot: 0,
    failed_slots: {},
    replot_credit: {},
    replot_told: [],
    leaving: false,
  };
}

/** Adds a job that wasn't there; one that was in config.yaml before finds its counters again. */
export function addJob(
  transaction: Transaction,
  id: string,
  definition: JobDefinition,
  owner: JobOwner,
): void {
  const counters = owner === 'file' ? takeCounters(transaction, id) : null;
  if (owner === 'mqtt') dropCounters(transaction, id);
  transaction.change(['job', id, { ...newJob(id, definition, owner), ...counters }]);
  transaction.touchJob(id);
  transaction.tell('job_created', { job: id }, {});
}

function logCount(definition: JobDefinition): number | null {
  return typeof definition.save_logs === 'number' ? definition.save_logs : null;
}

function settingsOf(definition: JobDefinition): FileSettings {
  const { enabled, emit_events, max_workers, plots_to_do } = definition;
  return { enabled, emit_events, max_workers, plots_to_do };
}

/** What a command wants, each `default` as what the file says. */
export function settingsWanted(job: JobState, { paused, ...wanted }: SettingsWanted): JobSettings {
  const settings: JobSettings = paused === undefined ? {} : { paused };
  const standing = job.file ?? SETTING_DEFAULTS;
  for (const field of SETTABLE_FIELDS) {
    const value = wanted[field];
    if (value !== undefined)
      Object.assign(settings, { [field]: value === DEFAULT ? standing[field] : value });
  }
  return settings;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Gives a job another definition; what it has done stays. */
export function redefine(transaction: Transaction, job: JobState, definition: JobDefinition): void {
  if (same(job.definition, definition)) return;
  const again = definition.enabled && !job.definition.enabled;
  const before = job.definition;
  const logs = definition.save_logs === before.save_logs ? {} : { logs_left: logCount(definition) };
  transaction.patchJob(job, { definition, ...logs });
  transaction.tell('job_updated', { job: job.id }, {});
  if (again) enableAgain(transaction, job);
  if (definition.stall_timeout !== before.stall_timeout || definition.on_stall !== before.on_stall)
    for (const worker of workersOfJob(transaction.state, job.id)) watchSilence(transaction, worker, job);
  endRunsBeyond(transaction, job, before);
  reconsider(transaction, job);
}

/** People look after the job again: what has failed or was dismissed doesn't count any more. */
function enableAgain(transaction: Transaction, job: JobState): void {
  if (job.blocked === 'failing') unblock(transaction, job, 'enabled');
  keepAnew(transaction, job);
}

/** Sets values of a job, all of them; `enabled` also lifts the block of a failing job. */
export function setJob(transaction: Transaction, job: JobState, settings: JobSettings): void {
  const { paused, ...values } = settings;
  redefine(transaction, job, { ...job.definition, ...values });
  if (values.enabled) enableAgain(transaction, job);
  if (paused !== undefined) setJobPaused(transaction, job, paused);
  reconsider(transaction, job);
}

/** Forgets what a job has done, and lifts the block of a failing one. */
export function resetJob(transaction: Transaction, job: JobState): void {
  writeReset(transaction, job);
  transaction.patchJob(job, { plots_done: 0, plots_failed: 0, failures: 0, last_error: null });
  if (job.blocked === 'failing') unblock(transaction, job, 'reset');
  keepAnew(transaction, job);
  reconsider(transaction, job);
}

/** Brings the jobs of config.yaml in: new ones, changed ones, and those that were taken out. */
export function configure(transaction: Transaction, jobs: ReadonlyMap<string, JobDefinition>): void {
  transaction.memory.order = new Map([...jobs.keys()].map((id, place) => [id, place]));
  forgetLeft(transaction);
  for (const [id, definition] of jobs) {
    const job = transaction.state.jobs.get(id);
    if (job) configureJob(transaction, job, definition);
    else addJob(transaction, id, definition, 'file');
  }
  for (const job of [...transaction.state.jobs.values()])
    if (job.owner === 'file' && !jobs.has(job.id)) takeOut(transaction, job);
  reconsider(transaction, 'all');
}

function configureJob(transaction: Transaction, job: JobState, definition: JobDefinition): void {
  const file = settingsOf(definition);
  const hidden = job.owner === 'mqtt' && !job.leaving ? job.definition : job.hidden;
  const kept = job.owner === 'file' ? overrides(job, file) : {};
  if (job.leaving) stay(transaction, job);
  if (!same(job.file, file) || job.owner === 'mqtt')
    transaction.patchJob(job, { owner: 'file', file, hidden });
  redefine(transaction, job, { ...definition, ...kept });
}

/** A job that was on its way out is in the file again: who asked for its deletion is told that it stays. */
function stay(transaction: Transaction, job: JobState): void {
  transaction.patchJob(job, { leaving: false });
  for (const ticket of transaction.memory.deletions.get(job.id) ?? [])
    transaction.refuse(ticket, 'not_allowed', `job '${job.id}' is defined in config.yaml now`, 'id');
  transaction.memory.deletions = withoutKey(transaction.memory.deletions, job.id);
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
function takeOut(transaction: Transaction, job: JobState): void {
  if (job.hidden !== null) {
    const definition = job.hidden;
    transaction.patchJob(job, { owner: 'mqtt', file: null, hidden: null });
    return redefine(transaction, job, definition);
  }
  leave(transaction, job);
}

/** The job starts nothing more and goes when its last worker has ended. */
export function leave(transaction: Transaction, job: JobState): void {
  if (!job.leaving) transaction.patchJob(job, { leaving: true });
  endAllRuns(transaction, job);
  settle(transaction, job);
  refuseLeaving(transaction, job);
  removeIfLeaving(transaction, job);
}
