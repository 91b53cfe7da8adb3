import type { JobDefinition } from '../../config/schema/job.ts';
import type { SettingsWanted } from '../../contract/commands.ts';
import type { EngineCommand } from '../inputs.ts';
import { withKey } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { runIn, runsOf, type State } from '../model/state.ts';
import { endlessProblem } from '../starting/limits/jobs-limit.ts';
import { setMove } from '../moving/moves.ts';
import { stopKeeping } from '../starting/keep-running.ts';
import { startByHand } from '../starting/manual-starts.ts';
import { emptyQueue } from '../starting/queue.ts';
import { reconsider } from '../starting/reconsider.ts';
import { gatesOf } from '../starting/waiting.ts';
import type { Transaction } from '../transaction.ts';
import { jobView } from '../views/views.ts';
import { dismiss, waitForEnds } from '../working/stopping.ts';
import { setFarmWorkers, stopFarm } from './farm.ts';
import { addJob, leave, redefine, resetJob, setJob, settingsWanted } from './jobs.ts';
import { setRunPaused } from './pause.ts';
import { fireFromOutside } from './remote-fires.ts';
import { commandHold, commandRelease, type HoldOwner } from './set-hold.ts';

/** Jobs made over MQTT at most (contract, section 2). */
const MAX_JOBS_OVER_MQTT = 1000;

/** Carries out a command, or refuses it with its code (contract, section 5). */
export function applyCommand(transaction: Transaction, ticket: number, command: EngineCommand): void {
  switch (command.type) {
    case 'fire':
      fireFromOutside(transaction, command);
      return transaction.succeed(ticket, { jobs: jobsStartingOn(transaction.state, command.name) });
    case 'list_jobs':
      return transaction.succeed(ticket, {
        jobs: [...transaction.state.jobs.values()].map((job) => shown(transaction, job)),
      });
    case 'set_hold':
      return onHolder(transaction, ticket, command.job, (owner) =>
        commandHold(transaction, ticket, owner, command),
      );
    case 'release_hold':
      return onHolder(transaction, ticket, command.job, (owner) =>
        commandRelease(transaction, ticket, owner, command.name),
      );
    case 'set_farm':
      setFarmWorkers(transaction, command.max_workers);
      return transaction.succeed(ticket);
    case 'stop_farm':
      return stopFarm(transaction, ticket);
    case 'set_move':
      return setMoveByCommand(transaction, ticket, command);
    case 'create_job':
      return create(transaction, ticket, command.job, command);
    default:
      return applyJobCommand(transaction, ticket, command);
  }
}

/** How many jobs start workers on a named event. */
function jobsStartingOn(state: State, name: string): number {
  const jobs = [...state.jobs.values()].filter(({ leaving }) => !leaving);
  return jobs.filter(({ definition }) => definition.starts.some(({ on }) => on === name)).length;
}

type FarmCommand =
  | 'fire'
  | 'list_jobs'
  | 'create_job'
  | 'set_hold'
  | 'release_hold'
  | 'set_farm'
  | 'stop_farm'
  | 'set_move';
type JobCommand = Exclude<EngineCommand, { type: FarmCommand }>;

function applyJobCommand(transaction: Transaction, ticket: number, command: JobCommand): void {
  const job = transaction.state.jobs.get(command.job);
  if (!job) return refuseUnknown(transaction, ticket, command.job);
  switch (command.type) {
    case 'set':
      return set(transaction, ticket, job, command.settings);
    case 'start':
      return startByHand(transaction, job, command.workers, ticket);
    case 'reset':
      resetJob(transaction, job);
      return transaction.succeed(ticket);
    case 'dismiss_job':
      return dismissAll(transaction, ticket, job);
    case 'dismiss_worker':
      return onRun(transaction, ticket, job, command.slot, (run) => {
        waitForEnds(transaction, ticket, [run]);
        dismiss(transaction, run);
        reconsider(transaction, job);
      });
    case 'pause_worker':
      return onRun(transaction, ticket, job, command.slot, (run) => {
        setRunPaused(transaction, run, job, command.paused);
        transaction.succeed(ticket);
      });
    case 'why':
      return transaction.succeed(ticket, { gates: gatesOf(transaction, job) });
    case 'get_job':
      return transaction.succeed(ticket, { job: shown(transaction, job) });
    case 'update_job':
      return update(transaction, ticket, job, command);
    case 'delete_job':
      return remove(transaction, ticket, job, command.dismiss);
    default:
      command satisfies never;
  }
}

function setMoveByCommand(
  transaction: Transaction,
  ticket: number,
  { move: id, settings }: Extract<EngineCommand, { type: 'set_move' }>,
): void {
  const move = transaction.state.moves.get(id);
  if (!move) return transaction.refuse(ticket, 'unknown_move', `there is no move '${id}'`);
  setMove(transaction, move, settings);
  transaction.succeed(ticket);
}

function refuseUnknown(transaction: Transaction, ticket: number, job: string): void {
  transaction.refuse(ticket, 'unknown_job', `there is no job '${job}'`);
}

