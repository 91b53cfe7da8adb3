import type { Effect } from '../../engine/effects.ts';
import type { Input } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import { onlyReads, STOPPED_UNSTORED, stopsOf } from '../../engine/unstored.ts';
import type { Held, HeldInputs } from './held-inputs.ts';
import type { Tickets } from './tickets.ts';
import type { UndoableSteps } from './undoable-steps.ts';

export type CommandInput = Extract<Input, { type: 'command' }>;

export interface UnstoredCommandsOptions {
  state: State;
  steps: UndoableSteps;
  held: HeldInputs;
  tickets: Tickets;
  perform(effect: Effect): void;
}

/** What becomes of commands while the state can't be written (contract, section 5). */
export class UnstoredCommands {
  readonly #options: UnstoredCommandsOptions;

  constructor(options: UnstoredCommandsOptions) {
    this.#options = options;
  }

  /** Answers a command that changes nothing, and refuses any other. */
  answer(input: CommandInput): void {
    const { steps, held, tickets } = this.#options;
    const { ticket } = input;
    const { entry, effects, answers } = steps.rehearse(input);
    const answer = answers.find((each) => each.ticket === ticket);
    // What stopped meanwhile isn't in the state yet: it may not seem as if there were nothing to undo.
    const mayChange = held.hasCommands() && !onlyReads(input.command);
    const isRefused = answer?.answer.status === 'error';
    const changes = entry !== null || effects.length > 0 || (mayChange && !isRefused);
    if (answer && !changes) tickets.answer(answer);
    else tickets.refuseUnstored(ticket);
  }

  /** Stops at once what is to be stopped; what becomes of it waits until it can be written down. */
  stop(input: Held, { ticket, command }: CommandInput): void {
    const { state, steps, held, tickets, perform } = this.#options;
    const refused = steps.rehearse(input.input).answers.find(({ answer }) => answer.status === 'error');
    if (refused || held.isRepeated(input)) held.drop(input);
    const world = { state, memory: steps.memory, ...input.at };
    if (!refused) for (const effect of stopsOf(world, command)) perform(effect);
    tickets.answer(refused ?? { ticket, answer: { status: 'ok', data: STOPPED_UNSTORED } });
  }
}
