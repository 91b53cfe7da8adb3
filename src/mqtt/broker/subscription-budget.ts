import type { Client } from 'aedes';
import { ownerOf } from './guarded-stream.ts';
import type { BrokerLimits } from './limits.ts';
import { SharedBudget } from './share.ts';
import { subscriptionBytes } from './sizes.ts';
import type { SubscriptionWatcher } from './subscription-table.ts';

type SubscriptionLimits = Pick<BrokerLimits, 'subscriptions' | 'subscriptionBytes'>;

/** Counts subscriptions, this process's own excepted. */
export class SubscriptionBudget implements SubscriptionWatcher {
  readonly #budget: SharedBudget;

  constructor(limits: SubscriptionLimits) {
    this.#budget = new SharedBudget({ count: limits.subscriptions, bytes: limits.subscriptionBytes });
  }

  /** Whether a client may subscribe to a filter; one that it has may be changed. */
  fits(client: Client, filter: string): boolean {
    const owner = ownerOf(client);
    if (owner === undefined || has(client, filter)) return true;
    return this.#budget.fits(owner, { count: 1, bytes: subscriptionBytes(filter) });
  }

  added(client: Client, filter: string): void {
    const owner = ownerOf(client);
    if (owner !== undefined) this.#budget.add(owner, { count: 1, bytes: subscriptionBytes(filter) });
  }

  removed(client: Client, filter: string): void {
    const owner = ownerOf(client);
    if (owner !== undefined) this.#budget.add(owner, { count: -1, bytes: -subscriptionBytes(filter) });
  }
}

function has(client: Client, filter: string): boolean {
  const table: unknown = Reflect.get(client, 'subscriptions');
  return typeof table === 'object' && table !== null && Object.hasOwn(table, filter);
}
