import type { Answer } from '../../../src/engine/commands.ts';
import type { Effect } from '../../../src/engine/effects.ts';
import { freshMemory, step } from '../../../src/engine/engine.ts';
import type { EngineEvent, EventType } from '../../../src/engine/events.ts';
import type { EngineCommand, Input } from '../../../src/engine/inputs.ts';
import { toSnapshot } from '../../../src/engine/snapshot.ts';
import { emptyState, type JobState, type State, type WorkerState } from '../../../src/engine/state.ts';
import type { Memory, Outcome, Settings, Surroundings } from '../../../src/engine/turn.ts';
import { jobView, workerView } from '../../../src/engine/view-of.ts';
import { Farm } from './farm.ts';
import { type JobInput, jobOf, smallPlotter } from './plotter.ts';
import { restored } from './replay.ts';

/** 2026-11-23 09:00 UTC: where every story begins. */
export const BEGINNING = Date.UTC(2026, 10, 23, 9);

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

export interface BenchOptions {
  settings?: Partial<Settings>;
}

/**
 * The engine on a bench: a clock that stands until it is moved, a journal in memory, and a farm that does what
 * the engine asks for at once, but for what is held with `hold`.
 */
export class Bench {
  now = BEGINNING;
  state: State;
  memory: Memory;
  readonly farm: Farm;
  readonly settings: Settings;
  /** Every event since the beginning. */
  readonly events: EngineEvent[] = [];
  /** Every effect that was asked for since the beginning. */
  readonly asked: Effect[] = [];
  readonly answers = new Map<number, Answer>();
  /** The journal, as text: what is written can't be changed any more. */
  readonly journal: string[] = [];
  readonly wakes = new Map<string, number>();
  snapshot: string;
  flushes = 0;
  /** What config.yaml says of jobs now. */
  #file: Record<string, JobInput> = {};
  #lastTicket = 0;
  #randoms = 0;

  constructor(jobs: Record<string, JobInput> = { nightly: {} }, options: BenchOptions = {}) {
    this.settings = {
      plotters: new Map([['small', { definition: smallPlotter(), arguments: {}, command: 'small_plotter' }]]),
      defaults: { farmer_key: 'key', temp_dir: '/tmp1', dest_dir: '/dest' },
      directory: '/etc/plot2mqtt',
      progress_interval_ms: 0,
      ...options.settings,
    };
    this.state = emptyState('bench');
    this.memory = freshMemory(this.settings);
    this.snapshot = this.snapshotNow();
    this.farm = new Farm();
    this.configure(jobs);
  }

  readonly surroundings: Surroundings = {
    now: () => this.now,
    random: () => {
      this.#randoms += 1;
      return `r${this.#randoms}`;
    },
    dateOf: (at) => new Date(at).toISOString().slice(0, 10),
  };

  /** Takes an input in, and lets the farm do what came of it. */
  feed(input: Input): Outcome {
    const outcome = this.feedOnly(input);
    this.work();
    return outcome;
  }

  /** Takes an input in; nothing of what came of it is done. */
  feedOnly(input: Input): Outcome {
    const outcome = step(this.state, this.memory, this.surroundings, input);
    if (outcome.entry) this.journal.push(JSON.stringify(outcome.entry));
    if (outcome.flush) this.flushes += 1;
    this.events.push(...(outcome.entry?.e ?? []));
    for (const { ticket, answer } of outcome.answers) this.answers.set(ticket, answer);
    for (const effect of outcome.effects) {
      this.asked.push(effect);
      if (effect.type !== 'wake') this.farm.outstanding.push(effect);
      else if (effect.at === null) this.wakes.delete(effect.key);
      else this.wakes.set(effect.key, effect.at);
    }
    return outcome;
  }

  /** Lets the farm do all that is asked for and not held. */
  work(): void {
    for (
      let input = this.farm.next(this.state, this.now);
      input;
      input = this.farm.next(this.state, this.now)
    )
      this.feedOnly(input);
  }

  /** The farm leaves these to be done later. */
  hold(...types: Effect['type'][]): void {
    for (const type of types) this.farm.held.add(type);
  }

  /** The farm goes on with these. */
  release(...types: Effect['type'][]): void {
    for (const type of types) this.farm.held.delete(type);
    this.work();
  }

  /** config.yaml is read. */
  configure(jobs: Record<string, JobInput>): void {
    this.#file = jobs;
    const definitions = Object.entries(jobs).map(([id, job]) => [id, jobOf(job)] as const);
    this.feed({ type: 'configured', jobs: new Map(definitions) });
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

  workers(job = 'nightly'): WorkerState[] {
    return [...this.state.workers.values()].filter((worker) => worker.job === job);
  }

  jobView(id = 'nightly') {
    return jobView(this.state, this.job(id), this.now);
  }

  slotView(slot = 1, job = 'nightly') {
    return workerView(this.state, this.job(job), slot, this.now);
  }

  set(settings: Extract<EngineCommand, { type: 'set' }>['settings'], job = 'nightly'): Answer | undefined {
    return this.command({ type: 'set', job, settings });
  }

  /** The present process of a worker ends; a plotter that ends well leaves its plot. */
  exit(worker: Pick<WorkerState, 'id'>, code = 0, options: { plot?: boolean; tail?: string[] } = {}): void {
    const input = this.farm.exit(worker.id, code, this.now, options);
    if (!input) throw new Error(`worker ${worker.id} has no process`);
    this.feed(input);
  }

  /** The plotter's log goes on. */
  log(
    worker: Pick<WorkerState, 'id'>,
    ...signals: Extract<Input, { type: 'log' }>['signals'][number][]
  ): void {
    const offset = (this.state.workers.get(worker.id)?.log_offset ?? 0) + 10;
    this.feed({ type: 'log', worker: worker.id, offset, signals });
  }

  /** The plotter enters a stage. */
  enter(worker: Pick<WorkerState, 'id'>, stage: string): void {
    this.log(worker, { type: 'enter', stage });
  }

  /** Time goes by, with every wake-up on its way. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let due = this.#nextWake(end); due; due = this.#nextWake(end)) {
      this.now = Math.max(this.now, due.at);
      this.wakes.delete(due.key);
      this.feed({ type: 'wake', key: due.key });
    }
    this.now = end;
  }

  #nextWake(end: number): { key: string; at: number } | null {
    let next: { key: string; at: number } | null = null;
    for (const [key, at] of this.wakes) if (at <= end && (next === null || at < next.at)) next = { key, at };
    return next;
  }

  /** The state as a snapshot holds it. */
  snapshotNow(): string {
    return JSON.stringify(toSnapshot(this.state));
  }

  /** A snapshot is written, the journal begins anew. */
  compact(): void {
    this.snapshot = this.snapshotNow();
    this.journal.length = 0;
  }

  /** The daemon dies: what is in its memory is lost, the farm stays. It doesn't come up yet. */
  crash(): void {
    this.state = restored(this.snapshot, this.journal);
    this.memory = freshMemory(this.settings);
    this.wakes.clear();
    this.answers.clear();
    this.farm.forget();
  }

  /** The daemon comes up as it does in `src/daemon`. */
  comeUp(): void {
    this.configure(this.#file);
    this.feed({ type: 'recover' });
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
