import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { commandWords, directoriesOf } from '../../plotters/command.ts';
import { subjectOf } from '../event-subject.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { State } from '../model/state.ts';
import type { WorkerSpec, WorkerState } from '../model/worker-state.ts';
import { replotRule } from '../moving/replot-rule.ts';
import type { Moment } from '../surroundings.ts';
import type { Transaction } from '../transaction.ts';
import { planOf } from '../working/stages.ts';
import { enterStep, stepAfter } from '../working/steps.ts';
import { directoriesOverMqtt, type ResolvedJob } from './resolve.ts';
import type { RoomOnDisks } from './room.ts';

/** The directory of its own that a worker has in a temporary directory (contract, section 3). */
export function workerDirectoryName(worker: string): string {
  return `plot2mqtt-${worker}`;
}

/** A worker that has done nothing yet. */
export function newWorker(
  about: Pick<WorkerState, 'id' | 'slot' | 'definition' | 'spec' | 'room'>,
  { job, resolved }: { job: JobState; resolved: ResolvedJob },
  { now, steady }: Moment,
): WorkerState {
  return {
    ...about,
    job: job.id,
    plotter: resolved.plotter,
    step: 'pre',
    held: false,
    paused: false,
    suspended: false,
    suspended_at: null,
    dismissed: false,
    started_at: now,
    began_at: steady,
    process: null,
    plotter_started_at: null,
    plotter_seq: null,
    pace_from: steady,
    replot: null,
    replot_room: null,
    replot_more: false,
    replot_refused: null,
    origin: job.owner,
    over_mqtt: directoriesOverMqtt(job, resolved).map(({ path }) => path),
    owns_by_record: true,
    partial: resolved.definition.partial,
    log_offset: 0,
    leaf: -1,
    fraction: 0,
    moved_at: steady,
    floor: 0,
    leaf_at: steady,
    phase_at: steady,
    interrupted: false,
    leaf_ms: [],
    percent: 0,
    told_percent: 0,
    told_at: 0,
    plot_name: null,
    plot_id: null,
    final_file: null,
    named_seq: null,
    plot_bytes: null,
    error: null,
    waits: false,
    waiting: null,
    plot: null,
    plot_duration_s: null,
    refused: null,
    stopped_for: null,
    ended_with: null,
    failed: null,
  };
}

/** A new worker takes the lowest free slot and goes to its first step. */
export function startWorker(
  transaction: Transaction,
  job: JobState,
  resolved: ResolvedJob,
  { claims: room, more }: RoomOnDisks,
): WorkerState {
  const slot = lowestFreeSlot(transaction.state, job.id);
  const id = newId(transaction, job);
  const definition = internDefinition(transaction, resolved.definition);
  const rule = replotRule(transaction, job);
  const spec = specOf(transaction.state, job, resolved, id);
  if (spec.dest_dir !== null) spec.replot_before = rule.before;
  const worker: WorkerState = {
    ...newWorker({ id, slot, definition, spec, room }, { job, resolved }, transaction),
    replot_more: more,
    replot_refused: rule.refused,
  };
  transaction.change(['worker', id, worker]);
  const added = transaction.state.workers.get(id) ?? worker;
  const { [slot]: _failed, ...failed_slots } = job.failed_slots;
  transaction.patchJob(job, {
    failed_slots,
    highest_slot: Math.max(job.highest_slot, slot),
    ...(job.logs_left === null ? {} : { logs_left: Math.max(0, job.logs_left - 1) }),
    ...(worker.replot_refused === null ? {} : { last_error: worker.replot_refused }),
  });
  transaction.touch(added);
  transaction.tell('worker_started', subjectOf(added), { arguments: added.spec.arguments });
  fireBound(transaction, job, added, { on: 'worker_started' });
  enterStep(transaction, added, added.spec.pre_command === null ? stepAfter(added) : 'pre');
  return added;
}

/** Unique for ever, and fit for a file name. */
function newId(transaction: Transaction, job: JobState): string {
  const id = () => `${job.id}-${stamp(transaction.now)}-${transaction.surroundings.random()}`;
  let unique = id();
  while (transaction.state.workers.has(unique)) unique = id();
  return unique;
}

/** The lowest slot of a job in which there is no worker. */
export function lowestFreeSlot(state: State, job: string): number {
  const taken = state.slots.get(job);
  let slot = 1;
  while (taken?.has(slot)) slot += 1;
  return slot;
}

/** `20261123T090146`, of a time in UTC. */
function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '');
}

/** What a worker of this job is started with; without replotting, of which its start decides. */
export function specOf(state: State, job: JobState, resolved: ResolvedJob, id: string): WorkerSpec {
  const { definition, values } = resolved;
  const { temp, destination } = directoriesOf(definition, values);
  const own = temp.map((each) => ({ ...each, path: join(each.path, workerDirectoryName(id)) }));
  const directories: Record<string, string> = {};
  for (const { argument, path } of own) directories[argument] = path;
  if (destination) directories[destination.argument] = destination.path;
  const size = String(values[definition.size_argument] ?? '');
  const pace_key = [resolved.plotter, size, temp[0]?.path ?? ''].join(' ');
  return {
    arguments: values,
    command: resolved.command,
    words: commandWords(definition, values, directories),
    temp_dirs: [...new Set(own.map((each) => each.path))],
    dest_dir: destination?.path ?? null,
    pre_command: job.definition.pre_command ?? null,
    post_command: job.definition.post_command ?? null,
    replot_before: null,
    cpus: job.definition.cpus ?? null,
    nice: job.definition.nice ?? null,
    stop_grace_s: job.definition.stop_grace,
    save_logs: job.logs_left === null ? job.definition.save_logs === true : job.logs_left > 0,
    pace_key,
    ...paceOf(state, definition, pace_key),
  };
}

/** Shares of the stages: this machine's own as soon as it has made such a plot, else the definition's. */
function paceOf(
  state: State,
  definition: PlotterDefinition,
  key: string,
): Pick<WorkerSpec, 'weights' | 'expected_s'> {
  const { leaves } = planOf(definition);
  const pace = state.paces.get(key);
  const seconds = leaves.map((leaf) => pace?.stages[leaf.id] ?? 0);
  const total = seconds.reduce((sum, each) => sum + each, 0);
  if (total <= 0) return { weights: leaves.map((leaf) => leaf.weight), expected_s: null };
  return { weights: seconds.map((each) => each / total), expected_s: total };
}

const hashes = new WeakMap<PlotterDefinition, string>();

/** A name for a definition, made of its content. */
export function definitionKey(definition: PlotterDefinition): string {
  const known = hashes.get(definition);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16);
  hashes.set(definition, hash);
  return hash;
}

/** Keeps the definition as long as a worker uses it, under its name. */
function internDefinition(transaction: Transaction, definition: PlotterDefinition): string {
  const hash = definitionKey(definition);
  if (!transaction.state.definitions.has(hash)) transaction.change(['definition', hash, definition]);
  return hash;
}
