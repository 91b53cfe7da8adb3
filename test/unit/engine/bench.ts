import type { Answer } from '../../../src/contract/commands.ts';
import type { EngineEvent, EventType } from '../../../src/contract/events.ts';
import type { EngineCommand, Input } from '../../../src/engine/inputs.ts';
import type { Settings } from '../../../src/engine/memory.ts';
import type { ProcessKind } from '../../../src/process/files.ts';
import type { JobState } from '../../../src/engine/model/job-state.ts';
import type { RunState } from '../../../src/engine/model/run-state.ts';
import { runOf } from '../../../src/engine/model/state.ts';
import type { WorkerState } from '../../../src/engine/model/worker-state.ts';
import type { World } from '../../../src/engine/starting/gates/gate.ts';
import { jobView, workerView } from '../../../src/engine/views/views.ts';
import { type JobInput, jobOf } from './plotter.ts';
import { Runner } from './runner.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** A `Runner` with words for stories: `bench.start()`, `bench.exit(worker)`, `bench.told()`. */
export class Bench extends Runner {
  /** What config.yaml says of jobs now. */
  #file: Record<string, JobInput> = {};
  #lastTicket = 0;

  constructor(
    jobs: Record<string, JobInput> = { nightly: {} },
    options: { settings?: Partial<Settings> } = {},
  ) {
    super(options.settings);
    this.configure(jobs);
  }

  /** config.yaml is read. */
  configure(jobs: Record<string, JobInput>): void {
    this.#file = jobs;
    this.feed({
      type: 'configured',
      jobs: new Map(Object.entries(jobs).map(([id, job]) => [id, jobOf(job)])),
    });
  }

  /** Carries a command out; `undefined` where its answer is still to come. */
  command(command: EngineCommand): Answer | undefined {
    return this.answers.get(this.send(command));
  }

  /** Sends a command and returns the ticket of its answer. */
  send(command: EngineCommand): number {
    this.#lastTicket += 1;
    this.feed({ type: 'command', ticket: this.#lastTicket, command });
    return this.#lastTicket;
  }

  /** Starts workers by hand and returns them. */
  start(job = 'nightly', workers = 1): WorkerState[] {
    const before = new Set(this.state.workers.keys());
    this.command({ type: 'start', job, workers });
    return [...this.state.workers.values()].filter(({ id }) => !before.has(id));
  }

  /** Starts one worker by hand. */
  startOne(job = 'nightly'): WorkerState {
    const [worker] = this.start(job);
    if (!worker) throw new Error(`no worker of '${job}' started`);
    return worker;
  }

  job(id = 'nightly'): JobState {
    const job = this.state.jobs.get(id);
    if (!job) throw new Error(`no job '${id}'`);
    return job;
  }

  /** The run of a worker. */
  run({ id }: Pick<WorkerState, 'id'>): RunState {
    const worker = this.state.workers.get(id);
    if (!worker) throw new Error(`no worker '${id}'`);
    return runOf(this.state, worker);
  }

  workers(job = 'nightly'): WorkerState[] {
    return [...this.state.workers.values()].filter((worker) => worker.job === job);
  }

  #moment() {
    return { now: this.now, steady: this.surroundings.steady() };
  }

  /** What gates and views look at now. */
  world(): World {
    return { state: this.state, memory: this.memory, ...this.#moment() };
  }

  jobView(id = 'nightly') {
    return jobView(this.world(), this.job(id));
  }

  slotView(slot = 1, job = 'nightly') {
    return workerView(this.state, this.job(job), slot, this.#moment());
  }

  set(settings: Extract<EngineCommand, { type: 'set' }>['settings'], job = 'nightly'): Answer | undefined {
    return this.command({ type: 'set', job, settings });
  }

  /** The present process of a worker ends; a plotter that ends well leaves its plot. */
  exit(
    worker: Pick<WorkerState, 'id'>,
    code = 0,
    options: { plot?: boolean; tail?: string[]; kind?: ProcessKind } = {},
  ): void {
    const input = this.farm.exit(worker.id, code, this.surroundings.steady(), options);
    if (!input) throw new Error(`worker ${worker.id} has no process`);
    this.feed(input);
  }

  /** The plotter's log goes on. */
  log(
    worker: Pick<WorkerState, 'id'>,
    ...signals: Extract<Input, { type: 'log' }>['signals'][number][]
  ): void {
    const run = this.run(worker);
    this.feed({ type: 'log', run: run.id, offset: run.log_offset + 10, signals });
  }

  /** The plotter enters a stage. */
  enter(worker: Pick<WorkerState, 'id'>, stage: string): void {
    this.log(worker, { type: 'enter', stage });
  }

  /** The daemon comes up as it does in `src/daemon`. */
  comeUp(): void {
    this.feed({ type: 'recover' });
    this.configure(this.#file);
    this.feed({ type: 'startup' });
  }

  restart(): void {
    this.crash();
    this.comeUp();
  }

  /** Types of the events since a mark (see `mark`). */
  told(since = 0): EventType[] {
    return this.events.slice(since).map(({ type }) => type);
  }

  /** How many events there are now. */
  mark(): number {
    return this.events.length;
  }

  /** The events of one type. */
  of<Type extends EventType>(type: Type): Extract<EngineEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { type: Type }> => event.type === type);
  }

  /** Names of the named events that fired. */
  fired(): string[] {
    return this.of('event_fired').map(({ name }) => name);
  }
}
