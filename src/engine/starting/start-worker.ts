import { createHash } from 'node:crypto';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { Cause } from '../../contract/causes.ts';
import { subjectOf } from '../event-subject.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import type { State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { replotRule } from '../moving/replot-rule.ts';
import type { Transaction } from '../transaction.ts';
import { enterStep, stepAfter } from '../working/steps.ts';
import { newRun, newWorker, paceOf, runSpecOf } from './new-run.ts';
import { oneLogLess } from './kept-logs.ts';
import type { ResolvedJob } from './places/resolve.ts';
import type { RoomOnDisks } from './places/room.ts';
import { drawFor } from './sequence.ts';
import { startedIn } from './limits/started-in.ts';

/** A new run takes the lowest free slot; its first worker goes to its first step. */
export function startWorker(
  transaction: Transaction,
  job: JobState,
  placed: ResolvedJob,
  { claims: placement, plots }: RoomOnDisks,
  cause: Cause | null,
): WorkerState {
  const { state } = transaction;
  const slot = lowestFreeSlot(state, job.id);
  const id = newId(transaction, job);
  const definition = internDefinition(transaction, placed.definition);
  const { resolved, draws } = drawFor(transaction, placed);
  const spec = runSpecOf(job, resolved, { id, plots }, draws);
  const run = added(
    transaction,
    newRun({ id, slot, definition, spec, cause, plots }, job, resolved, transaction.now),
  );
  const worker = addWorker(transaction, run, job, resolved, { placement, cause });
  const { [slot]: _failed, ...failed_slots } = job.failed_slots;
  transaction.patchJob(job, {
    failed_slots,
    last_start: { at: transaction.now, steady: transaction.steady },
    highest_slot: Math.max(job.highest_slot, slot),
    ...oneLogLess(job),
    ...(worker.replot_refused === null ? {} : { last_error: worker.replot_refused }),
  });
  startedIn(transaction, placement);
  transaction.touch(run);
  transaction.tell('worker_started', subjectOf(worker), { arguments: spec.arguments, cause, run: id });
  fireBound(transaction, job, worker, { on: 'worker_started' });
  enterStep(transaction, worker, spec.pre_command === null ? stepAfter(run, worker) : 'pre');
  return worker;
}

function added(transaction: Transaction, run: RunState): RunState {
  transaction.change(['run', run.id, run]);
  return transaction.state.runs.get(run.id) ?? run;
}

/** The first worker of a run, which has the run's id. */
function addWorker(
  transaction: Transaction,
  run: RunState,
  job: JobState,
  resolved: ResolvedJob,
  { placement, cause }: Pick<WorkerState, 'placement' | 'cause'>,
): WorkerState {
  const { rule, refused } = replotRule(transaction, job);
  const pace = paceOf(transaction.state, resolved);
  return addedWorker(transaction, {
    ...newWorker({ id: run.id, run, cause, placement, pace, save_log: run.spec.save_logs }, transaction),
    ...ruleOfWorker(placement, rule),
    replot_refused: refused,
  });
}

/** Which old plots go for a plot that comes here: without a destination there is nowhere to look for them. */
export function ruleOfWorker(
  placement: WorkerState['placement'],
  rule: WorkerState['replot_rule'],
): Pick<WorkerState, 'replot_rule'> {
  return { replot_rule: placement.some(({ role }) => role === 'destination') ? rule : null };
}

/** Puts a worker into the state; returns the one that is there. */
export function addedWorker(transaction: Transaction, worker: WorkerState): WorkerState {
  transaction.change(['worker', worker.id, worker]);
  return transaction.state.workers.get(worker.id) ?? worker;
}

/** Unique for ever, and fit for a file name. */
export function newId(transaction: Transaction, job: Pick<JobState, 'id'>): string {
  const id = () => `${job.id}-${stamp(transaction.now)}-${transaction.surroundings.random()}`;
  let unique = id();
  while (transaction.state.workers.has(unique)) unique = id();
  return unique;
}

/** The lowest slot of a job that no run has. */
export function lowestFreeSlot(state: State, job: string): number {
  const taken = state.index.slots.get(job);
  let slot = 1;
  while (taken?.has(slot)) slot += 1;
  return slot;
}

/** `20261123T090146`, of a time in UTC. */
function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '');
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
