import { readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import type { ListenAddress } from '../../config/schema/mqtt.ts';
import { codeOf, messageOf } from '../../util/errors.ts';

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

/**
 * Opens a TCP or TLS server and waits until it listens.
 *
 * @throws {ListenError} where the port is taken, the address isn't this machine's or a file can't be read
 */
export async function openServer(
  { host, port }: ListenAddress,
  files: TlsFiles | undefined,
  accept: (socket: net.Socket) => void,
): Promise<net.Server> {
  const server = files
    ? await tlsServer(files, accept)
    : // Nagle's algorithm would hold each acknowledgement back by up to 40 ms.
      net.createServer({ noDelay: true, keepAlive: true }, accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError({ host, port }, error)));
    server.listen({ host, port }, resolve);
  });
  return server;
}

async function tlsServer(files: TlsFiles, accept: (socket: net.Socket) => void): Promise<net.Server> {
  const [cert, key] = await Promise.all([readPem('cert', files.cert), readPem('key', files.key)]);
  try {
    const server = tls.createServer({ cert, key, noDelay: true, handshakeTimeout: 10_000 }, accept);
    // A failed handshake is the client's affair; its socket is gone already.
    server.on('tlsClientError', () => {});
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
