import type { JobDefinition } from '../../config/schema/job.ts';
import { withKey } from '../model/collections.ts';
import type { EngineCommand } from '../inputs.ts';
import { addJob, leave, redefine, resetJob, setJob } from './jobs.ts';
import { dismiss } from '../working/lifecycle.ts';
import { startByHand } from '../starting/manual-starts.ts';
import { fire } from './named-events.ts';
import { setWorkerPaused } from './pause.ts';
import { type JobState, type State, type WorkerState, workersOf } from '../model/state.ts';
import type { Turn } from '../transaction.ts';
import { jobView } from '../views/views.ts';

/** Jobs made over MQTT at most (contract, section 2). */
const MAX_JOBS_OVER_MQTT = 1000;

/** Carries out a command, or refuses it with its code (contract, section 5). */
export function obey(turn: Turn, ticket: number, command: EngineCommand): void {
  switch (command.type) {
    case 'fire':
      fire(turn, command.name, 'mqtt');
      return turn.succeed(ticket, { jobs: jobsStartingOn(turn.state, command.name) });
    case 'list_jobs':
      return turn.succeed(ticket, { jobs: [...turn.state.jobs.values()].map((job) => shown(turn, job)) });
    case 'create_job':
      return create(turn, ticket, command.job, command);
    default:
      return obeyOnJob(turn, ticket, command);
  }
}

/** How many jobs start workers on a named event. */
function jobsStartingOn(state: State, name: string): number {
  const jobs = [...state.jobs.values()].filter(({ leaving }) => !leaving);
  return jobs.filter(({ definition }) => definition.starts.some(({ on }) => on === name)).length;
}

type JobCommand = Exclude<EngineCommand, { type: 'fire' | 'list_jobs' | 'create_job' }>;

function obeyOnJob(turn: Turn, ticket: number, command: JobCommand): void {
  const job = turn.state.jobs.get(command.job);
  if (!job) return turn.refuse(ticket, 'unknown_job', `there is no job '${command.job}'`);
  switch (command.type) {
    case 'set':
      setJob(turn, job, command.settings);
      return turn.succeed(ticket);
    case 'start':
      return startByHand(turn, job, command.workers, ticket);
    case 'reset':
      resetJob(turn, job);
      return turn.succeed(ticket);
    case 'dismiss_job':
      return dismissAll(turn, ticket, job);
    case 'dismiss_worker':
      return onWorker(turn, ticket, job, command.slot, (worker) => {
        waitForEnds(turn, ticket, [worker]);
        dismiss(turn, worker);
      });
    case 'pause_worker':
      return onWorker(turn, ticket, job, command.slot, (worker) => {
        setWorkerPaused(turn, worker, job, command.paused);
        turn.succeed(ticket);
      });
    case 'get_job':
      return turn.succeed(ticket, { job: shown(turn, job) });
    case 'update_job':
      return update(turn, ticket, job, command);
    case 'delete_job':
      return remove(turn, ticket, job, command.dismiss);
    default:
      command satisfies never;
  }
}

type UnsetKey = {
  [Key in keyof JobDefinition]-?: undefined extends JobDefinition[Key] ? Key : never;
}[keyof JobDefinition];
/** What a job may do without: in an object every key is there, `null` meaning no value (contract, section 4). */
const UNSET: Record<Exclude<UnsetKey, 'title'>, null> = {
  command: null,
  cpus: null,
  nice: null,
  pre_command: null,
  post_command: null,
  replot: null,
};

/** A job as commands show it: its definition with each default, and its state as its topic shows it. */
function shown(turn: Turn, job: JobState) {
  const { title = job.id, ...definition } = job.definition;
  return { id: job.id, title, ...UNSET, ...definition, state: jobView(turn.state, job, turn) };
}

function create(
  turn: Turn,
  ticket: number,
  id: string,
  { definition }: Extract<EngineCommand, { type: 'create_job' }>,
): void {
  const present = turn.state.jobs.get(id);
  if (present) return turn.refuse(ticket, 'job_exists', `there is a job '${id}' already`, 'id');
  if (madeOverMqtt(turn) >= MAX_JOBS_OVER_MQTT) {
    const message = `there are ${MAX_JOBS_OVER_MQTT} jobs made over MQTT already, which is the most there may be`;
    return turn.refuse(ticket, 'limit_reached', message);
  }
  addJob(turn, id, definition, 'mqtt');
  const job = turn.state.jobs.get(id);
  if (job) turn.succeed(ticket, { job: shown(turn, job) });
}

/** Those on their way out and those that a job of config.yaml hides are there too. */
function madeOverMqtt(turn: Turn): number {
  let count = 0;
  for (const { owner, hidden } of turn.state.jobs.values())
    if (owner === 'mqtt' || hidden !== null) count += 1;
  return count;
}

function update(
  turn: Turn,
  ticket: number,
  job: JobState,
  { definition }: Extract<EngineCommand, { type: 'update_job' }>,
): void {
  if (job.owner === 'file') return refuseFile(turn, ticket, job, 'changed');
  redefine(turn, job, definition);
  turn.succeed(ticket, { job: shown(turn, job) });
}

function refuseFile(turn: Turn, ticket: number, job: JobState, what: string): void {
  const message = `job '${job.id}' is defined in config.yaml and can only be ${what} there`;
  turn.refuse(ticket, 'not_allowed', message, 'id');
}

function remove(turn: Turn, ticket: number, job: JobState, withWorkers: boolean): void {
  if (job.owner === 'file') return refuseFile(turn, ticket, job, 'deleted');
  const workers = workersOf(turn.state, job.id);
  if (workers.length > 0 && !withWorkers) {
    const message = `job '${job.id}' has ${workers.length} running workers; stop them first, or say "dismiss": true`;
    return turn.refuse(ticket, 'not_allowed', message, 'dismiss');
  }
  const waiting = turn.memory.deletions.get(job.id) ?? [];
  turn.memory.deletions = withKey(turn.memory.deletions, job.id, [...waiting, ticket]);
  for (const worker of workers) dismiss(turn, worker);
  leave(turn, job);
}

function dismissAll(turn: Turn, ticket: number, job: JobState): void {
  const workers = workersOf(turn.state, job.id);
  if (workers.length === 0) return turn.succeed(ticket);
  waitForEnds(turn, ticket, workers);
  for (const worker of workers) dismiss(turn, worker);
}

/** The command is answered when these workers have ended. */
function waitForEnds(turn: Turn, ticket: number, workers: readonly WorkerState[]): void {
  const ids = new Set(workers.map((worker) => worker.id));
  turn.memory.dismissals = withKey(turn.memory.dismissals, ticket, ids);
}

function onWorker(
  turn: Turn,
  ticket: number,
  job: JobState,
  slot: number,
  act: (worker: WorkerState) => void,
): void {
  const worker = turn.state.slots.get(job.id)?.get(slot);
  if (worker) return act(worker);
  turn.refuse(ticket, 'unknown_worker', `job '${job.id}' has no worker in slot ${slot}`);
}
