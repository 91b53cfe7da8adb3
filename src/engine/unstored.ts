import type { Effect } from './effects.ts';
import type { EngineCommand } from './inputs.ts';
import { isOver } from './jobs/holds.ts';
import { newHold } from './jobs/set-hold.ts';
import type { RunState } from './model/run-state.ts';
import { runIn, runsOf, type State, workersOf } from './model/state.ts';
import type { TransferState } from './model/transfer-state.ts';
import type { World } from './starting/gates/gate.ts';
import { refuseAllByHand } from './starting/queue.ts';
import type { Transaction } from './transaction.ts';
import { isSuspendable } from './working/suspending.ts';

/** Why a command is refused while the state can't be written (contract, section 5). */
export const NOT_STORED = "data_dir can't be written (the log says why), so nothing was changed";

/** What is answered where something stops at once, and is to be written down later. */
export const STOPPED_UNSTORED = { stored: false } as const;

/** Whether a command does nothing but stop: such a one is carried out although it can't be written down. */
export function onlyStops(command: EngineCommand): boolean {
  switch (command.type) {
    case 'dismiss_job':
    case 'dismiss_worker':
    case 'set_hold':
    case 'stop_farm':
      return true;
    case 'pause_worker':
      return command.paused;
    case 'set_move':
      return command.settings.enabled !== true && command.settings.paused !== false;
    case 'set': {
      const { enabled = false, paused = true, ...rest } = command.settings;
      return !enabled && paused && Object.keys(rest).length === 0;
    }
    default:
      return false;
  }
}

/** Whether a command changes nothing, whatever the state. */
export function onlyReads({ type }: EngineCommand): boolean {
  return type === 'get_job' || type === 'list_jobs' || type === 'why';
}

/** What a command that only stops does to the processes that there are. */
export function stopsOf(world: World, command: EngineCommand): Effect[] {
  const { state } = world;
  switch (command.type) {
    case 'dismiss_job':
      return runsOf(state, command.job).flatMap((run) => terminate(state, run));
    case 'dismiss_worker':
      return inSlot(state, command).flatMap((run) => terminate(state, run));
    case 'pause_worker':
      return suspendAllOf(state, inSlot(state, command));
    case 'stop_farm':
      return [
        ...[...state.runs.values()].flatMap((run) => terminate(state, run)),
        ...[...state.transfers.values()]
          .filter(({ step }) => step === 'moving')
          .map(({ id }) => ({ type: 'stop_transfer' as const, transfer: id })),
      ];
    case 'set_move':
      return command.settings.paused ? suspendAll(state, ({ move }) => move === command.move) : [];
    case 'set_hold':
      return [
        ...suspendAllOf(state, suspendedBy(world, command)),
        ...(holdsMoves(world, command) ? suspendAll(state, () => true) : []),
      ];
    case 'set':
      return command.settings.paused ? suspendAllOf(state, runsOf(state, command.job)) : [];
    default:
      return [];
  }
}

/** The runs that a hold suspends. */
function suspendedBy(
  world: World,
  { job: id, name, wanted }: Extract<EngineCommand, { type: 'set_hold' }>,
): RunState[] {
  const { jobs, runs } = world.state;
  const owner = id === null ? 'farm' : jobs.get(id);
  const hold = owner && newHold(world, owner, name, wanted);
  if (hold?.kind !== 'pause') return [];
  return [...runs.values()].filter(({ job }) => (id === null ? isOver(hold, job) : id === job));
}

/** Whether a hold has moves stand still. */
function holdsMoves(
  world: World,
  { job, name, wanted }: Extract<EngineCommand, { type: 'set_hold' }>,
): boolean {
  const hold = job === null ? newHold(world, 'farm', name, wanted) : null;
  return hold?.kind === 'pause' && hold.moves;
}

function suspendAll({ transfers }: State, isMeant: (transfer: TransferState) => boolean): Effect[] {
  const meant = [...transfers.values()].filter(isMeant);
  return meant.map(({ id }) => ({ type: 'suspend_transfer', transfer: id }));
}

function inSlot(state: State, { job, slot }: { job: string; slot: number }): RunState[] {
  const run = runIn(state, job, slot);
  return run ? [run] : [];
}

/** Whatever of it runs now, or would be started before the dismissal is written down. */
function terminate(state: State, { id, spec }: RunState): Effect[] {
  const grace_s = spec.stop_grace_s;
  return [
    { type: 'terminate', owner: id, kind: 'pre', grace_s },
    { type: 'terminate', owner: id, kind: 'plotter', grace_s },
    ...workersOf(state, id).map((worker) => ({
      type: 'terminate' as const,
      owner: worker.id,
      kind: 'post' as const,
      grace_s,
    })),
  ];
}

function suspendAllOf(state: State, runs: readonly RunState[]): Effect[] {
  return runs.filter((run) => isSuspendable(state, run)).map(({ id }) => ({ type: 'suspend', run: id }));
}

/**
 * Nobody waits for what can't be written down: starts by hand are refused, and with `ends` those are answered who wait
 * for the end of workers. That these stop is written down already.
 */
export function giveUpWaiting(transaction: Transaction, ends: boolean): void {
  const { dismissals, deletions } = transaction.memory;
  refuseAllByHand(transaction, 'not_stored', NOT_STORED);
  if (!ends) return;
  transaction.memory.dismissals = new Map();
  transaction.memory.deletions = new Map();
  for (const ticket of [...dismissals.keys(), ...[...deletions.values()].flat()])
    transaction.succeed(ticket, null);
}
