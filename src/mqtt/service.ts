import type { FreeForm } from '../config/mask-json.ts';
import type { Logger } from '../util/log.ts';
import { type EmbeddedBroker, startBroker } from './broker/broker.ts';
import { Commands } from './commands.ts';
import { Connection } from './connection.ts';
import { Door } from './door.ts';
import type { OutgoingEvent } from './event-queue.ts';
import { BaseTopic } from './instances/base-topic.ts';
import { addressOf, type BrokerOptions, type Installation, type MqttOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import { type EventSubject, Publisher } from './publisher.ts';
import type { Message, Publication, Session } from './session.ts';
import { type SubOptions, Subscriptions, type Sweep } from './subscriptions.ts';
import { isRetained } from '../contract/routes.ts';
import { topics } from '../contract/topics.ts';

export type { BrokerOptions, MqttOptions };

/** MQTT as the daemon sees it. */
export interface MqttService {
  publisher: Publisher;
  /** The embedded broker's port. */
  port: number | undefined;
  /**
   * Resolves when the daemon may begin its work: nobody else is on its base topic, or the broker is away, so that this
   * is found out later. Rejects with `BaseTopicTakenError`.
   */
  begun: Promise<void>;
  /**
   * An event to publish, in order of `seq`, behind the state of all that was changed before; `topics.ofEvent` knows
   * where.
   */
  event(event: OutgoingEvent, about?: EventSubject): void;
  /**
   * All jobs and workers can be read now: states are published, then events that waited, commands are taken, and
   * `online` is said. Nothing is published before.
   */
  ready(): void;
  /**
   * What is to stand, retained, on a topic of others; `isFree` says what of an object is text of free form, without it
   * all is.
   */
  retain(topic: string, payload: string, isFree?: FreeForm): void;
  /** More may be secret than before. */
  secretsLearned(): void;
  /** Clears a topic where this process has published. */
  clear(topic: string): void;
  /** What stands on a topic is of no concern any more: it isn't published again on the next connection. */
  forget(topic: string): void;
  /** Publishes once more what is retained on the topics of which `which` is true. */
  again(which: (topic: string) => boolean): void;
  /** Calls back once all that was handed over before is with the broker, however many connections that takes. */
  settled(callback: () => void): void;
  /** Calls back on each connection from now on, once `ready`. */
  onConnected(callback: () => void): void;
  /**
   * Listens to a topic of others, on every connection; one handler a filter, none that overlaps with commands.
   * `news`: only what others publish from now on, as far as the broker can tell (MQTT 5).
   */
  sub(filter: string, handler: (message: Message) => void, options?: SubOptions): void;
  /** Has retained messages looked at on each connection, once `ready`. */
  sweep(sweep: Sweep): void;
  /** Calls back once, when it is known that nobody else is on the base topic, or that this installation is a copy. */
  onFree(callback: () => void): void;
  /** For `B/bridge/health`; for `health`, `steppedBack`: why nothing is published, another daemon having the base topic. */
  stats(): { queue: number; dropped: number; connected: boolean; steppedBack: string | null };
  /** Says `offline` and disconnects, within two seconds or so. */
  stop(): Promise<void>;
}

const STOP_MS = 2_000;
/** What clients of the embedded broker have to come back after a restart before anything is said. */
const COME_BACK_MS = 250;
/** How long what stands below former base topics is looked at: a broker hands out what is retained at once. */
const CLEAR_MS = 10_000;

/**
 * Starts MQTT: the embedded broker if that is the one, and the connection, which is not waited for.
 *
 * @throws {ListenError} where the embedded broker cannot listen
 */
export async function startMqtt(options: MqttOptions): Promise<MqttService> {
  const { broker, log } = options;
  if ('external' in broker) return new Service(options, undefined);
  return new Service(options, await startBroker({ ...broker.embedded, log }));
}

class Service implements MqttService {
  readonly publisher: Publisher;
  readonly #broker: EmbeddedBroker | undefined;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #subscriptions: Subscriptions;
  readonly #commands: Commands;
  readonly #log: Logger;
  readonly #state: string;
  readonly #unsettled = new Set<() => void>();
  readonly #onConnected: (() => void)[] = [];
  #ready = false;
  /** `online` was said on this connection. */
  #online = false;
  /** The connection, once nobody else is on the base topic. */
  #session: Session | undefined;
  readonly #baseTopic: BaseTopic;
  readonly #installation: Installation | undefined;
  readonly #onFree: (() => void)[] = [];
  #free = false;
  #clearing: { sweep: Sweep; timer: NodeJS.Timeout } | undefined;

  constructor(options: MqttOptions, broker: EmbeddedBroker | undefined) {
    const { log, baseTopic } = options;
    this.#log = log;
    this.#broker = broker;
    this.#state = topics(baseTopic).bridgeState;
    this.#outbox = new Outbox({
      ...options,
      door: new Door(options.secrets, baseTopic),
      onStuck: () => this.#connection.replace('the broker acknowledges nothing any more'),
    });
    this.publisher = new Publisher(this.#outbox, options.reader, {
      base: baseTopic,
      intervalMs: options.progressIntervalMs,
    });
    this.#subscriptions = new Subscriptions(this.#outbox, log);
    this.#subscriptions.addSweep({
      filters: this.publisher.topics.objectFilters,
      stale: (topic) => this.publisher.stale(topic),
    });
    this.#subscriptions.add(this.#state, ({ payload }) => this.#contradict(payload.toString()));
    this.#commands = new Commands({
      topics: this.publisher.topics,
      execute: options.execute,
      answer: (message) => this.#answer(message),
      fits: (message) => !this.#outbox.isTooLarge(message),
      clear: (topic) => this.#outbox.clear(topic, true),
      log,
    });
    const address = addressOf(options.broker);
    this.#installation = options.installation;
    this.#baseTopic = new BaseTopic({
      ...options,
      address,
      shared: !broker,
      connection: () => this.#connection,
      answer: (message) => this.#outbox.once(message),
      onFree: (session, abandoned) => this.#isFree(session, abandoned),
      onIntruder: () => this.#outbox.again(() => true),
    });
    this.#connection = new Connection({
      ...options,
      target: 'external' in options.broker ? options.broker.external : { stream: () => this.#stream() },
      address,
      will: { topic: this.#state, payload: 'offline' },
      onConnect: (session) => this.#baseTopic.connected(session),
      onDisconnect: (cut) => this.#disconnected(cut),
      onAway: () => this.#baseTopic.brokerIsAway(),
      onMessage: (message) => {
        if (this.#baseTopic.receive(message) || !this.#session) return;
        this.#commands.receive(message);
        this.#subscriptions.receive(message);
      },
    });
    // So that those who were connected to an earlier run's broker hear the first words of this one.
    setTimeout(() => this.#connection.start(), broker ? COME_BACK_MS : 0);
  }

  get begun(): Promise<void> {
    return this.#baseTopic.begun;
  }

  get port(): number | undefined {
    return this.#broker?.port;
  }

  event(event: OutgoingEvent, about?: EventSubject): void {
    this.publisher.event(event, about);
  }

  ready(): void {
    this.#ready = true;
    this.publisher.all();
    this.publisher.flush();
    if (this.#session) this.#open(this.#session);
  }

  retain(topic: string, payload: string, isFree?: FreeForm): void {
    this.#outbox.retain(topic, payload, isFree);
  }

  secretsLearned(): void {
    this.#outbox.secretsLearned();
  }

  clear(topic: string): void {
    this.#outbox.clear(topic);
  }

  forget(topic: string): void {
    this.#outbox.forget(topic);
  }

  again(which: (topic: string) => boolean): void {
    this.#outbox.again(which);
  }

  settled(callback: () => void): void {
    this.#unsettled.add(callback);
    this.#settle(callback);
  }

  onConnected(callback: () => void): void {
    this.#onConnected.push(callback);
  }

  sub(filter: string, handler: (message: Message) => void, options?: SubOptions): void {
    this.#subscriptions.add(filter, handler, options);
  }

  sweep(sweep: Sweep): void {
    this.#subscriptions.addSweep(sweep);
  }

  onFree(callback: () => void): void {
    if (this.#free) callback();
    else this.#onFree.push(callback);
  }

  stats(): { queue: number; dropped: number; connected: boolean; steppedBack: string | null } {
    const { steppedBack } = this.#baseTopic;
    return { ...this.#outbox.figures(), connected: this.#connection.connected, steppedBack };
  }

  async stop(): Promise<void> {
    this.publisher.stop();
    this.#online = false;
    const began = performance.now();
    if (this.#session && this.#ready)
      await new Promise<void>((resolve) => {
        setTimeout(resolve, STOP_MS).unref();
        this.#outbox.retain(this.#state, 'offline');
        this.#outbox.barrier(resolve);
      });
    await this.#connection.stop(Math.max(100, began + STOP_MS - performance.now()));
    this.#disconnected(false);
    await this.#broker?.close();
  }

  #stream() {
    if (!this.#broker) throw new Error('there is no embedded broker');
    return this.#broker.connect();
  }

  /** A barrier is gone with its connection: those that were not reached are set again on the next one. */
  #settle(callback: () => void): void {
    this.#outbox.barrier(() => {
      if (this.#unsettled.delete(callback)) callback();
    });
  }

  #isFree(session: Session, abandoned: readonly string[]): void {
    this.#session = session;
    this.#free = true;
    for (const callback of this.#onFree.splice(0)) callback();
    this.#clearBelow(abandoned);
    if (this.#ready) this.#open(session);
  }

  /** Clears what stands below base topics that this daemon had before (contract, section 4). */
  #clearBelow(bases: readonly string[]): void {
    if (this.#clearing) this.#subscriptions.removeSweep(this.#clearing.sweep);
    clearTimeout(this.#clearing?.timer);
    if (bases.length === 0) return;
    const sweep: Sweep = {
      filters: bases.flatMap((base) => topics(base).retainedFilters),
      stale: (topic) => (bases.some((base) => isRetained(base, topic)) ? [topic] : []),
    };
    this.#subscriptions.addSweep(sweep);
    const timer = setTimeout(() => {
      this.#subscriptions.removeSweep(sweep);
      this.settled(() => this.#installation?.cleared(bases));
    }, CLEAR_MS).unref();
    this.#clearing = { sweep, timer };
  }

  /**
   * Lets out what is to be published. Not before all states are known: an event of an earlier run that came before
   * them would find those of that run.
   */
  #open(session: Session): void {
    this.publisher.flush();
    this.#outbox.connected(session);
    for (const callback of this.#unsettled) this.#settle(callback);
    for (const callback of this.#onConnected) callback();
    this.#goOnline(session);
  }

  #disconnected(cut: boolean): void {
    this.#baseTopic.disconnected();
    clearTimeout(this.#clearing?.timer);
    this.#session = undefined;
    this.#online = false;
    this.#subscriptions.close();
    this.#outbox.disconnected(cut);
    // `online` is said again on the next connection only when all else stands there.
    this.#outbox.forget(this.#state);
  }

  /** `online` is the last word: all states are with the broker, and commands are heard. */
  #goOnline(session: Session): void {
    this.#subscriptions.open(session);
    const { commandFilters } = this.publisher.topics;
    session.subscribe(commandFilters, { qos: 1, retainAsPublished: true, noLocal: true }, (error) => {
      if (session !== this.#session) return;
      if (error) this.#log.error(`The broker does not let us listen for commands: ${error.message}`);
      this.#outbox.barrier(() => {
        this.#outbox.retain(this.#state, 'online');
        this.#online = true;
        this.#baseTopic.saidOnline();
      });
    });
  }

  /**
   * The will of a connection that was given up: a broker that didn't notice keeps it until keep-alive runs out, and
   * says it after we are back.
   */
  #contradict(state: string): void {
    if (state !== 'offline' || !this.#online) return;
    this.#outbox.forget(this.#state);
    this.#outbox.retain(this.#state, 'online');
  }

  #answer(message: Publication): void {
    // What the answer tells of reaches the broker before it.
    this.publisher.flush();
    this.#outbox.once(message);
  }
}
