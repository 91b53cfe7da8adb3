import { dirname } from 'node:path';
import { LAST_WEEK, withMore } from '../model/tally.ts';
import type { Written } from '../model/written.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';

/**
 * Notes what a worker's plot has added to a directory, or what went for it (negative). Of plots whose size isn't known
 * nothing is noted.
 */
export function noteWritten(
  transaction: Transaction,
  { began_at }: WorkerState,
  file: string | null,
  bytes: number | null,
): void {
  if (file !== null && bytes !== null) noteBytes(transaction, began_at, file, bytes);
}

/** The same, of what began at a time of the steady clock; `null`: now. */
export function noteBytes(
  transaction: Transaction,
  began_at: number | null,
  file: string,
  bytes: number,
): void {
  const { state, steady } = transaction;
  forgetOld(transaction);
  const directory = dirname(file);
  const before = state.written.get(directory);
  const written: Written = {
    since: before?.since ?? began_at ?? steady,
    bytes: withMore(before?.bytes ?? [], steady, bytes, LAST_WEEK),
  };
  transaction.change(['written', directory, written]);
}

/** Where nothing was written for a week, it begins anew. */
function forgetOld(transaction: Transaction): void {
  for (const [directory, { bytes }] of [...transaction.state.written]) {
    const last = bytes.at(-1)?.[0];
    if (last === undefined || last <= transaction.steady - LAST_WEEK.back)
      transaction.change(['written', directory, null]);
  }
}
