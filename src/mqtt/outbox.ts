import type { FreeForm } from '../config/mask-json.ts';
import type { Logger } from '../util/log.ts';
import { AckWatch } from './ack-watch.ts';
import type { Door } from './door.ts';
import {
  EVENT_LIMITS,
  type EventLimits,
  EventQueue,
  type OutgoingEvent,
  type PendingEvent,
} from './event-queue.ts';
import { Fifo } from './fifo.ts';
import { isFreeForm } from './free-form.ts';
import type { Publication, Session } from './session.ts';

/** A retained topic: what should stand there, and what was last sent on this connection. */
interface Slot {
  kind: 'slot';
  topic: string;
  wanted: string;
  sent: string | undefined;
  queued: boolean;
  /** What of it is text of free form, where the topic doesn't say. */
  isFree: FreeForm | undefined;
}
interface Once {
  kind: 'once';
  message: Publication;
}
/** Waits until all before it is acknowledged. */
interface Barrier {
  kind: 'barrier';
  reached: () => void;
}
type Token = Slot | Once | Barrier | PendingEvent;

/** The part of a connection that publishes. */
export type Wire = Pick<Session, 'publish' | 'maximumPacketSize' | 'receiveMaximum'>;

/** An error that comes from the broker's acknowledgement (MQTT 5, section 3.4.2.1), not from a dying connection. */
function isReason(error: Error): boolean {
  return 'code' in error && typeof error.code === 'number';
}

export interface OutboxOptions {
  /** Hides what is secret in each message, at the last moment. */
  door: Door;
  log: Logger;
  /** All events up to `seq` are with the broker, or dropped. */
  onAcked(seq: number): void;
  /** The broker has not acknowledged anything for too long. */
  onStuck(): void;
  eventLimits?: EventLimits;
  /** How long the broker may take to acknowledge, in milliseconds; default 15 s. */
  ackTimeoutMs?: number;
}

const WINDOW = 64;
/** The most that headers and properties add to topic and payload; a response's correlation data may be long. */
const PACKET_OVERHEAD = 1024;
const ACK_TIMEOUT_MS = 15_000;
/** Answers that wait to be sent; who sends more commands without reading answers loses some. */
const MAX_ANSWERS = 5000;

