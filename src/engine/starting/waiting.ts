import type { CommandErrorCode } from '../../contract/error-codes.ts';
import { withoutKey } from '../model/collections.ts';
import type { JobState } from '../model/state.ts';
import type { Turn } from '../transaction.ts';

/** How many workers the starts by hand that wait for the look at the disks want. */
export function waitingByHand(turn: Turn, job: JobState): number {
  return (turn.memory.manual.get(job.id) ?? []).reduce((sum, start) => sum + start.workers, 0);
}

/** Refuses the starts by hand that wait for the look at the disks. */
export function refuseWaiting(
  turn: Turn,
  job: JobState,
  code: CommandErrorCode,
  message: string,
  path: string | null,
): void {
  for (const { ticket } of turn.memory.manual.get(job.id) ?? []) turn.refuse(ticket, code, message, path);
  turn.memory.manual = withoutKey(turn.memory.manual, job.id);
}
