import { readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import type { ListenAddress } from '../../config/schema/mqtt.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Arrival } from './arrivals.ts';

/** Files of a certificate (chain) and its key, PEM. */
export interface TlsFiles {
  cert: string;
  key: string;
}

/** An embedded broker that cannot listen; its message names the setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program has this port: stop it, or give the embedded broker another one',
  EACCES: 'this account may not use this port: take one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no host of this name',
};

async function readPem(setting: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ListenError(`mqtt.embedded.tls.${setting}: cannot read ${file}: ${messageOf(error)}`);
  }
}

/** Who takes connections, from their very beginning on. */
export interface Welcome {
  /** A TCP connection is there. */
  arrived(socket: net.Socket): Arrival;
  /** Its TLS handshake is done, this is its socket now; `undefined`: it had to go. */
  secured(socket: net.Socket): Arrival | undefined;
  /** MQTT can begin. */
  ready(socket: net.Socket, arrival: Arrival): void;
}

/**
 * Opens a TCP or TLS server and waits until it listens.
 *
 * @throws {ListenError} where the port is taken, the address isn't this machine's or a file can't be read
 */
export async function openServer(
  { host, port }: ListenAddress,
  files: TlsFiles | undefined,
  welcome: Welcome,
): Promise<net.Server> {
  // Nagle's algorithm would hold each acknowledgement back by up to 40 ms.
  const server = files
    ? await tlsServer(files, welcome)
    : net.createServer({ noDelay: true, keepAlive: true });
  server.on('connection', (socket) => {
    // A connection that is gone already has no address.
    if (socket.remoteAddress === undefined) return socket.destroy();
    const arrival = welcome.arrived(socket);
    if (!files) welcome.ready(socket, arrival);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError({ host, port }, error)));
    server.listen({ host, port }, resolve);
  });
  return server;
}

async function tlsServer(files: TlsFiles, welcome: Welcome): Promise<net.Server> {
  const [cert, key] = await Promise.all([readPem('cert', files.cert), readPem('key', files.key)]);
  try {
    const server = tls.createServer({ cert, key, noDelay: true, keepAlive: true });
    // A failed handshake is the client's affair.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('secureConnection', (socket) => {
      const arrival = welcome.secured(socket);
      if (arrival) welcome.ready(socket, arrival);
      else socket.destroy();
    });
    return server;
  } catch (error) {
    throw new ListenError(`mqtt.embedded.tls: the certificate cannot be used: ${messageOf(error)}`);
  }
}

function listenError({ host, port }: ListenAddress, error: Error): ListenError {
  const listen = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const reason = REASONS[codeOf(error) ?? ''] ?? error.message;
  return new ListenError(`The embedded broker cannot listen on ${listen}: ${reason} (mqtt.embedded.listen).`);
}
