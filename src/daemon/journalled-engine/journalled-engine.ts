import type { Answer } from '../../contract/commands.ts';
import type { Effect } from '../../engine/effects.ts';
import type { EngineCommand, Input } from '../../engine/inputs.ts';
import type { Memory, Settings } from '../../engine/memory.ts';
import { toSnapshot } from '../../engine/model/snapshot.ts';
import type { State } from '../../engine/model/state.ts';
import type { Outcome } from '../../engine/outcome.ts';
import type { Moment, Surroundings } from '../../engine/surroundings.ts';
import { onlyStops } from '../../engine/unstored.ts';
import type { JournalWriter } from '../../storage/journal/journal-types.ts';
import type { Reserve } from '../../storage/reserve.ts';
import type { Logger } from '../../util/log.ts';
import type { AfterStep } from './after-step.ts';
import { type Held, HeldInputs, isEnd } from './held-inputs.ts';
import { PostponedEffects } from './postponed-effects.ts';
import { Retries } from './retries.ts';
import { StateWriter } from './state-writer.ts';
import { Tickets } from './tickets.ts';
import { UndoableSteps } from './undoable-steps.ts';
import { type CommandInput, UnstoredCommands } from './unstored-commands.ts';

export interface JournalledEngineOptions {
  journal: JournalWriter;
  /** Room for what must be written while the disk is full. */
  reserve: Reserve;
  settings: Settings;
  surroundings: Surroundings;
  /** The state that the journal has led to. */
  state: State;
  log: Logger;
}

/**
 * The engine at work: takes inputs one by one, writes each step to the journal, and only then has it performed,
 * published and answered. A step that can't be written down is undone, so that the state is always what is written:
 * commands are then refused, or carried out where they only stop, and everything else is kept until it can be taken in.
 */
export class JournalledEngine {
  readonly state: State;
  readonly #surroundings: Surroundings;
  readonly #writer: StateWriter;
  readonly #steps: UndoableSteps;
  readonly #attempts = new Retries(() => this.#tryAgain());
  readonly #tickets = new Tickets();
  readonly #held = new HeldInputs();
  readonly #putOff = new PostponedEffects();
  readonly #unstored: UnstoredCommands;
  #whenSettled: (() => void)[] = [];
  #afterStep: AfterStep | null = null;
  #settling = false;
  #shown: 'ok' | 'failing' = 'ok';

