import type { Answer } from '../engine/commands.ts';
import type { Effect } from '../engine/effects.ts';
import { freshMemory, step } from '../engine/engine.ts';
import type { EngineCommand, Input } from '../engine/inputs.ts';
import { toSnapshot } from '../engine/snapshot.ts';
import type { State } from '../engine/state.ts';
import type { Memory, Outcome, Settings, Surroundings } from '../engine/turn.ts';
import type { Journal } from '../storage/journal.ts';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';

/** A journal that cannot be written is tried again so often. */
const RETRY_MS = 5_000;
/** The journal may grow to this many bytes, or to twice the snapshot, before the next snapshot. */
const JOURNAL_BYTES = 4 * 1024 * 1024;

export interface CoreOptions {
  journal: Journal;
  settings: Settings;
  surroundings: Surroundings;
  /** The state that the journal has led to. */
  state: State;
  log: Logger;
}

/** What is done with a step once it is written down. */
export interface Aftermath {
  perform(effect: Effect): void;
  /** Publishes what the step told and touched; answers come after it. */
  publish(outcome: Outcome): void;
}

/**
 * The engine at work: takes inputs one by one, writes each step to the journal, and only then has it performed,
 * published and answered. A disk that can't be written holds everything back until it can be.
 */
export class Core {
  readonly state: State;
  readonly #memory: Memory;
  readonly #options: CoreOptions;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  readonly #held: Outcome[] = [];
  #aftermath: Aftermath | null = null;
  #settling = false;
  #retry: NodeJS.Timeout | null = null;
  #lastTicket = 0;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.state = options.state;
    this.#memory = freshMemory(options.settings);
  }

  /** From here on steps are performed and published; what was taken in before is kept until now. */
  start(aftermath: Aftermath): void {
    this.#aftermath = aftermath;
    this.#settle();
  }

  get settings(): Settings {
    return this.#memory.settings;
  }

  /** config.yaml was read again. */
  set settings(settings: Settings) {
    this.#memory.settings = settings;
  }

  /** Takes in something that happened. */
  take(input: Input): void {
    this.#held.push(step(this.state, this.#memory, this.#options.surroundings, input));
    this.#settle();
  }

  /** Carries out a command; resolves with its answer once it has taken effect. */
  command(command: EngineCommand): Promise<Answer> {
    this.#lastTicket += 1;
    const ticket = this.#lastTicket;
    return new Promise((resolve) => {
      this.#answers.set(ticket, resolve);
      this.take({ type: 'command', ticket, command });
    });
  }

  /** Whether something that happened could not be written down yet. */
  get behind(): boolean {
    return this.#held.length > 0;
  }

  /** Writes a last snapshot; the journal can be closed then. */
  stop(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#settle();
    this.#aftermath = null;
    if (!this.behind) this.#compact();
  }

  #settle(): void {
    if (this.#settling || this.#aftermath === null) return;
    this.#settling = true;
    try {
      for (let outcome = this.#held[0]; outcome; outcome = this.#held[0]) {
        if (!this.#write(outcome)) return this.#retryLater();
        this.#held.shift();
        this.#finish(outcome, this.#aftermath);
      }
    } finally {
      this.#settling = false;
    }
    const { journal } = this.#options;
    if (journal.size() > Math.max(JOURNAL_BYTES, 2 * journal.snapshotSize())) this.#compact();
  }

  #write(outcome: Outcome): boolean {
    if (outcome.entry === null) return true;
    try {
      this.#options.journal.append(outcome.entry, { flush: outcome.flush });
      return true;
    } catch (error) {
      if (this.#retry === null)
        this.#options.log.error(`what happens can't be written down, everything waits: ${messageOf(error)}`);
      return false;
    }
  }

  #retryLater(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#settle();
      if (this.behind) return;
      this.#retry = null;
      this.#options.log.info('the data directory can be written again');
    }, RETRY_MS);
  }

  /** Effects first: the next plotter is what matters most; then topics, then answers. */
  #finish(outcome: Outcome, aftermath: Aftermath): void {
    for (const effect of outcome.effects) aftermath.perform(effect);
    aftermath.publish(outcome);
    for (const { ticket, answer } of outcome.answers) {
      this.#answers.get(ticket)?.(answer);
      this.#answers.delete(ticket);
    }
  }

  #compact(): void {
    try {
      this.#options.journal.compact(toSnapshot(this.state));
    } catch (error) {
      this.#options.log.error(`the state can't be written anew, its journal goes on: ${messageOf(error)}`);
    }
  }
}
