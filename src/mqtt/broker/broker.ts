import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Aedes, Client } from 'aedes';
import type { ListenAddress } from '../../config/schema/mqtt.ts';
import type { Logger } from '../../util/log.ts';
import { duplexPair } from './duplex.ts';
import { LIMITS } from './guards.ts';
import { brokerHooks, reportTo } from './hooks.ts';
import { openServer, type TlsFiles } from './listen.ts';
import { BrokerMemory } from './memory.ts';
import { shieldBroker, shieldClient } from './shield.ts';

export interface EmbeddedBrokerOptions {
  /** Port 0 takes a free one. */
  listen: ListenAddress;
  /** Name → password. Without any everybody is let in. */
  users?: Record<string, string>;
  tls?: TlsFiles;
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
  const trusted = new WeakSet<Duplex>();
  const memory = new BrokerMemory();
  const broker = await Aedes.createBroker({
    ...brokerHooks(options.users ?? {}, trusted, log),
    persistence: memory,
    connectTimeout: LIMITS.connectTimeoutMs,
    drainTimeout: LIMITS.drainTimeoutMs,
    maxTopicLevels: LIMITS.topicLevels,
    maximumPacketSize: LIMITS.packet,
    sessionExpiryIntervalLimit: 1,
    pendingSessionsLimit: LIMITS.connections,
  });
  shieldBroker(broker);
  reportTo(log, broker, (clientId) => memory.forget(clientId));
  const handle = (connection: Duplex) => {
    const client = broker.handle(connection);
    shieldClient(client, (thrown) => log.warn({ err: thrown }, 'The embedded broker dropped a client'));
    return client;
  };

  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    guardSocket(socket, handle(socket));
  };
  const server = await openServer(options.listen, options.tls, accept).catch(async (error) => {
    await closeBroker(broker);
    throw error;
  });
  server.maxConnections = LIMITS.connections;
  server.on('error', (error) => log.error({ err: error }, 'The embedded broker cannot accept connections'));
  server.once('drop', () => log.warn('The embedded broker has too many connections; more are refused'));

  return {
    port: portOf(server),
    connect() {
      const [mine, its] = duplexPair();
      trusted.add(its);
      handle(its);
      return mine;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeBroker(broker);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Bounds what a client may send before it is let in. */
function guardSocket(socket: Socket, client: Client): void {
  const check = () => {
    if (client.connected) socket.removeListener('readable', check);
    else if (socket.bytesRead > LIMITS.beforeConnected) socket.destroy();
  };
  socket.on('readable', check);
}

function closeBroker(broker: Aedes): Promise<void> {
  return new Promise((resolve) => broker.close(() => resolve()));
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
