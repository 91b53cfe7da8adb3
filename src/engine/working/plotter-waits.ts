import { dirname, resolve, sep } from 'node:path';
import type { Signal } from '../../plotters/signal.ts';
import type { StagePlan } from '../../plotters/stages.ts';
import { sized } from '../../util/bytes.ts';
import type { RoomSeen } from '../inputs.ts';
import { fireBound } from '../jobs/named-events.ts';
import { clockOf } from './progress.ts';
import type { JobState } from '../model/job-state.ts';
import { destinationOf } from '../model/placement.ts';
import { isDismissed, runOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { subjectOf } from '../event-subject.ts';

/** An error after which the plotter tries again by itself. */
export type Waits = Extract<Signal, { type: 'error' }>;

/**
 * The plotter waits (contract, section 3). That is told once, when the room is seen where it wants to write; what it
 * says at each further try is told only where it is something else.
 */
export function plotterWaits(transaction: Transaction, worker: WorkerState, { message, path }: Waits): void {
  // What is being stopped tries nothing again.
  const run = runOf(transaction.state, worker);
  if (isDismissed(transaction.state, worker) || run.stopped_for !== null) return;
  if (worker.waits && worker.error?.startsWith(message)) return;
  const directory = directoryOf(worker, run.spec.temp_dirs, path);
  const { since, told } = worker.waiting ?? { since: clockOf(run, worker, transaction.steady), told: false };
  transaction.patchWorker(worker, { error: message, waits: true, waiting: { since, told, directory } });
  lookAtRoom(transaction, worker);
}

/** Which of the worker's directories a file of its log is in: its destination, where it is in no other. */
function directoryOf(
  worker: WorkerState,
  tempDirs: readonly string[],
  path: string | undefined,
): string | null {
  const destination = destinationOf(worker);
  const file = path === undefined ? null : resolve(destination ?? sep, path);
  const own = tempDirs.find((dir) => file?.startsWith(dir + sep));
  return own === undefined ? destination : dirname(own);
}

function lookAtRoom(transaction: Transaction, { id, error, waiting }: WorkerState): void {
  const directory = waiting?.directory ?? null;
  if (error !== null) transaction.ask({ type: 'look_at_room', worker: id, directory, message: error });
}

/** How much room there is: now it is said for what the plotter waits. A look for an earlier message is stale. */
export function roomSeen(transaction: Transaction, worker: WorkerState, job: JobState, seen: RoomSeen): void {
  if (!worker.waits || worker.error !== seen.message) return;
  transaction.patchWorker(worker, { error: seen.message + inWords(seen) });
  tellWaiting(transaction, worker, job);
}

function inWords({ directory, free_bytes }: RoomSeen): string {
  if (directory === null) return '';
  if (free_bytes === null) return ` (how much is free in ${directory} isn't known)`;
  return ` (${sized(free_bytes)} are free in ${directory})`;
}

function tellWaiting(transaction: Transaction, worker: WorkerState, job: JobState): void {
  const { waiting, error } = worker;
  if (waiting === null || waiting.told || error === null) return;
  transaction.patchWorker(worker, { waiting: { ...waiting, told: true } });
  transaction.tell('worker_waiting', subjectOf(worker), { error });
  fireBound(transaction, job, worker, { on: 'worker_waiting' });
}

/** After a restart: what was not told yet is looked at again. Workers of version 1 don't know since when they wait. */
export function recoverWaiting(transaction: Transaction, worker: WorkerState): void {
  if (!worker.waits) return;
  if (worker.waiting === null) {
    const waiting = {
      since: clockOf(runOf(transaction.state, worker), worker, transaction.steady),
      told: false,
      directory: destinationOf(worker),
    };
    transaction.patchWorker(worker, { waiting });
  }
  if (worker.waiting?.told === false) lookAtRoom(transaction, worker);
}

/** The plotter got on: what it waited for is over. */
export function plotterGoesOn(transaction: Transaction, worker: WorkerState, job: JobState): void {
  if (!worker.waits) return;
  tellWaiting(transaction, worker, job);
  transaction.patchWorker(worker, { error: worker.fatal, ...noMoreWaiting(transaction, worker) });
  transaction.tell('worker_goes_on', subjectOf(worker), {});
}

/** What changes where a worker's plotter waits no more: the time it waited is no time it worked. */
export function noMoreWaiting(transaction: Transaction, worker: WorkerState): Partial<WorkerState> {
  const { waiting } = worker;
  if (waiting === null) return { waits: false };
  const run = runOf(transaction.state, worker);
  const away = Math.max(0, clockOf(run, { waiting: null }, transaction.steady) - waiting.since);
  return { waits: false, waiting: null, ...laterBy(worker, away) };
}

/** Everything from which time is counted, moved on by what a worker stood still (milliseconds). */
export function laterBy(worker: WorkerState, away: number): Partial<WorkerState> {
  const { pace_from, moved_at, leaf_at, phase_at } = worker;
  return {
    pace_from: pace_from + away,
    moved_at: moved_at + away,
    leaf_at: leaf_at + away,
    phase_at: phase_at + away,
  };
}

/** Where a plot is, as far as its log says. */
type Position = Pick<WorkerState, 'leaf' | 'fraction'>;

/**
 * Whether a line says that the plotter gets on: a stage, the plot in its place, progress that is another than before,
 * or what its definition names as that. A line that says an error doesn't, whatever else it says.
 */
export function getsOn(plan: StagePlan, { leaf, fraction }: Position, signals: readonly Signal[]): boolean {
  if (signals.some(({ type }) => type === 'error')) return false;
  return signals.some((signal) => {
    switch (signal.type) {
      case 'enter':
      case 'leave':
      case 'final_file':
      case 'goes_on':
        return true;
      case 'inside': {
        const told = plan.indexOf(signal.stage);
        return told > leaf || (told === leaf && signal.fraction !== fraction);
      }
      default:
        return false;
    }
  });
}
