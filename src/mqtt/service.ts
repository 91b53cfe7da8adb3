import type { FreeForm } from '../config/mask-json.ts';
import { startBroker } from './broker/broker.ts';
import type { OutgoingEvent } from './sending/event-queue.ts';
import type { BrokerOptions, MqttOptions } from './options.ts';
import type { Publisher } from './states/publisher.ts';
import { RunningService } from './running-service.ts';
import type { Message } from './connection/session.ts';
import type { EventSubject } from './states/state-reader.ts';
import type { SubOptions, Sweep } from './subscriptions.ts';

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
  /**
   * Sends a message to others. `done`: the broker has it, or has refused it; never called where the connection ends
   * before. Returns whether there is a connection.
   */
  send(topic: string, payload: string, done: () => void): boolean;
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
   * Listens to a topic of others, on every connection; to none that overlaps with commands.
   * `news`: only what others publish from now on, as far as the broker can tell (MQTT 5).
   */
  sub(filter: string, handler: (message: Message) => void, options?: SubOptions): void;
  /** Listens with this handler no more. */
  unsub(filter: string, handler: (message: Message) => void): void;
  /** Has retained messages looked at on each connection, once `ready`. */
  sweep(sweep: Sweep): void;
  /** Calls back once, when it is known that nobody else is on the base topic, or that this installation is a copy. */
  onFree(callback: () => void): void;
  /** The largest packet that the broker takes, in bytes, as far as that is known. */
  packetLimit(): number;
  /** For `B/bridge/health`; for `health`, `steppedBack`: why nothing is published, another daemon having the base topic. */
  stats(): { queue: number; dropped: number; connected: boolean; steppedBack: string | null };
  /** Says `offline` and disconnects, within two seconds or so. */
  stop(): Promise<void>;
}

/**
 * Starts MQTT: the embedded broker if that is the one, and the connection, which is not waited for.
 *
 * @throws {ListenError} where the embedded broker cannot listen
 */
export async function startMqtt(options: MqttOptions): Promise<MqttService> {
  const { broker, log } = options;
  if ('external' in broker) return new RunningService(options, undefined);
  return new RunningService(options, await startBroker({ ...broker.embedded, log }));
}
