import net from 'node:net';
import { generate, type Packet } from 'mqtt-packet';

/** A TCP connection that says whatever it likes. */
export interface RawClient {
  socket: net.Socket;
  received: () => Buffer;
  closed: Promise<void>;
  /** Something comes, or it is closed. */
  answered(): Promise<void>;
  /** What was written has gone out, or it is closed. */
  drained(): Promise<void>;
  send(packet: Packet): void;
  write(bytes: Buffer): void;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A connection may be reset: that is no error of the test's.
  const happens = (event: string) => new Promise<void>((resolve) => socket.once(event, () => resolve()));
  const closed = happens('close');
  await Promise.race([happens('connect'), closed]);
  return {
    socket,
    closed,
    answered: () => Promise.race([happens('data'), closed]),
    drained: () => Promise.race([happens('drain'), closed]),
    received: () => Buffer.concat(chunks),
    send: (packet) => void socket.write(generate(packet, { protocolVersion: 4 })),
    write: (bytes) => void socket.write(bytes),
  };
}

/** A CONNECT of MQTT 3.1.1. */
export function connectPacket(clientId: string, change: Record<string, unknown> = {}): Packet {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId,
    keepalive: 0,
    ...change,
  };
}

/** Connects, and waits for the CONNACK. */
export async function rawConnected(port: number, clientId: string, protocolVersion = 4): Promise<RawClient> {
  const client = await rawClient(port);
  client.write(generate(connectPacket(clientId, { protocolVersion }), { protocolVersion }));
  await client.answered();
  return client;
}
