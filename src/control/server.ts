import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { onLines } from './lines.ts';
import { type ErrorAnswer, REQUEST_BYTES, type Request, requestSchema } from './protocol.ts';

/**
 * What the daemon does for each type of request: it answers with an object of its own `type`, or with one after the
 * other until the connection is `closed`.
 */
export type Requests = Readonly<
  Record<string, (request: Request, closed: AbortSignal) => object | Promise<object> | AsyncIterable<object>>
>;

/** Beyond this many connections the one that has been silent longest is closed. */
const CONNECTIONS = 32;
/** A connection without a whole request for this long is closed. */
const SILENT_MS = 10_000;
/** Requests of one connection that may wait for the answers before them. */
const WAITING = 100;
/** A client that hasn't read this many bytes of its answers is let go at the next one. */
const UNREAD_BYTES = 1024 * 1024;
/** Connections that are answered on and on; they are none of those above, and may be silent. */
const FOLLOWING = 8;

/**
 * Answers on a Unix domain socket. A client that is silent, endless or many costs a bounded number of bytes and
 * connections, and keeps none of the others from being answered.
 */
export class ControlServer {
  readonly #requests: Requests;
  readonly #log: Logger;
  /** In the order of their last request, the longest silent first. */
  readonly #connections = new Set<Socket>();
  readonly #following = new Set<Socket>();
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
    for (const socket of [...this.#connections, ...this.#following]) socket.destroy();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  #welcome(socket: Socket): void {
    const [longestSilent] = this.#connections;
    if (this.#connections.size >= CONNECTIONS) longestSilent?.destroy();
    this.#connections.add(socket);
    const silence = setTimeout(() => {
      if (!this.#following.has(socket)) socket.destroy();
    }, SILENT_MS);
    const closed = new AbortController();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(silence);
      this.#connections.delete(socket);
      this.#following.delete(socket);
      closed.abort();
    });
    let waiting = 0;
    let answered = Promise.resolve();
    const take = (text: string) => {
      silence.refresh();
      if (this.#connections.delete(socket)) this.#connections.add(socket);
      waiting += 1;
      if (waiting > WAITING) socket.destroy();
      answered = answered.then(async () => {
        if (socket.destroyed) return;
        const answer = await this.#answer(text, closed.signal);
        if (isMany(answer)) await this.#goOn(socket, answer);
        else send(socket, answer);
        waiting -= 1;
      });
    };
    onLines(socket, REQUEST_BYTES, { line: take, tooLong: () => socket.destroy() });
  }

  /** Answers on and on, as fast as the client reads. */
  async #goOn(socket: Socket, answers: AsyncIterable<object>): Promise<void> {
    if (this.#following.size >= FOLLOWING) {
      send(socket, failure('limit_reached', `${FOLLOWING} clients follow already, which is the most`));
      return void socket.destroySoon();
    }
    this.#connections.delete(socket);
    this.#following.add(socket);
    try {
      for await (const answer of answers) {
        if (socket.destroyed) return;
        if (!socket.write(`${JSON.stringify(answer)}\n`)) await drained(socket);
      }
    } catch (error) {
      this.#log.warn(`an answer on the daemon's socket was broken off: ${messageOf(error)}`);
    }
    socket.destroySoon();
  }

  async #answer(text: string, closed: AbortSignal): Promise<object> {
    try {
      const request = requestSchema.safeParse(JSON.parse(text));
      if (!request.success) return failure('invalid_payload', 'a request is an object with a "type"');
      const { type } = request.data;
      const handle = Object.hasOwn(this.#requests, type) ? this.#requests[type] : undefined;
      return (
        (await handle?.(request.data, closed)) ??
        failure('unknown_command', `unknown request ${JSON.stringify(type)}`)
      );
    } catch (error) {
      if (error instanceof SyntaxError) return failure('invalid_payload', 'a request is a line of JSON');
      this.#log.error(`a request on the daemon's socket failed: ${messageOf(error)}`);
      return failure('internal', messageOf(error));
    }
  }
}

function isMany(answer: object): answer is AsyncIterable<object> {
  return Symbol.asyncIterator in answer;
}

/** Resolves when what was written is on its way, or the connection closed. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
    if (socket.destroyed) done();
  });
}

function send(socket: Socket, answer: object): void {
  // One answer may be longer than that.
  if (socket.writableLength > UNREAD_BYTES) socket.destroy();
  else socket.write(`${JSON.stringify(answer)}\n`);
}

function failure(code: ErrorAnswer['code'], message: string): ErrorAnswer {
  return { type: 'error', code, message };
}