/** Acts on the holds of a job, or with `null` on the farm's. */
function onHolder(
  transaction: Transaction,
  ticket: number,
  id: string | null,
  act: (owner: HoldOwner) => void,
): void {
  const owner = id === null ? 'farm' : transaction.state.jobs.get(id);
  if (owner) return act(owner);
  if (id !== null) refuseUnknown(transaction, ticket, id);
}

/** All values or none: what `check` refuses is refused here too. */
function set(transaction: Transaction, ticket: number, job: JobState, wanted: SettingsWanted): void {
  const settings = settingsWanted(job, wanted);
  const { paused: _, ...values } = settings;
  const definition = { ...job.definition, ...values };
  const problem = endlessProblem(transaction.settings, { id: job.id, definition });
  if (problem !== null && settings.max_workers === 0)
    return transaction.refuse(ticket, 'invalid_config', `keep_running ${problem}`, 'max_workers');
  setJob(transaction, job, settings);
  transaction.succeed(ticket);
}

type UnsetKey = {
  [Key in keyof JobDefinition]-?: undefined extends JobDefinition[Key] ? Key : never;
}[keyof JobDefinition];
/** What a job may do without: in an object every key is there, `null` meaning no value (contract, section 4). */
const UNSET: Record<Exclude<UnsetKey, 'title' | 'stop_grace'>, null> = {
  command: null,
  cpus: null,
  nice: null,
  pre_command: null,
  post_command: null,
  replot: null,
};

/** A job as commands show it: its definition with each default, and its state as its topic shows it. */
function shown(transaction: Transaction, job: JobState) {
  const plotter = transaction.settings.plotters.get(job.definition.plotter)?.definition;
  const { title = job.id, stop_grace = plotter?.stop.grace ?? null, ...definition } = job.definition;
  return { id: job.id, title, ...UNSET, stop_grace, ...definition, state: jobView(transaction, job) };
}

function create(
  transaction: Transaction,
  ticket: number,
  id: string,
  { definition }: Extract<EngineCommand, { type: 'create_job' }>,
): void {
  const present = transaction.state.jobs.get(id);
  if (present) return transaction.refuse(ticket, 'job_exists', `there is a job '${id}' already`, 'id');
  if (madeOverMqtt(transaction) >= MAX_JOBS_OVER_MQTT) {
    const message = `there are ${MAX_JOBS_OVER_MQTT} jobs made over MQTT already, which is the most there may be`;
    return transaction.refuse(ticket, 'limit_reached', message);
  }
  addJob(transaction, id, definition, 'mqtt');
  const job = transaction.state.jobs.get(id);
  if (job) transaction.succeed(ticket, { job: shown(transaction, job) });
}

/** Those on their way out and those that a job of config.yaml hides are there too. */
function madeOverMqtt(transaction: Transaction): number {
  let count = 0;
  for (const { owner, hidden } of transaction.state.jobs.values())
    if (owner === 'mqtt' || hidden !== null) count += 1;
  return count;
}

function update(
  transaction: Transaction,
  ticket: number,
  job: JobState,
  { definition }: Extract<EngineCommand, { type: 'update_job' }>,
): void {
  if (job.owner === 'file') return refuseFile(transaction, ticket, job, 'changed');
  redefine(transaction, job, definition);
  transaction.succeed(ticket, { job: shown(transaction, job) });
}

function refuseFile(transaction: Transaction, ticket: number, job: JobState, what: string): void {
  const message = `job '${job.id}' is defined in config.yaml and can only be ${what} there`;
  transaction.refuse(ticket, 'not_allowed', message, 'id');
}

function remove(transaction: Transaction, ticket: number, job: JobState, withWorkers: boolean): void {
  if (job.owner === 'file') return refuseFile(transaction, ticket, job, 'deleted');
  const runs = runsOf(transaction.state, job.id);
  if (runs.length > 0 && !withWorkers) {
    const message = `job '${job.id}' has ${runs.length} running workers; stop them first, or say "dismiss": true`;
    return transaction.refuse(ticket, 'not_allowed', message, 'dismiss');
  }
  const waiting = transaction.memory.deletions.get(job.id) ?? [];
  transaction.memory.deletions = withKey(transaction.memory.deletions, job.id, [...waiting, ticket]);
  for (const run of runs) dismiss(transaction, run);
  leave(transaction, job);
}

function dismissAll(transaction: Transaction, ticket: number, job: JobState): void {
  const runs = runsOf(transaction.state, job.id);
  stopKeeping(transaction, job);
  // What had been asked for before would start one at once, and the job would keep running again.
  if (job.definition.keep_running) emptyQueue(transaction, job);
  if (runs.length === 0) return transaction.succeed(ticket);
  waitForEnds(transaction, ticket, runs);
  for (const run of runs) dismiss(transaction, run);
  reconsider(transaction, job);
}

function onRun(
  transaction: Transaction,
  ticket: number,
  job: JobState,
  slot: number,
  act: (run: RunState) => void,
): void {
  const run = runIn(transaction.state, job.id, slot);
  if (run) return act(run);
  transaction.refuse(ticket, 'unknown_worker', `job '${job.id}' has no worker in slot ${slot}`);
}
