import type { Aedes, Client } from 'aedes';
import { GuardedStream } from './guarded-stream.ts';
import type { SubscriptionTables } from './subscription-table.ts';

type Deliver = Parameters<SubscriptionTables['merged']>[0][number];

/**
 * aedes looks clients and subscriptions up in plain objects, where `constructor` and its like are always found: an
 * UNSUBSCRIBE from such a topic, for which there is no hook, ends the process. Without a prototype they aren't.
 */
function withoutPrototype(owner: object, key: string): void {
  const table: unknown = Reflect.get(owner, key);
  if (typeof table === 'object' && table !== null) Object.setPrototypeOf(table, null);
}

/** A method of aedes' own that its types leave out; a version that lacks it must not be used unnoticed. */
function methodOf(owner: unknown, key: string): (...words: unknown[]) => unknown {
  const method: unknown = typeof owner === 'object' && owner !== null ? Reflect.get(owner, key) : undefined;
  if (typeof method !== 'function') throw new Error(`aedes has changed: there is no ${key}`);
  return (...words) => Reflect.apply(method, owner, words);
}

function partOf(owner: object, key: string): object {
  const part: unknown = Reflect.get(owner, key);
  if (typeof part !== 'object' || part === null) throw new Error(`aedes has changed: there is no ${key}`);
  return part;
}

/** To be done once, when the broker is made. */
export function shieldBroker(broker: Aedes, subscriptions: SubscriptionTables): void {
  withoutPrototype(broker, 'clients');
  withoutPrototype(broker, 'brokers');
  const matcher = partOf(partOf(broker, 'mq'), '_matcher');
  const match = methodOf(matcher, 'match');
  Reflect.set(matcher, 'match', (topic: string) => {
    const matching = match(topic);
    return Array.isArray(matching) ? subscriptions.merged(matching.filter(isDeliver)) : matching;
  });
}

function isDeliver(value: unknown): value is Deliver {
  return typeof value === 'function';
}

/**
 * To be done with each client: what it sends is handled in the parser's stack, and an exception there, which nobody
 * else would catch, costs it its connection and nobody else anything. `failed` gets the exception.
 */
export function shieldClient(
  client: Client,
  subscriptions: SubscriptionTables,
  failed: (thrown: unknown) => void,
): void {
  Reflect.set(client, 'subscriptions', subscriptions.tableOf(client));
  withoutPrototype(client, 'duplicates');
  catchParser(client, failed);
  if (client.conn instanceof GuardedStream) tellWhenHandled(client, client.conn);
}

function catchParser(client: Client, failed: (thrown: unknown) => void): void {
  const parser = partOf(client, '_parser');
  const parse = methodOf(parser, 'parse');
  Reflect.set(parser, 'parse', (bytes: Buffer) => {
    try {
      return parse(bytes);
    } catch (thrown) {
      failed(thrown);
      client.conn.destroy();
      return 0;
    }
  });
}

/**
 * aedes calls this after each packet, and when it goes on after a login. A packet that it refuses is done within the
 * parser, which must not be given the next one before it has come to its end.
 */
function tellWhenHandled(client: Client, stream: GuardedStream): void {
  const nextBatch = methodOf(client, '_nextBatch');
  Reflect.set(client, '_nextBatch', (error?: unknown) =>
    queueMicrotask(() => {
      stream.handled();
      nextBatch(error);
    }),
  );
  Reflect.set(client, 'resume', () => {
    Reflect.set(client, '_paused', false);
    nextBatch();
  });
}
