import type { CommandErrorCode } from '../../contract/error-codes.ts';
import type { GateName } from '../../contract/gates.ts';
import type { JobState } from '../model/job-state.ts';
import type { Transaction } from '../transaction.ts';
import { BY_HAND_AT_ONCE, type ClosedGate, firstClosed } from './gates/gates.ts';
import { addByHand, refuseByHand } from './queue.ts';
import { reconsider } from './reconsider.ts';
import { BEFORE_ALL } from './turn.ts';

/** With what a start by hand is refused where a gate is closed (contract, section 8). */
const CODES = {
  enabled: 'not_allowed',
  failing: 'not_allowed',
  paused: 'job_paused',
  max_workers: 'limit_reached',
  plots_to_do: 'limit_reached',
  farm: 'limit_reached',
  limit: 'limit_reached',
  missing_argument: 'missing_argument',
  missing_directory: 'missing_directory',
  disk: 'limit_reached',
  temp_full: 'no_space',
  dest_full: 'no_space',
} as const satisfies Record<GateName, CommandErrorCode>;

/** A start by hand: works on a disabled job too, keeps to the limits, is never kept for later. */
export function startByHand(transaction: Transaction, job: JobState, workers: number, ticket: number): void {
  if (job.leaving) return transaction.refuse(ticket, 'not_allowed', beingRemoved(job));
  // Whether starts on their way leave a place is seen when they have started.
  const closed = firstClosed(BY_HAND_AT_ONCE, transaction, job, 0, BEFORE_ALL);
  if (closed) return refuseAtGate(transaction, ticket, closed);
  addByHand(transaction, job, { ticket, workers, since: transaction.state.seq });
  reconsider(transaction, job);
}

/** Refuses a start by hand that a gate keeps back; its sentence is the message. */
export function refuseAtGate(
  transaction: Transaction,
  ticket: number,
  { name, text }: Pick<ClosedGate, 'name' | 'text'>,
): void {
  transaction.refuse(ticket, CODES[name], text);
}

/** The job goes: nothing is started by hand any more. */
export function refuseLeaving(transaction: Transaction, job: JobState): void {
  refuseByHand(transaction, job, { code: 'not_allowed', message: beingRemoved(job) });
}

function beingRemoved(job: JobState): string {
  return `job '${job.id}' is being removed`;
}
