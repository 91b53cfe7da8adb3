import type { CommandErrorCode } from '../contract/error-codes.ts';
import type { EngineEvent, EventKeys, EventType } from '../contract/events.ts';
import type { Effect } from './effects.ts';
import type { EventSubject, Fired } from './event-subject.ts';
import type { TicketAnswer } from './inputs.ts';
import { makeEvent } from './make-event.ts';
import type { Memory, Settings } from './memory.ts';
import { applyChange, type Change, keepEvent } from './model/changes.ts';
import type { JobState } from './model/job-state.ts';
import type { MoveState } from './model/move-state.ts';
import { differing } from './model/patch.ts';
import type { RunState } from './model/run-state.ts';
import type { State } from './model/state.ts';
import type { TransferState } from './model/transfer-state.ts';
import { inOrder, inverseOf, inverseOfValues, type Orders, type Undo } from './model/undo.ts';
import type { WorkerState } from './model/worker-state.ts';
import type { MovedWorker, Outcome } from './outcome.ts';
import type { Surroundings } from './surroundings.ts';
import { Unwritten } from './unwritten.ts';
import { countPower, movesShares } from './working/energy.ts';

/**
 * One step of the engine at work: rules read the state through it, change it, tell events and ask for things to
 * be done. Changes take effect at once and are collected, so that `applyEntry` on the state before the step
 * gives the state after it.
 */
export class Transaction {
  readonly state: State;
  readonly memory: Memory;
  /** By the host's clock, and on the steady one: durations are differences of the latter. */
  readonly now: number;
  readonly steady: number;
  readonly surroundings: Surroundings;
  readonly effects: Effect[] = [];
  readonly answers: TicketAnswer[] = [];
  /** Named events of this step; they are dispatched before it ends, when everything else is told. */
  readonly fired: Fired[] = [];
  readonly #changes: Change[] = [];
  readonly #events: EngineEvent[] = [];
  readonly #jobs = new Set<string>();
  readonly #slots = new Map<string, Set<number>>();
  readonly #moves = new Set<string>();
  readonly #moved = new Set<MovedWorker>();
  /** What takes the step back, the last first. */
  readonly #undo: Undo[] = [];
  readonly #orders: Orders = new Map();
  readonly #unwritten: Unwritten;
  #flush = false;

  constructor(state: State, memory: Memory, surroundings: Surroundings) {
    this.state = state;
    this.memory = memory;
    this.surroundings = surroundings;
    this.now = surroundings.now();
    const before = { ...memory };
    this.#undo.push(() => Object.assign(memory, before));
    this.#unwritten = new Unwritten(memory, (undo) => this.#undo.push(undo));
    memory.latest = Math.max(memory.latest, this.now);
    this.steady = surroundings.steady();
  }

  get settings(): Settings {
    return this.memory.settings;
  }

  /** Whether there is anything to be written down so far. */
  get hasChanged(): boolean {
    return this.#changes.length > 0 || this.#events.length > 0;
  }

  /** What the host's clock will show at a time of the steady one, if nobody sets it. */
  clockAt(steady: number): number {
    return this.now + steady - this.steady;
  }

  /** Changes the state and remembers the change. */
  change(change: Change): void {
    if (movesShares(change)) countPower(this);
    this.#keepValues();
    this.#undo.push(inverseOf(this.state, change, this.#orders));
    applyChange(this.state, change);
    this.#changes.push(change);
  }

  /** Replaces keys of a job; those that are as they were are left out. */
  patchJob(job: JobState, patch: Partial<JobState>): void {
    this.#jobs.add(job.id);
    const changed = differing(job, patch);
    if (changed) this.change(['job_keys', job.id, changed]);
  }

