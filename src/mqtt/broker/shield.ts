import type { Aedes, Client } from 'aedes';

/**
 * aedes looks clients and subscriptions up in plain objects, where `constructor` and its like are always found: an
 * UNSUBSCRIBE from such a topic, for which there is no hook, ends the process. Without a prototype they aren't.
 */
function withoutPrototype(owner: object, key: string): void {
  const table: unknown = Reflect.get(owner, key);
  if (typeof table === 'object' && table !== null) Object.setPrototypeOf(table, null);
}

/** To be done once, when the broker is made. */
export function shieldBroker(broker: Aedes): void {
  withoutPrototype(broker, 'clients');
  withoutPrototype(broker, 'brokers');
}

/**
 * To be done with each client: what it sends is handled in the parser's stack, and an exception there, which nobody
 * else would catch, costs it its connection and nobody else anything. `failed` gets the exception.
 */
export function shieldClient(client: Client, failed: (thrown: unknown) => void): void {
  withoutPrototype(client, 'subscriptions');
  withoutPrototype(client, 'duplicates');
  const parser: unknown = Reflect.get(client, '_parser');
  if (typeof parser !== 'object' || parser === null) return;
  const parse: unknown = Reflect.get(parser, 'parse');
  if (typeof parse !== 'function') return;
  Reflect.set(parser, 'parse', (bytes: Buffer) => {
    try {
      return Reflect.apply(parse, parser, [bytes]);
    } catch (thrown) {
      failed(thrown);
      client.conn.destroy();
      return 0;
    }
  });
}