  constructor(options: JournalledEngineOptions) {
    const { journal, reserve, settings, surroundings, log } = options;
    this.state = options.state;
    this.#surroundings = surroundings;
    this.#writer = new StateWriter({ journal, reserve, snapshot: () => toSnapshot(this.state), log });
    this.#steps = new UndoableSteps(this.state, settings, surroundings, this.#writer);
    this.#unstored = new UnstoredCommands({
      state: this.state,
      steps: this.#steps,
      held: this.#held,
      tickets: this.#tickets,
      perform: (effect) => this.#afterStep?.perform(effect),
    });
    this.#writer.makeReserve();
  }

  /** From here on inputs are taken in; what came before waits until now. */
  start(afterStep: AfterStep): void {
    this.#afterStep = afterStep;
    this.#settle();
  }

  get settings(): Settings {
    return this.memory.settings;
  }

  /** What the engine has on its mind, to be read. */
  get memory(): Readonly<Memory> {
    return this.#steps.memory;
  }

  /** Whether the state can be written (contract, section 4). */
  get storage(): 'ok' | 'failing' {
    return this.#writer.failing ? 'failing' : 'ok';
  }

  /** Takes in something that happened, as soon as it can be written down. */
  take(input: Input): void {
    const waiting = this.#held.size > 0;
    this.#held.add(input, this.#moment());
    if (!waiting || isEnd(input)) this.#settle();
  }

  /** Whether all that was taken in is written down, and done what came of it, but for what waits for a whole reserve. */
  get isSettled(): boolean {
    return this.#afterStep !== null && this.#held.size === 0;
  }

  /** Resolves when it is. */
  settled(): Promise<void> {
    if (this.isSettled) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  /** Carries out a command; resolves with its answer once it has taken effect. */
  command(command: EngineCommand): Promise<Answer> {
    return new Promise((resolve) => {
      this.#applyCommand({ type: 'command', ticket: this.#tickets.open(resolve), command });
    });
  }

  /** Whether a change can be written down: what is none of the engine's is not begun otherwise. */
  storable(): boolean {
    if (this.#writer.failing) this.#attempts.now();
    return !this.#writer.failing;
  }

  /** config.yaml was read again; false: that can't be written down, and nothing has changed. */
  configure(input: Extract<Input, { type: 'configured' }>): boolean {
    if (!this.storable() || this.#afterStep === null) return false;
    const afterStep = this.#afterStep;
    const done = this.#alone(() => this.#carryOut(input, this.#moment(), false, afterStep));
    this.#settle();
    return done;
  }

  /** Puts work off that starts something, where the state can't be written; answers whether it does. */
  putOff(effect: Effect): boolean {
    return this.#writer.failing && this.#putOff.takes(effect);
  }

  /**
   * Work has failed: where that may be for a disk that takes nothing it is put off until the disk does.
   * @returns whether it is
   */
  postpone(effect: Effect): boolean {
    if (!this.#writer.failing && this.#writer.check()) return false;
    this.#putOff.work(effect);
    this.#settle();
    return true;
  }

  /** Writes a last snapshot; the journal can be closed then. */
  stop(): void {
    this.#settle();
    this.#attempts.stop();
    this.#afterStep = null;
    if (!this.#writer.failing) this.#writer.compact();
  }

  /** While the state can't be written no command waits for that (contract, section 5). */
  #applyCommand(input: CommandInput): void {
    const mayWait = this.storable() || onlyStops(input.command);
    if (!mayWait) return this.#unstored.answer(input);
    this.take(input);
    if (!this.#writer.failing) return;
    const held = this.#held.find(input);
    if (held) return this.#unstored.stop(held, input);
    // A stop that was asked for before changes nothing, and waits for ends that may not be written down either.
    if (this.#tickets.isWaiting(input.ticket) && !this.#writer.takesEnds())
      this.#answer(this.#steps.giveUp(true));
  }

  #settle(): void {
    if (this.#settling || this.#afterStep === null) return;
    const afterStep = this.#afterStep;
    this.#alone(() => {
      for (let held = this.#held.first(); held; held = this.#held.first()) {
        if (!this.#takeIn(held, afterStep)) return;
        this.#held.drop(held);
      }
    });
    if (this.#writer.failing) this.#attempts.later();
    else this.#writer.compactIfLarge();
    this.#showStorage();
    if (this.isSettled) for (const resolve of this.#whenSettled.splice(0)) resolve();
  }

  /** What is taken in meanwhile waits for its turn. */
  #alone<Result>(work: () => Result): Result {
    this.#settling = true;
    try {
      return work();
    } finally {
      this.#settling = false;
    }
  }

  /** @returns whether this input is dealt with */
  #takeIn(held: Held, afterStep: AfterStep): boolean {
    const { input } = held;
    // What patterns match is told again with the next look.
    if (input.type === 'matched' && this.#writer.failing) return true;
    if (input.type === 'probed' && this.#writer.failing) {
      this.#putOff.look(input.job);
      return true;
    }
    if (this.#carryOut(input, held.at, this.#held.mayUseReserve(held), afterStep)) return true;
    if (input.type === 'matched') return true;
    if (input.type === 'probed') this.#putOff.look(input.job);
    else if (input.type !== 'command' || onlyStops(input.command)) return false;
    else this.#tickets.refuseUnstored(input.ticket);
    return true;
  }

  #moment(): Moment {
    return { now: this.#surroundings.now(), steady: this.#surroundings.steady() };
  }

  /** One step, written down and finished; where it can't be written it was never taken. */
  #carryOut(input: Input, at: Moment, mayUseReserve: boolean, afterStep: AfterStep): boolean {
    const outcome = this.#steps.take(input, at, mayUseReserve);
    if (outcome) this.#finish(input, outcome, afterStep);
    else this.#answer(this.#steps.giveUp(mayUseReserve));
    return outcome !== null;
  }

  /** Effects first: the next plotter is what matters most; then topics, then answers. */
  #finish({ type }: Input, outcome: Outcome, afterStep: AfterStep): void {
    for (const effect of outcome.effects) {
      // What may run already is looked for at once; what is found not to be there is put off then.
      const finds = type === 'recover' && effect.type === 'run';
      if (!this.#writer.failing || finds || !this.#putOff.takes(effect)) afterStep.perform(effect);
    }
    afterStep.publish(outcome);
    this.#answer(outcome);
    if (this.#writer.failing) this.#endDismissed(afterStep);
  }

  /** A dismissed run whose next work was put off ends without it. */
  #endDismissed(afterStep: AfterStep): void {
    for (const effect of this.#putOff.releaseOf((id) => isDismissed(this.state, id)))
      if (effect.type === 'replot_find')
        this.take({ type: 'replot_found', worker: effect.worker, found: { kind: 'none' } });
      else if (effect.type === 'replot_remove')
        this.take({
          type: 'replot_removed',
          worker: effect.worker,
          file: effect.file,
          outcome: { kind: 'failed', reason: 'dismissed before' },
        });
      else afterStep.perform(effect);
  }

  #answer({ answers }: Outcome): void {
    for (const each of answers) this.#tickets.answer(each);
  }

  /** Writes what waits, makes the reserve whole, and then goes on with what was put off. */
  #tryAgain(): void {
    if (this.#settling || this.#afterStep === null) return;
    this.#settle();
    if (this.#held.size === 0 && this.#writer.check()) {
      const { effects, jobs } = this.#putOff.release();
      for (const effect of effects) this.#afterStep.perform(effect);
      for (const job of jobs) this.take({ type: 'probed', job, facts: null });
      this.#settle();
    }
    if (this.#writer.failing) this.#attempts.later();
  }

  #showStorage(): void {
    if (this.#shown === this.storage) return;
    this.#shown = this.storage;
    this.#afterStep?.storageChanged();
  }
}

/** Whether a run, or the run of a worker, was dismissed. */
function isDismissed({ runs, workers }: State, id: string): boolean {
  return runs.get(workers.get(id)?.run ?? id)?.dismissed === true;
}
