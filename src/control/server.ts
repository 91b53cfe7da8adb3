import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { onLines } from './lines.ts';
import { type ErrorAnswer, REQUEST_BYTES, type Request, requestSchema } from './protocol.ts';

/** What the daemon does for each type of request; it answers with an object of its own `type`. */
export type Requests = Readonly<Record<string, (request: Request) => object | Promise<object>>>;

/** Beyond this many connections the one that has been silent longest is closed. */
const CONNECTIONS = 32;
/** A connection without a whole request for this long is closed. */
const SILENT_MS = 10_000;
/** Requests of one connection that may wait for the answers before them. */
const WAITING = 100;
/** A client that hasn't read this many bytes of its answers is let go at the next one. */
const UNREAD_BYTES = 1024 * 1024;

/**
 * Answers on a Unix domain socket. A client that is silent, endless or many costs a bounded number of bytes and
 * connections, and keeps none of the others from being answered.
 */
export class ControlServer {
  readonly #requests: Requests;
  readonly #log: Logger;
  /** In the order of their last request, the longest silent first. */
  readonly #connections = new Set<Socket>();
  #server: Server | null = null;

  constructor(requests: Requests, log: Logger) {
    this.#requests = requests;
    this.#log = log;
  }

  /**
   * Listens at `path`, which is not there yet, for this account (and root) alone, and no longer where it did before.
   * Rejects with the system's error; it then listens where it did.
   */
  async listen(path: string): Promise<void> {
    const server = createServer((socket) => this.#welcome(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    server.on('error', (error) => this.#log.warn(`the daemon's socket: ${error.message}`));
    // Its directory lets nobody else in already.
    chmodSync(path, 0o600);
    this.#server?.close();
    this.#server = server;
  }

  /** Stops listening; connections are closed. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#connections) socket.destroy();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  #welcome(socket: Socket): void {
    const [longestSilent] = this.#connections;
    if (this.#connections.size >= CONNECTIONS) longestSilent?.destroy();
    this.#connections.add(socket);
    const silence = setTimeout(() => socket.destroy(), SILENT_MS);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(silence);
      this.#connections.delete(socket);
    });
    let waiting = 0;
    let answered = Promise.resolve();
    const take = (text: string) => {
      silence.refresh();
      this.#connections.delete(socket);
      this.#connections.add(socket);
      waiting += 1;
      if (waiting > WAITING) socket.destroy();
      answered = answered.then(async () => {
        if (!socket.destroyed) send(socket, await this.#answer(text));
        waiting -= 1;
      });
    };
    onLines(socket, REQUEST_BYTES, { line: take, tooLong: () => socket.destroy() });
  }

  async #answer(text: string): Promise<object> {
    try {
      const request = requestSchema.safeParse(JSON.parse(text));
      if (!request.success) return failure('invalid_payload', 'a request is an object with a "type"');
      const { type } = request.data;
      const handle = Object.hasOwn(this.#requests, type) ? this.#requests[type] : undefined;
      return (
        (await handle?.(request.data)) ??
        failure('unknown_command', `unknown request ${JSON.stringify(type)}`)
      );
    } catch (error) {
      if (error instanceof SyntaxError) return failure('invalid_payload', 'a request is a line of JSON');
      this.#log.error(`a request on the daemon's socket failed: ${messageOf(error)}`);
      return failure('internal', messageOf(error));
    }
  }
}

function send(socket: Socket, answer: object): void {
  // One answer may be longer than that.
  if (socket.writableLength > UNREAD_BYTES) socket.destroy();
  else socket.write(`${JSON.stringify(answer)}\n`);
}

function failure(code: ErrorAnswer['code'], message: string): ErrorAnswer {
  return { type: 'error', code, message };
}
