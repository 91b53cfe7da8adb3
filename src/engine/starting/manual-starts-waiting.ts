import type { CommandErrorCode } from '../../contract/error-codes.ts';
import { withoutKey } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import type { Transaction } from '../transaction.ts';

/** How many workers the starts by hand that wait for the look at the disks want. */
export function waitingByHand(transaction: Transaction, job: JobState): number {
  return (transaction.memory.manual.get(job.id) ?? []).reduce((sum, start) => sum + start.workers, 0);
}

/** Refuses the starts by hand that wait for the look at the disks. */
export function refuseWaiting(
  transaction: Transaction,
  job: JobState,
  code: CommandErrorCode,
  message: string,
  path: string | null,
): void {
  for (const { ticket } of transaction.memory.manual.get(job.id) ?? [])
    transaction.refuse(ticket, code, message, path);
  transaction.memory.manual = withoutKey(transaction.memory.manual, job.id);
}
