import type { MqttClient } from 'mqtt';
import type { Logger } from '../../util/log.ts';
import { Backoff } from './backoff.ts';
import type { MaskedMessage } from '../masked-message.ts';
import { type Refusal, refusalOf } from './refusals.ts';
import { type Message, messageOfPacket, Session } from './session.ts';
import { openClient, type ProtocolVersion, type Target } from './transport.ts';

export interface ConnectionOptions {
  target: Target;
  /** For the log: the broker's address, without a password. */
  address: string;
  version: 'auto' | ProtocolVersion;
  instance(): string;
  will: MaskedMessage;
  log: Logger;
  onConnect(session: Session): void;
  /** `cut`: it was not us who gave the connection up. */
  onDisconnect(cut: boolean): void;
  onMessage(message: Message): void;
  /** The broker is away or refuses: it is tried again later. */
  onAway(): void;
  backoff?: Backoff;
}

/** A connection that held for so long was a good one: the next attempts begin with short pauses again. */
const STABLE_MS = 10_000;
/** What a broker has to take leave, before the connection is dropped. */
const LEAVE_MS = 1_000;

/**
 * Keeps a connection to the broker, for ever: it never throws and never gives up. Each attempt has a client of its
 * own; what was not acknowledged when a connection ended is the outbox's affair.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backoff: Backoff;
  #version: ProtocolVersion;
  /** The broker has said that it doesn't speak MQTT 5 (where it only hung up, 5 is tried again next time). */
  #refused5 = false;
  #client: MqttClient | undefined;
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastFailure = '';
  #connectedAt = 0;
  #stopped = false;
  /** Connections come and go by plan: no news for the log. */
  quiet = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
    this.#version = options.version === 'auto' ? 5 : options.version;
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  start(): void {
    if (!this.#stopped) void this.#attempt();
  }

  /** Drops a connection that is no good any more, and makes another. */
  replace(reason: string): void {
    if (!this.#client || !this.#session) return;
    this.#options.log.warn(`The connection to ${this.#options.address} is replaced: ${reason}`);
    this.#ended(this.#client, undefined, false);
  }

  /** Leaves the broker for a while, with a DISCONNECT, so that it doesn't publish the last will. */
  leaveFor(ms: number): void {
    const client = this.#client;
    if (!client || !this.#session) return;
    this.#client = undefined;
    this.#session = undefined;
    this.#safely(() => this.#options.onDisconnect(false));
    client.end(false);
    setTimeout(() => client.stream.destroy(), LEAVE_MS).unref();
    this.#retry(ms);
  }

  /** Ends the connection with a DISCONNECT, within `timeoutMs`; no other follows. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    const session = this.#session;
    this.#client = undefined;
    this.#session = undefined;
    if (!client) return;
    if (!session) return void client.end(true);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        // A second `end` would do nothing.
        client.stream.destroy();
        resolve();
      }, timeoutMs);
      client.end(false, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #attempt(): Promise<void> {
    const { target, instance, will } = this.#options;
    try {
      const client = await openClient(target, { version: this.#version, instance: instance(), will });
      if (this.#stopped) client.end(true);
      else this.#follow(client);
    } catch (error) {
      if (!this.#stopped) this.#failed(refusalOf(error));
    }
  }

  #follow(client: MqttClient): void {
    this.#client = client;
    let failure: Error | undefined;
    client.on('error', (error) => {
      failure ??= error;
      // A refusal and a broken packet don't always close the connection.
      setImmediate(() => this.#ended(client, failure));
    });
    client.on('disconnect', ({ reasonCode = 0 }) => {
      failure ??= Object.assign(new Error('the broker disconnects'), { code: reasonCode });
    });
    client.on('close', () => setImmediate(() => this.#ended(client, failure)));
    client.on('connect', (connack) => {
      if (client !== this.#client) return;
      this.#connected(new Session(client, connack));
    });
    client.on('message', (topic, payload, packet) => {
      if (client !== this.#client) return;
      this.#safely(() => this.#options.onMessage(messageOfPacket(topic, payload, packet)));
    });
  }

  #connected(session: Session): void {
    const { address, log } = this.#options;
    this.#session = session;
    this.#connectedAt = performance.now();
    this.#lastFailure = '';
    const said = `Connected to ${address} with MQTT ${session.version === 5 ? '5' : '3.1.1'}`;
    if (this.quiet) log.debug(said);
    else log.info(said);
    this.#safely(() => this.#options.onConnect(session));
  }

  #ended(client: MqttClient, error: Error | undefined, cut = true): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    const session = this.#session;
    this.#session = undefined;
    // Before the client ends, which fails all that it has in flight.
    if (session) this.#safely(() => this.#options.onDisconnect(cut));
    client.end(true);
    if (!session) return this.#failed(refusalOf(error));
    if (performance.now() - this.#connectedAt > STABLE_MS) this.#backoff.reset();
    this.#options.log.warn(
      `Lost the connection to ${this.#options.address}${error ? `: ${refusalOf(error).text}` : ''}`,
    );
    if (this.#options.version === 'auto' && !this.#refused5) this.#version = 5;
    this.#retry(this.#backoff.next('lost'));
  }

  #failed(refusal: Refusal): void {
    const { address, log, version } = this.#options;
    if (version === 'auto' && this.#version === 5 && refusal.version !== 'fine') {
      this.#refused5 = refusal.version === 'refused';
      this.#version = 4;
      log.debug(`MQTT 5 failed on ${address} (${refusal.text}), trying 3.1.1`);
      return this.#retry(0);
    }
    if (version === 'auto' && (!this.#refused5 || refusal.version === 'refused')) {
      this.#refused5 = false;
      this.#version = 5;
    }
    // The same failure each moment for days is one line in the log.
    if (refusal.kind !== this.#lastFailure)
      log.error(`Cannot connect to ${address}: ${refusal.text}; trying again`);
    this.#lastFailure = refusal.kind;
    this.#retry(this.#backoff.next(refusal.away ? 'away' : 'refused'));
  }

  #retry(delayMs: number): void {
    if (this.#stopped) return;
    if (delayMs > 0 && !this.#session) this.#options.onAway();
    this.#timer = setTimeout(() => void this.#attempt(), delayMs);
  }

  #safely(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.log.error({ err: error }, 'A message could not be handled');
    }
  }
}
