import { once } from 'node:events';
import net from 'node:net';
import { generate, type Packet } from 'mqtt-packet';

/** A TCP connection that says whatever it likes. */
export interface RawClient {
  socket: net.Socket;
  received: () => Buffer;
  closed: Promise<unknown>;
  send(packet: Packet): void;
  write(bytes: Buffer): void;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const closed = once(socket, 'close');
  await Promise.race([once(socket, 'connect'), closed]);
  return {
    socket,
    closed,
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
  await Promise.race([once(client.socket, 'data'), client.closed]);
  return client;
}
