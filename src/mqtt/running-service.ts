import type { FreeForm } from '../config/mask-json.ts';
import { topics } from '../contract/topics.ts';
import type { Logger } from '../util/log.ts';
import type { EmbeddedBroker } from './broker/broker.ts';
import { Commands } from './commands/commands.ts';
import { Connection } from './connection/connection.ts';
import { Door } from './door.ts';
import type { OutgoingEvent } from './sending/event-queue.ts';
import { BaseTopic } from './instances/base-topic.ts';
import { FormerBaseTopics } from './instances/former-base-topics.ts';
import { OnlineState } from './online-state.ts';
import { MaskedMessage } from './masked-message.ts';
import { addressOf, type MqttOptions } from './options.ts';
import { Outbox } from './sending/outbox.ts';
import { Publisher } from './states/publisher.ts';
import type { MqttService } from './service.ts';
import type { Message, Publication, Session } from './connection/session.ts';
import type { EventSubject } from './states/state-reader.ts';
import { type SubOptions, Subscriptions, type Sweep } from './subscriptions.ts';

const STOP_MS = 2_000;
/** What clients of the embedded broker have to come back after a restart before anything is said. */
const COME_BACK_MS = 250;
/** The parts of MQTT at work together: outbox, publisher, commands, subscriptions, base topic and connection. */
export class RunningService implements MqttService {
  readonly publisher: Publisher;
  readonly #broker: EmbeddedBroker | undefined;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #subscriptions: Subscriptions;
  readonly #commands: Commands;
  readonly #log: Logger;
  readonly #online: OnlineState;
  readonly #unsettled = new Set<() => void>();
  readonly #onConnected: (() => void)[] = [];
  #ready = false;
  /** The connection, once nobody else is on the base topic. */
  #session: Session | undefined;
  readonly #baseTopic: BaseTopic;
  readonly #formerBaseTopics: FormerBaseTopics;
  readonly #onFree: (() => void)[] = [];
  #free = false;

  constructor(options: MqttOptions, broker: EmbeddedBroker | undefined) {
    const { log, baseTopic } = options;
    this.#log = log;
    this.#broker = broker;
    const door = new Door(options.secrets, baseTopic);
    this.#outbox = new Outbox({
      ...options,
      door,
      onStuck: () => this.#connection.replace('the broker acknowledges nothing any more'),
    });
    this.#online = new OnlineState(topics(baseTopic).bridgeState, this.#outbox);
    this.publisher = new Publisher(this.#outbox, options.reader, {
      base: baseTopic,
      intervalMs: options.progressIntervalMs,
    });
    this.#subscriptions = new Subscriptions(this.#outbox, log);
    this.#subscriptions.addSweep({
      filters: this.publisher.topics.objectFilters,
      stale: (topic) => this.publisher.stale(topic),
    });
    this.#subscriptions.add(this.#online.topic, ({ payload }) => this.#online.contradict(payload.toString()));
    this.#formerBaseTopics = new FormerBaseTopics(this.#subscriptions, (bases) =>
      this.settled(() => options.installation?.cleared(bases)),
    );
    this.#commands = new Commands({
      topics: this.publisher.topics,
      execute: options.execute,
      answer: (message) => this.#answer(message),
      fits: (message) => !this.#outbox.isTooLarge(message),
      clear: (topic) => this.#outbox.clear(topic, true),
      log,
    });
    const address = addressOf(options.broker);
    this.#baseTopic = new BaseTopic({
      ...options,
      door,
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
      will: new MaskedMessage({ topic: this.#online.topic, payload: 'offline', retain: true }, door),
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

  send(topic: string, payload: string, done: () => void): boolean {
    return this.#outbox.send({ topic, payload, retain: false }, done);
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

  unsub(filter: string, handler: (message: Message) => void): void {
    this.#subscriptions.remove(filter, handler);
  }

  sweep(sweep: Sweep): void {
    this.#subscriptions.addSweep(sweep);
  }

  onFree(callback: () => void): void {
    if (this.#free) callback();
    else this.#onFree.push(callback);
  }

  packetLimit(): number {
    return this.#outbox.packetLimit;
  }

  stats(): { queue: number; dropped: number; connected: boolean; steppedBack: string | null } {
    const { steppedBack } = this.#baseTopic;
    return { ...this.#outbox.figures(), connected: this.#connection.connected, steppedBack };
  }

  async stop(): Promise<void> {
    this.publisher.stop();
    this.#online.ends();
    const began = performance.now();
    if (this.#session && this.#ready)
      await new Promise<void>((resolve) => {
        setTimeout(resolve, STOP_MS).unref();
        this.#online.sayOffline(resolve);
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
    this.#formerBaseTopics.clear(abandoned);
    if (this.#ready) this.#open(session);
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
    this.#formerBaseTopics.pause();
    this.#session = undefined;
    this.#online.ends();
    this.#subscriptions.close();
    this.#outbox.disconnected(cut);
    this.#online.disconnected();
  }

  /** `online` is the last word: all states are with the broker, and commands are heard. */
  #goOnline(session: Session): void {
    this.#subscriptions.open(session);
    const { commandFilters } = this.publisher.topics;
    session.subscribe(commandFilters, { qos: 1, retainAsPublished: true, noLocal: true }, (error) => {
      if (session !== this.#session) return;
      if (error) this.#log.error(`The broker does not let us listen for commands: ${error.message}`);
      this.#online.sayOnline(() => this.#baseTopic.saidOnline());
    });
  }

  #answer(message: Publication): void {
    // What the answer tells of reaches the broker before it.
    this.publisher.flush();
    this.#outbox.once(message);
  }
}