/**
 * What is to be published, in order. Retained topics are coalesced to their latest value, and a value that stands
 * there already isn't sent; events wait for the broker; answers are for those who are connected now. A state that
 * is handed over before an answer reaches the broker before it.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #queue = new Fifo<Token>();
  readonly #events: EventQueue;
  #session: Wire | undefined;
  #window = WINDOW;
  readonly #watch: AckWatch;
  #answers = 0;
  #droppedAnswers = 0;
  readonly #refusals = new Set<string>();
  #secrets: number;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#secrets = options.door.secrets;
    this.#watch = new AckWatch(options.ackTimeoutMs ?? ACK_TIMEOUT_MS, options.onStuck);
    this.#events = new EventQueue(options.eventLimits ?? EVENT_LIMITS, options.onAcked);
  }

  /** What waits for the broker, and what was lost. */
  figures(): { queue: number; dropped: number } {
    const waiting = this.#session
      ? this.#queue.length + this.#watch.inFlight
      : this.#slots.size + this.#events.length;
    return { queue: waiting, dropped: this.#events.dropped + this.#droppedAnswers };
  }

  /** Whether a message would be larger than the broker takes. */
  isTooLarge(topic: string, payload: string): boolean {
    const size = Buffer.byteLength(topic) + Buffer.byteLength(payload) + PACKET_OVERHEAD;
    return this.#session !== undefined && size > this.#session.maximumPacketSize;
  }

  /** What is to stand on a topic, until further notice; `isFree` as the door takes it. */
  retain(topic: string, payload: string, isFree?: FreeForm): void {
    let slot = this.#slots.get(topic);
    if (!slot) {
      slot = { kind: 'slot', topic, wanted: payload, sent: undefined, queued: false, isFree };
      this.#slots.set(topic, slot);
    } else if (slot.wanted === payload) return;
    slot.wanted = payload;
    this.#enqueueSlot(slot);
    this.#pump();
  }

  /** Nothing is to stand on a topic any more. `force`: also where we have published nothing ourselves. */
  clear(topic: string, force = false): void {
    if (force || this.#slots.has(topic)) this.retain(topic, '');
  }

  /** Publishes once more what is current on the topics of which `which` is true, for somebody who has forgotten it. */
  again(which: (topic: string) => boolean): void {
    for (const slot of this.#slots.values()) {
      if (!which(slot.topic)) continue;
      slot.sent = undefined;
      this.#enqueueSlot(slot);
    }
    this.#pump();
  }

  /** More may be secret than before: what stands at the broker and holds some of it is published once more. */
  secretsLearned(): void {
    const { door } = this.#options;
    if (door.secrets === this.#secrets) return;
    this.#secrets = door.secrets;
    const holding = new Set<string>();
    for (const { topic, wanted } of this.#slots.values()) if (door.mayHold(wanted)) holding.add(topic);
    if (holding.size > 0) this.again((topic) => holding.has(topic));
  }

  /** What stood on a topic is of no concern any more: it isn't published again on the next connection. */
  forget(topic: string): void {
    const slot = this.#slots.get(topic);
    // One that is queued still is sent as nothing new.
    if (slot) slot.sent = slot.wanted;
    this.#slots.delete(topic);
  }

  /** An event, to each of its topics, once the broker is there. */
  event(event: OutgoingEvent): void {
    const token = this.#events.add(event);
    if (this.#session) this.#queue.push(token);
    this.#pump();
  }

  /** An answer, or another message that is of use only now: dropped where the broker is away. */
  once(message: Publication): void {
    if (!this.#session || this.#answers >= MAX_ANSWERS) {
      this.#droppedAnswers += 1;
      return;
    }
    this.#answers += 1;
    this.#queue.push({ kind: 'once', message });
    this.#pump();
  }

  /** Calls back once all that was handed over before is with the broker; never where the connection ends before. */
  barrier(reached: () => void): void {
    if (!this.#session) return;
    this.#queue.push({ kind: 'barrier', reached });
    this.#pump();
  }

  /** A connection is there: everything that is current goes out again, then the events that wait. */
  connected(session: Wire): void {
    this.disconnected();
    this.#session = session;
    this.#events.connected = true;
    this.#window = Math.min(WINDOW, session.receiveMaximum);
    for (const slot of this.#slots.values()) this.#enqueueSlot(slot);
    for (const event of this.#events.again()) this.#queue.push(event);
    this.#pump();
  }

  disconnected(): void {
    this.#session = undefined;
    this.#events.connected = false;
    this.#queue.clear();
    this.#watch.reset();
    this.#answers = 0;
    this.#refusals.clear();
    for (const slot of this.#slots.values()) {
      slot.queued = false;
      slot.sent = undefined;
    }
  }

  #enqueueSlot(slot: Slot): void {
    if (slot.queued || !this.#session) return;
    slot.queued = true;
    this.#queue.push(slot);
  }

  #pump(): void {
    const session = this.#session;
    if (!session) return;
    while (this.#watch.inFlight < this.#window && this.#session === session) {
      const token = this.#queue.peek();
      if (!token || (token.kind === 'barrier' && this.#watch.inFlight > 0)) return;
      if (token.kind === 'event' && this.#sendEvent(session, token)) continue;
      this.#queue.shift();
      if (token.kind !== 'event') this.#send(session, token);
    }
  }

  /** Sends an event to the next of its topics; `false` where none is left. */
  #sendEvent(session: Wire, event: PendingEvent): boolean {
    const topic = event.topics[event.sentTo];
    if (event.dropped || topic === undefined) return false;
    event.sentTo += 1;
    this.#publish(session, { topic, payload: event.payload, retain: false }, isFreeForm, () =>
      this.#events.acknowledged(event),
    );
    return true;
  }

  #send(session: Wire, token: Exclude<Token, PendingEvent>): void {
    if (token.kind === 'barrier') return token.reached();
    if (token.kind === 'once') {
      this.#answers -= 1;
      return this.#publish(session, token.message, isFreeForm, () => {});
    }
    token.queued = false;
    if (token.sent === token.wanted) return;
    const payload = token.wanted;
    token.sent = payload;
    this.#publish(session, { topic: token.topic, payload, retain: true }, token.isFree, () =>
      this.#settle(token),
    );
  }

  /** A topic that was cleared needs no remembering once the broker knows. */
  #settle(slot: Slot): void {
    if (slot.wanted === '' && slot.sent === '' && !slot.queued) this.#slots.delete(slot.topic);
  }

  #publish(session: Wire, open: Publication, isFree: FreeForm | undefined, done: () => void): void {
    const message = { ...open, payload: this.#options.door.hide(open.topic, open.payload, isFree) };
    if (this.isTooLarge(message.topic, message.payload)) {
      this.#options.log.error({ topic: message.topic }, 'A message is too large for the broker: not sent');
      return done();
    }
    this.#watch.sent();
    session.publish(message, (error) => {
      // MQTT.js fails what is in flight when a connection ends: only the broker's own word counts.
      if (session !== this.#session || (error && !isReason(error))) return;
      this.#watch.acknowledged();
      if (error) this.#refused(message.topic, error.message);
      done();
      this.#pump();
    });
  }

  /** An ACL that forbids one topic forbids many: one line in the log for a connection and reason. */
  #refused(topic: string, reason: string): void {
    if (this.#refusals.has(reason)) return;
    this.#refusals.add(reason);
    this.#options.log.error({ topic }, `The broker refuses a message (it may refuse others too): ${reason}`);
  }
}
