import type { AddressInfo, Server } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import type { Aedes } from 'aedes';
import type { ListenAddress } from '../../config/schema/mqtt.ts';
import type { Logger } from '../../util/log.ts';
import { Admission } from './admission.ts';
import { Entrance } from './entrance.ts';
import { brokerHooks, reportTo } from './hooks.ts';
import { type BrokerLimits, LIMITS } from './limits.ts';
import { openServer, type TlsFiles } from './listen.ts';
import { BrokerMemory } from './memory.ts';
import { RefusalLog } from './refusal-log.ts';
import { shieldBroker, shieldClient } from './shield.ts';
import { SubscriptionBudget } from './subscription-budget.ts';
import { SubscriptionTables } from './subscription-table.ts';

export interface EmbeddedBrokerOptions {
  /** Port 0 takes a free one. */
  listen: ListenAddress;
  /** Name → password. Without any everybody is let in. */
  users?: Record<string, string>;
  tls?: TlsFiles;
  /** Bounds other than the usual ones. */
  limits?: Partial<BrokerLimits>;
  log: Logger;
}

/** The broker inside the daemon. */
export interface EmbeddedBroker {
  port: number;
  /** A connection of this process's own: in memory, without a password. */
  connect(): Duplex;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Starts the embedded broker: MQTT 3.1.1 and 5. That it is aedes is known in this folder only.
 *
 * @throws {ListenError} where it cannot listen; the message names the setting
 */
export async function startBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { Aedes } = await import('aedes');
  const { log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const trusted = new WeakSet<Duplex>();
  const refusals = new RefusalLog(log);
  const memory = new BrokerMemory(limits);
  const subscriptions = new SubscriptionBudget(limits);
  const tables = new SubscriptionTables(subscriptions);
  const admission = new Admission(options.users ?? {}, limits, refusals);
  const broker = await Aedes.createBroker({
    ...brokerHooks({ trusted, admission, memory, subscriptions, limits, refusals, log }),
    persistence: memory,
    connectTimeout: limits.loginMs,
    drainTimeout: limits.drainTimeoutMs,
    maxTopicLevels: limits.topicLevels,
    maximumPacketSize: limits.packet,
    sessionExpiryIntervalLimit: 1,
    pendingSessionsLimit: limits.connections,
  });
  shieldBroker(broker, tables);
  reportTo(log, broker, memory);
  const handle = (connection: Duplex) => {
    const client = broker.handle(connection);
    shieldClient(client, tables, (thrown) =>
      log.warn({ err: thrown }, 'The embedded broker dropped a client'),
    );
  };
  const entrance = new Entrance(limits, refusals, handle);
  const server = await openServer(options.listen, options.tls, entrance).catch(async (error) => {
    await closeBroker(broker);
    throw error;
  });
  server.on('error', (error) => log.error({ err: error }, 'The embedded broker cannot accept connections'));

  return {
    port: portOf(server),
    connect() {
      const [mine, its] = duplexPair();
      // One end ends the other, but Node.js 20 and 22 let it live where the one is destroyed.
      mine.once('close', () => its.destroy());
      its.once('close', () => mine.destroy());
      trusted.add(its);
      handle(its);
      return mine;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeBroker(broker);
      entrance.close();
      refusals.close();
      await closed;
    },
  };
}

function closeBroker(broker: Aedes): Promise<void> {
  return new Promise((resolve) => broker.close(() => resolve()));
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
