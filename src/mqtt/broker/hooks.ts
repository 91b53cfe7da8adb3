import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Aedes, AedesOptions, Client, ConnectPacket, PublishPacket } from 'aedes';
import type { Logger } from '../../util/log.ts';
import type { Admission } from './admission.ts';
import { GuardedStream, ownerOf } from './guarded-stream.ts';
import { badClientId, badFilter, badTopic } from './guards.ts';
import type { BrokerLimits } from './limits.ts';
import type { BrokerMemory } from './memory.ts';
import type { RefusalLog } from './refusal-log.ts';
import { messageBytes, ownCopy, ownProperties, sizeOf, withoutRest } from './sizes.ts';
import type { SubscriptionBudget } from './subscription-budget.ts';

/** Connections that this process made itself: they need no password and have no bounds. */
export type Trusted = WeakSet<Duplex>;

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>;

/** What the hooks ask. */
export interface HookParts {
  trusted: Trusted;
  admission: Admission;
  memory: BrokerMemory;
  subscriptions: SubscriptionBudget;
  limits: BrokerLimits;
  refusals: RefusalLog;
  log: Logger;
}

/** What wills count to whose clients are long gone. */
const NOBODY = 'nobody';

/**
 * What the embedded broker asks before it does something for a client. An exception inside a hook would end the
 * process, so each is caught and refuses instead.
 */
export function brokerHooks(parts: HookParts): Hooks {
  const { trusted, admission, memory, subscriptions, limits, refusals, log } = parts;
  const ownIds = new Set<string>();
  const isTrusted = (client: Client | null) => client !== null && trusted.has(client.conn);
  const note = (client: Client | null, reason: string) => {
    if (client?.conn instanceof GuardedStream) refusals.note(client.conn.address, reason);
  };
  const refused = (what: string, thrown: unknown) => {
    log.error({ err: thrown }, `The embedded broker could not decide on ${what}`);
    return new Error('internal error');
  };

  return {
    preConnect(client, packet, decide) {
      try {
        const own = isTrusted(client);
        if (own) ownIds.add(packet.clientId);
        const problem = badConnect(packet, limits);
        if (problem) return decide(new Error(problem), false);
        if (!own && ownIds.has(packet.clientId)) return decide(new Error('this client id is in use'), false);
        // Sessions end with their connection (see BrokerMemory); MQTT 5 is told by the session expiry interval.
        if (packet.protocolVersion !== 5) packet.clean = true;
        keepWillApart(packet);
        return decide(null, true);
      } catch (thrown) {
        return decide(refused('a connection', thrown), false);
      }
    },

    authenticate(client, name, password, decide) {
      try {
        const stream = client.conn;
        if (!(stream instanceof GuardedStream)) return decide(null, isTrusted(client));
        return admission.decide(stream, { clientId: client.id, name, password }, (refusal) =>
          decide(refusal, !refusal),
        );
      } catch (thrown) {
        return decide(Object.assign(refused('a password', thrown), { returnCode: 3 }), false);
      }
    },

    authorizePublish(client, packet, decide) {
      try {
        const problem = badTopic(packet.topic) ?? badProperties(packet);
        if (problem) return decide(new Error(problem));
        if (isTrusted(client)) return decide(null);
        packet.payload = withoutRest(packet.payload);
        if (packet.retain) {
          const owner = ownerOf(client) ?? NOBODY;
          if (!memory.retained.fits(packet, owner)) {
            note(client, 'a message is not retained, too much is already');
            return decide(new Error('too much is retained already'));
          }
          memory.countTo(packet.payload, owner);
        }
        return decide(null);
      } catch (thrown) {
        return decide(refused('a message', thrown));
      }
    },

    authorizeSubscribe(client, subscription, decide) {
      try {
        if (badFilter(subscription.topic)) return decide(null, null);
        const fits = subscriptions.fits(client, subscription.topic);
        if (!fits) note(client, 'a subscription is one too many');
        return decide(null, fits ? subscription : null);
      } catch (thrown) {
        return decide(refused('a subscription', thrown), null);
      }
    },
  };
}

function badConnect(packet: ConnectPacket, limits: BrokerLimits): string | undefined {
  const { will, clientId } = packet;
  const problem = badClientId(clientId) ?? (will && badTopic(will.topic));
  if (problem) return problem;
  const properties = Reflect.get(packet, 'properties');
  if (sizeOf(properties) > limits.connectPacket) return 'too many properties';
  return will && messageBytes(will) > limits.will ? 'the will is too large' : undefined;
}

/** The will stays as long as its client: it must not hold the whole packet, of which it is a view. */
function keepWillApart({ will }: ConnectPacket): void {
  if (!will) return;
  will.payload = ownCopy(will.payload);
  if (will.properties) will.properties = ownProperties(will.properties);
}

/** [MQTT-3.3.4-6]: a publisher could otherwise make subscribers take its message for another one. */
function badProperties({ properties }: Pick<PublishPacket, 'properties'>): string | undefined {
  return properties?.subscriptionIdentifier === undefined
    ? undefined
    : 'a publisher gives no subscription identifier';
}

/** Listens to what aedes reports, so that no error event goes unheard (that would end the process). */
export function reportTo(log: Logger, broker: Aedes, memory: BrokerMemory): void {
  broker.on('clientDisconnect', (client) => memory.forget(client.id));
  broker.on('clientError', (client, error) =>
    log.debug({ client: client.id, err: error }, 'A client failed'),
  );
  broker.on('connectionError', (_client, error) => log.debug({ err: error }, 'A connection failed'));
  // aedes asks for the retained messages right after this, in the same turn.
  broker.on('subscribe', (subscriptions, client) => {
    const stream = client.conn instanceof GuardedStream ? client.conn : undefined;
    memory.nextReplayFor({
      granted: new Map(subscriptions.map(({ topic, qos }) => [topic, qos])),
      begun: () => stream?.replaying(true),
      isWanted: () => !client.closed,
      ended: () => stream?.replaying(false),
    });
  });
  // An event that aedes' types leave out.
  EventEmitter.prototype.on.call(broker, 'error', (error) =>
    log.error({ err: error }, 'The embedded broker reports an error'),
  );
}