  /** Replaces keys of a run, along with those changed by `moveRun` before. */
  patchRun(run: RunState, patch: Partial<RunState>): void {
    this.touch(run);
    const changed = differing(run, patch);
    if (!changed) return;
    this.change(['run_keys', run.id, { ...this.#unwritten.take('runs', run), ...changed }]);
  }

  /** Replaces keys of a worker, along with those changed by `moveWorker` before. */
  patchWorker(worker: WorkerState, patch: Partial<WorkerState>): void {
    this.touch(worker);
    const changed = differing(worker, patch);
    if (!changed) return;
    this.change(['worker_keys', worker.id, { ...this.#unwritten.take('workers', worker), ...changed }]);
  }

  /** Replaces keys of a move; those that are as they were are left out. */
  patchMove(move: MoveState, patch: Partial<MoveState>): void {
    this.touchMove(move.id);
    const changed = differing(move, patch);
    if (changed) this.change(['move_keys', move.id, changed]);
  }

  /** Replaces keys of a transfer. */
  patchTransfer(transfer: TransferState, patch: Partial<TransferState>): void {
    this.touchMove(transfer.move);
    const changed = differing(transfer, patch);
    if (changed) this.change(['transfer_keys', transfer.id, changed]);
  }

  /**
   * Changes keys of a worker that the log can tell again after a crash; they are written down with its next
   * event. A line that only moves the progress costs the journal nothing so.
   */
  moveWorker(worker: WorkerState, patch: Partial<WorkerState>): void {
    this.moved(worker);
    this.#unwritten.move('workers', worker, patch);
  }

  /** The same for keys of a run. */
  moveRun(run: RunState, patch: Partial<RunState>): void {
    this.#unwritten.move('runs', run, patch);
  }

  /** The worker goes: what moved needs not be written any more. */
  forgetMoved(worker: WorkerState): void {
    this.#unwritten.forget('workers', worker.id);
  }

  /** The run goes. */
  forgetMovedRun(run: RunState): void {
    this.#unwritten.forget('runs', run.id);
  }

  /** Marks the views of a slot and its job as changed. */
  touch({ job, slot }: Pick<RunState, 'job' | 'slot'>): void {
    this.#jobs.add(job);
    const slots = this.#slots.get(job) ?? new Set();
    this.#slots.set(job, slots.add(slot));
  }

  /** Marks the progress of a worker, and with it of its job, as changed. */
  moved(worker: MovedWorker): void {
    this.#moved.add(worker);
  }

  /** Marks the view of a job as changed. */
  touchJob(id: string): void {
    this.#jobs.add(id);
  }

  /** Marks the view of a move as changed. */
  touchMove(id: string): void {
    this.#moves.add(id);
  }

  /** Tells an event about a worker, a job or neither; returns its number. */
  tell<Type extends EventType>(type: Type, about: EventSubject | null, keys: EventKeys[Type]): number {
    const seq = this.state.seq + 1;
    const envelope = {
      id: this.eventId(seq),
      seq,
      at: new Date(this.now).toISOString(),
      type,
      event_type: type,
      job: about?.job ?? null,
      slot: about?.slot ?? null,
      worker: about?.worker ?? null,
    };
    const event = makeEvent(envelope, keys);
    this.#keepValues();
    keepEvent(this.state, event);
    this.#events.push(event);
    return seq;
  }

  /** The id of an event that was told since the program's start, by its number. */
  eventId(seq: number): string {
    return `${this.state.instance}-${this.surroundings.start}-${seq}`;
  }

  /** Asks for something to be done once the step is written down. */
  ask(effect: Effect): void {
    this.effects.push(effect);
  }

  /** Answers a command with data. */
  succeed(ticket: number, data: unknown = null): void {
    this.answers.push({ ticket, answer: { status: 'ok', data } });
  }

  /** Refuses a command. */
  refuse(ticket: number, code: CommandErrorCode, message: string, path: string | null = null): void {
    this.answers.push({ ticket, answer: { status: 'error', error: { code, message, path } } });
  }

  /** The step's entry must survive a power cut. */
  flush(): void {
    this.#flush = true;
  }

  /** What the step came to. */
  outcome(): Outcome {
    if (this.#events.length > 0) this.#writeMoved();
    return {
      entry: this.hasChanged ? { c: this.#changes, e: this.#events } : null,
      flush: this.#flush,
      effects: this.effects,
      answers: this.answers,
      touched: { jobs: this.#jobs, slots: this.#slots, moved: this.#moved, moves: this.#moves },
      undo: () => this.#takeBack(),
    };
  }

  /** Once, before the first change: a line of a log that only moves the progress goes without. */
  #keepValues(): void {
    if (!this.hasChanged) this.#undo.push(inverseOfValues(this.state));
  }

  #takeBack(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    inOrder(this.state, this.#orders);
  }

  /** Workers that an event was told about keep what moved since, and so do their runs: the event stands for it. */
  #writeMoved(): void {
    for (const id of new Set(this.#events.map((event) => event.worker))) {
      const worker = id === null ? undefined : this.state.workers.get(id);
      const run = worker && this.state.runs.get(worker.run);
      if (!worker) continue;
      const ofWorker = this.#unwritten.take('workers', worker);
      if (ofWorker) this.#changes.push(['worker_keys', worker.id, ofWorker]);
      const ofRun = run && this.#unwritten.take('runs', run);
      if (run && ofRun) this.#changes.push(['run_keys', run.id, ofRun]);
    }
  }
}
