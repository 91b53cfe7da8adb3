import type { AedesPublishPacket, Client } from 'aedes';

type Done = () => void;
type Deliver = (message: AedesPublishPacket, done: Done) => void;

/** What aedes keeps for each filter of a client. */
interface Kept {
  qos: number;
  func: Deliver;
  /** No local: not what the client has published itself. */
  nl?: boolean | undefined;
  /** Retain as published. */
  rap?: boolean | undefined;
  /** Subscription identifier. */
  si?: number | undefined;
}

interface Subscription extends Kept {
  client: Client;
}

/** Told of each subscription that is made, and of each that ends. */
export interface SubscriptionWatcher {
  added(client: Client, filter: string): void;
  removed(client: Client, filter: string): void;
}

/**
 * The subscriptions of all clients. aedes sends one copy of a message to a client whose subscriptions overlap, with
 * the identifier of one of them, and at the publisher's QoS where they have wildcards. MQTT 5 (3.3.4) wants a copy
 * for each subscription or one with all identifiers; Home Assistant and Node-RED tell their subscriptions apart by
 * the one identifier of a copy. So: a copy for each identifier, and one for all subscriptions that have none, each at
 * the highest QoS granted to those that it stands for.
 */
export class SubscriptionTables {
  readonly #known = new WeakMap<Deliver, Subscription>();
  readonly #watcher: SubscriptionWatcher;

  constructor(watcher: SubscriptionWatcher) {
    this.#watcher = watcher;
  }

  /** The table that aedes keeps a client's subscriptions in: filter → subscription. */
  tableOf(client: Client): Record<string, unknown> {
    // Without a prototype `constructor` and its like aren't found in it.
    const table: Record<string, unknown> = Object.create(null);
    return new Proxy(table, {
      set: (target, filter, value: unknown) => {
        if (typeof filter !== 'string' || !isKept(value)) return false;
        if (!(filter in target)) this.#watcher.added(client, filter);
        this.#known.set(value.func, { ...value, client });
        // aedes would cut a message's QoS to that of the subscription to its very topic; it is cut below.
        target[filter] = { ...value, qos: 2 };
        return true;
      },
      deleteProperty: (target, filter) => {
        if (typeof filter === 'string' && filter in target) this.#watcher.removed(client, filter);
        return Reflect.deleteProperty(target, filter);
      },
    });
  }

  /** What is to be called for a message in place of aedes' own functions, of which each stands for a subscription. */
  merged(matching: Deliver[]): Deliver[] {
    const others: Deliver[] = [];
    const copies = new Map<Client, Map<number | undefined, Subscription[]>>();
    for (const func of matching) {
      const subscription = this.#known.get(func);
      if (!subscription) {
        others.push(func);
        continue;
      }
      const { client, si } = subscription;
      const ofClient = copies.get(client) ?? new Map<number | undefined, Subscription[]>();
      copies.set(client, ofClient);
      ofClient.set(si, [...(ofClient.get(si) ?? []), subscription]);
    }
    for (const [client, ofClient] of copies)
      for (const [identifier, subscriptions] of ofClient)
        others.push((message, done) =>
          deliver(client, copyOf(message, client, identifier, subscriptions), done),
        );
    return others;
  }
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'func' in value && typeof value.func === 'function';
}

function deliver(client: Client, copy: AedesPublishPacket | undefined, done: Done): void {
  const send: unknown = Reflect.get(client, 'deliverQoS');
  if (copy && typeof send === 'function') Reflect.apply(send, client, [copy, done]);
  else setImmediate(done);
}

/** `undefined` where none of the subscriptions is to have it. */
function copyOf(
  message: AedesPublishPacket,
  client: Client,
  identifier: number | undefined,
  subscriptions: Subscription[],
): AedesPublishPacket | undefined {
  // [MQTT-4.7.2-1]; nobody may name these topics, a wildcard alone would match.
  if (message.topic.startsWith('$')) return undefined;
  const own = Reflect.get(message, 'clientId') === client.id;
  const hearing = subscriptions.filter(({ nl }) => !(nl && own));
  if (hearing.length === 0) return undefined;
  const copy: AedesPublishPacket = Object.assign(Object.create(null), message);
  // [MQTT-3.8.4-8], [MQTT-3.3.1-12], [MQTT-3.3.1-3]
  const granted = Math.max(...hearing.map(({ qos }) => qos));
  copy.qos = message.qos < granted ? message.qos : granted === 2 ? 2 : granted === 1 ? 1 : 0;
  copy.retain = message.retain && hearing.some(({ rap }) => rap);
  copy.dup = false;
  if (identifier !== undefined)
    copy.properties = { ...message.properties, subscriptionIdentifier: identifier };
  // aedes drops what it takes for a second copy of a message; that there is none is seen to here.
  Reflect.set(copy, 'brokerId', null);
  return copy;
}
