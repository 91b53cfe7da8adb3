import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Aedes, AedesOptions, Client } from 'aedes';
import type { Logger } from '../../util/log.ts';
import { badClientId, badFilter, badTopic, LIMITS, passwordChecker, RetainedBudget } from './guards.ts';

/** Connections that this process made itself: they need no password and have no bounds. */
export type Trusted = WeakSet<Duplex>;

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>;

/**
 * What the embedded broker asks before it does something for a client. An exception inside a hook would end the
 * process, so each is caught and refuses instead.
 */
export function brokerHooks(users: Record<string, string>, trusted: Trusted, log: Logger): Hooks {
  const mayEnter = passwordChecker(users);
  const budget = new RetainedBudget();
  const filters = new WeakMap<Client, Set<string>>();
  const ownIds = new Set<string>();
  const isTrusted = (client: Client | null) => client !== null && trusted.has(client.conn);
  const refused = (what: string, thrown: unknown) => {
    log.error({ err: thrown }, `The embedded broker could not decide on ${what}`);
    return new Error('internal error');
  };

  return {
    preConnect(client, packet, decide) {
      try {
        const own = isTrusted(client);
        if (own) ownIds.add(packet.clientId);
        const problem = badClientId(packet.clientId) ?? (packet.will && badTopic(packet.will.topic));
        if (problem) return decide(new Error(problem), false);
        if (!own && ownIds.has(packet.clientId)) return decide(new Error('this client id is in use'), false);
        // Sessions end with their connection (see BrokerMemory); MQTT 5 is told by the session expiry interval.
        if (packet.protocolVersion !== 5) packet.clean = true;
        return decide(null, true);
      } catch (thrown) {
        return decide(refused('a connection', thrown), false);
      }
    },

    authenticate(client, name, password, decide) {
      try {
        if (isTrusted(client) || mayEnter(name, password)) return decide(null, true);
        log.warn({ client: client.id }, 'The embedded broker refused a client: wrong user or password');
        return decide(Object.assign(new Error('bad user name or password'), { returnCode: 4 }), false);
      } catch (thrown) {
        return decide(Object.assign(refused('a password', thrown), { returnCode: 3 }), false);
      }
    },

    authorizePublish(client, packet, decide) {
      try {
        const problem = badTopic(packet.topic);
        if (problem) return decide(new Error(problem));
        if (packet.retain) {
          const bytes = packet.payload.length;
          if (bytes === 0 || isTrusted(client)) budget.free(packet.topic);
          else if (!budget.claim(packet.topic, bytes + packet.topic.length))
            return decide(new Error('too much is retained already'));
        }
        return decide(null);
      } catch (thrown) {
        return decide(refused('a message', thrown));
      }
    },

    authorizeSubscribe(client, subscription, decide) {
      try {
        const own = filters.get(client) ?? new Set();
        filters.set(client, own);
        const problem = badFilter(subscription.topic);
        if (problem || own.size >= LIMITS.subscriptions) return decide(null, null);
        own.add(subscription.topic);
        return decide(null, subscription);
      } catch (thrown) {
        return decide(refused('a subscription', thrown), null);
      }
    },
  };
}

/** Listens to what aedes reports, so that no error event goes unheard (that would end the process). */
export function reportTo(log: Logger, broker: Aedes, forget: (clientId: string) => void): void {
  broker.on('clientDisconnect', (client) => forget(client.id));
  broker.on('clientError', (client, error) =>
    log.debug({ client: client.id, err: error }, 'A client failed'),
  );
  broker.on('connectionError', (_client, error) => log.debug({ err: error }, 'A connection failed'));
  // An event that aedes' types leave out.
  EventEmitter.prototype.on.call(broker, 'error', (error) =>
    log.error({ err: error }, 'The embedded broker reports an error'),
  );
}
