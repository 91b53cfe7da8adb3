import type { RemoteFire } from '../model/remote-fire.ts';
import type { Transaction } from '../transaction.ts';
import { fire } from './named-events.ts';

/**
 * So many wait for a broker at the most; beyond it the oldest go. No more than the other daemon remembers, which may
 * get all of them twice.
 */
const MAX_WAITING = 1000;
/** Transactions that are remembered (contract, section 5). */
const MAX_REMEMBERED = 1000;

/** Has a named event fired at another daemon: kept until a broker has it, it is known there by its event's id. */
export function fireElsewhere(transaction: Transaction, seq: number, fired: RemoteFire): void {
  const id = transaction.eventId(seq);
  transaction.change(['remote_fire', id, { ...fired }]);
  transaction.ask({ type: 'fire_elsewhere', id, fire: fired });
  const [oldest] = transaction.state.remote_fires.keys();
  if (transaction.state.remote_fires.size <= MAX_WAITING || oldest === undefined) return;
  transaction.change(['remote_fire', oldest, null]);
  transaction.ask({ type: 'fire_elsewhere', id: oldest, fire: null });
}

/** A broker has it. */
export function remoteFireDelivered(transaction: Transaction, id: string): void {
  if (transaction.state.remote_fires.has(id)) transaction.change(['remote_fire', id, null]);
}

/** After a restart: what no broker is known to have is sent again, under the same id. */
export function resumeRemoteFires(transaction: Transaction): void {
  for (const [id, fire] of transaction.state.remote_fires)
    transaction.ask({ type: 'fire_elsewhere', id, fire });
}

/**
 * A named event fired from outside. A second one of this name with the same transaction does nothing: whoever sends it
 * doesn't know whether the first one came.
 */
export function fireFromOutside(
  transaction: Transaction,
  { name, transaction: mark }: { name: string; transaction?: string },
): void {
  if (mark !== undefined && !isNew(transaction, `${name} ${mark}`)) return;
  fire(transaction, name);
}

function isNew(transaction: Transaction, key: string): boolean {
  const { fire_transactions, seq } = transaction.state;
  if (fire_transactions.has(key)) return false;
  transaction.change(['fire_transaction', key, seq]);
  const [oldest] = fire_transactions.keys();
  if (fire_transactions.size > MAX_REMEMBERED && oldest !== undefined)
    transaction.change(['fire_transaction', oldest, null]);
  return true;
}
