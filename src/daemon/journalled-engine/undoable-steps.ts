import { freshMemory, step } from '../../engine/engine.ts';
import type { Input } from '../../engine/inputs.ts';
import type { Memory, Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import type { Outcome } from '../../engine/outcome.ts';
import type { Moment, Surroundings } from '../../engine/surroundings.ts';
import type { StateWriter } from './state-writer.ts';

/** Steps of the engine that are written down or were never taken: the state is always what is written. */
export class UndoableSteps {
  readonly #state: State;
  readonly #memory: Memory;
  readonly #surroundings: Surroundings;
  readonly #writer: StateWriter;

  constructor(state: State, settings: Settings, surroundings: Surroundings, writer: StateWriter) {
    this.#state = state;
    this.#memory = freshMemory(settings);
    this.#surroundings = surroundings;
    this.#writer = writer;
  }

  /** What the engine has on its mind, to be read. */
  get memory(): Readonly<Memory> {
    return this.#memory;
  }

  /** Takes in what happened at a moment; `null`: it can't be written down, and was undone. */
  take(input: Input, { now, steady }: Moment, mayUseReserve: boolean): Outcome | null {
    const then = { ...this.#surroundings, now: () => now, steady: () => steady };
    const outcome = step(this.#state, this.#memory, then, input);
    if (this.#writer.write(outcome, mayUseReserve)) return outcome;
    outcome.undo();
    return null;
  }

  /** What an input would come to now; nothing of it is taken. */
  rehearse(input: Input): Outcome {
    const outcome = step(this.#state, this.#memory, this.#surroundings, input);
    outcome.undo();
    return outcome;
  }

  /** Those who wait for what can't be written down: their answers. */
  giveUp(ends: boolean): Outcome {
    return step(this.#state, this.#memory, this.#surroundings, { type: 'unstorable', ends });
  }
}
