import type { Transaction } from '../transaction.ts';
import { holdNamed } from './holds.ts';
import { type HoldOwner, holdsOf, releaseHold, wakeAt, write } from './set-hold.ts';

/** Both clocks may differ by so much about when something is over. */
const EARLY_MS = 1000;

/** The time of a hold may be over: one that began anew meanwhile stands on. */
export function holdDue(transaction: Transaction, owner: HoldOwner, name: string): void {
  const { until_steady = null } = holdNamed(holdsOf(transaction.state, owner), name) ?? {};
  if (until_steady === null) return;
  if (until_steady - transaction.steady > EARLY_MS)
    return wakeAt(transaction, owner, name, transaction.clockAt(until_steady));
  releaseHold(transaction, owner, name, 'time');
}

/**
 * After a restart: the time of each hold goes on, by the steady clock where that does (`goesOn`), else by the host's.
 */
export function resumeHolds(transaction: Transaction, goesOn: boolean): void {
  const owners: HoldOwner[] = ['farm', ...transaction.state.jobs.values()];
  for (const owner of owners) resumeHoldsOf(transaction, owner, goesOn);
}

function resumeHoldsOf(transaction: Transaction, owner: HoldOwner, goesOn: boolean): void {
  for (const [name, hold] of Object.entries(holdsOf(transaction.state, owner))) {
    // When a rule releases one is the rule's to see.
    if (hold.until === null || hold.set_by === 'time') continue;
    const kept = goesOn ? hold.until_steady : null;
    const until_steady = kept ?? transaction.steady + hold.until - transaction.now;
    if (until_steady !== hold.until_steady) write(transaction, owner, name, { ...hold, until_steady });
    wakeAt(transaction, owner, name, transaction.clockAt(until_steady));
  }
}
