import type { Answer } from '../../contract/commands.ts';
import type { TicketAnswer } from '../../engine/inputs.ts';
import { NOT_STORED } from '../../engine/unstored.ts';

const REFUSED = { code: 'not_stored', message: NOT_STORED, path: null } as const;

/** Who waits for the answer to a command. */
export class Tickets {
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  /** A new number under which an answer is waited for. */
  open(resolve: (answer: Answer) => void): number {
    this.#last += 1;
    this.#waiting.set(this.#last, resolve);
    return this.#last;
  }

  /** Whether somebody still waits for this answer. */
  isWaiting(ticket: number): boolean {
    return this.#waiting.has(ticket);
  }

  /** Gives an answer to who waits for it, once. */
  answer({ ticket, answer }: TicketAnswer): void {
    this.#waiting.get(ticket)?.(answer);
    this.#waiting.delete(ticket);
  }

  /** The command has no effect, now or later. */
  refuseUnstored(ticket: number): void {
    this.answer({ ticket, answer: { status: 'error', error: REFUSED } });
  }
}
