import type { FreeForm } from '../../config/mask-json.ts';
import type { Logger } from '../../util/log.ts';
import { AckWatch } from './ack-watch.ts';
import { CuttingBroker } from './cutting-broker.ts';
import type { Door } from '../door.ts';
import {
  EVENT_LIMITS,
  type EventLimits,
  EventQueue,
  type OutgoingEvent,
  type PendingEvent,
} from './event-queue.ts';
import { Fifo } from './fifo.ts';
import { isFreeForm } from '../free-form.ts';
import { MaskedMessage } from '../masked-message.ts';
import { messageOf, type Once, type Slot, type Token } from './outgoing.ts';
import { packetBytes } from './packet-size.ts';
import type { Publication, Session } from '../connection/session.ts';
import { Unsent } from './unsent.ts';

/** The part of a connection that publishes. */
export type Wire = Pick<Session, 'publish' | 'maximumPacketSize' | 'receiveMaximum'>;

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
  readonly #unsent: Unsent;
  readonly #cutting = new CuttingBroker();
  #secrets: number;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#secrets = options.door.secrets;
    this.#unsent = new Unsent(options.log);
    this.#watch = new AckWatch(options.ackTimeoutMs ?? ACK_TIMEOUT_MS, options.onStuck);
    this.#events = new EventQueue(options.eventLimits ?? EVENT_LIMITS, options.onAcked);
  }

  /** What waits for the broker, and what was lost. */
  figures(): { queue: number; dropped: number } {
    const waiting = this.#session
      ? this.#queue.length + this.#watch.inFlight
      : this.#slots.size + this.#events.length;
    return { queue: waiting, dropped: this.#events.dropped + this.#unsent.count };
  }

  /** The largest packet that the broker takes, as far as that is known. */
  get packetLimit(): number {
    return this.#session?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a message would be larger than the broker takes, as far as that is known. */
  isTooLarge(message: Publication): boolean {
    return this.#session !== undefined && this.#isTooLarge(this.#session, message, packetBytes(message));
  }

  #isTooLarge(session: Wire, { topic }: Publication, bytes: number): boolean {
    return bytes > session.maximumPacketSize || this.#cutting.isAside(topic, bytes);
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
    if (!this.#session || this.#answers >= MAX_ANSWERS) return this.#unsent.dropped();
    this.#answers += 1;
    this.#queue.push({ kind: 'once', message, done: undefined });
    this.#pump();
  }

  /**
   * A message for others. `done`: the broker has it, or has refused it; never called where the connection ends before.
   * @returns whether there is a connection
   */
  send(message: Publication, done: () => void): boolean {
    if (!this.#session) return false;
    this.#queue.push({ kind: 'once', message, done });
    this.#pump();
    return true;
  }

  /** Calls back once all that was handed over before is with the broker; never where the connection ends before. */
  barrier(reached: () => void): void {
    if (!this.#session) return;
    this.#queue.push({ kind: 'barrier', reached });
    this.#pump();
  }

  /** A connection is there: everything that is current goes out again, then the events that wait. */
  connected(session: Wire): void {
    this.disconnected(false);
    this.#session = session;
    this.#events.connected = true;
    this.#window = Math.min(WINDOW, session.receiveMaximum);
    for (const slot of this.#inOrder()) this.#enqueueSlot(slot);
    for (const event of this.#events.again()) this.#queue.push(event);
    this.#pump();
  }

  /** From small to large where the broker may have cut the connection for one that it doesn't take. */
  #inOrder(): Iterable<Slot> {
    const slots = this.#slots.values();
    if (!this.#cutting.suspicious) return slots;
    const size = ({ topic, wanted }: Slot) => Buffer.byteLength(topic) + Buffer.byteLength(wanted);
    return [...slots].sort((one, other) => size(one) - size(other));
  }

  /** The connection has ended; `cut`: it was not us who ended it. */
  disconnected(cut: boolean): void {
    const culprit = this.#cutting.ended(cut);
    if (culprit)
      this.#options.log.error(
        culprit,
        'The broker cuts the connection at this message, each time: it is too large for it, or forbidden. It is set aside until it is smaller',
      );
    this.#session = undefined;
    this.#events.connected = false;
    this.#queue.clear();
    this.#watch.reset();
    this.#answers = 0;
    this.#unsent.disconnected();
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
      if (!token || (this.#watch.inFlight > 0 && this.#isAlone(token))) return;
      if (token.kind === 'event' && this.#sendEvent(session, token)) continue;
      this.#queue.shift();
      if (token.kind !== 'event') this.#send(session, token);
    }
  }

  /** Whether a token has to wait until nothing is in flight. */
  #isAlone(token: Token): boolean {
    if (token.kind === 'barrier' || this.#cutting.testing) return true;
    if (!this.#cutting.suspicious) return false;
    const message = this.#hidden(token);
    return message !== undefined && this.#cutting.suspects(message);
  }

  /** Sends an event to the next of its topics; `false` where none is left. */
  #sendEvent(session: Wire, event: PendingEvent): boolean {
    const message = this.#hidden(event);
    if (event.dropped || message === undefined) return false;
    event.sentTo += 1;
    this.#publish(session, message, () => this.#events.acknowledged(event));
    return true;
  }

  #send(session: Wire, token: Exclude<Token, PendingEvent>): void {
    if (token.kind === 'barrier') return token.reached();
    if (token.kind === 'once') {
      if (!token.done) this.#answers -= 1;
      return this.#publish(session, this.#hidden(token), token.done ?? (() => {}));
    }
    token.queued = false;
    if (token.sent === token.wanted) return;
    token.sent = token.wanted;
    this.#publish(session, this.#hidden(token), () => this.#settle(token));
  }

  /** What goes out for a token next, without secrets. */
  #hidden(token: Slot | Once): MaskedMessage;
  #hidden(token: Slot | Once | PendingEvent): MaskedMessage | undefined;
  #hidden(token: Slot | Once | PendingEvent): MaskedMessage | undefined {
    const open = messageOf(token);
    if (open === undefined) return undefined;
    const isFree = token.kind === 'slot' ? token.isFree : isFreeForm;
    return new MaskedMessage(open, this.#options.door, isFree);
  }

  /** A topic that was cleared needs no remembering once the broker knows. */
  #settle(slot: Slot): void {
    if (slot.wanted === '' && slot.sent === '' && !slot.queued) this.#slots.delete(slot.topic);
  }

  #publish(session: Wire, message: MaskedMessage, done: () => void): void {
    const bytes = packetBytes(message);
    if (this.#isTooLarge(session, message, bytes)) {
      this.#unsent.tooLarge(message, bytes);
      return done();
    }
    this.#unsent.fits(message.topic);
    this.#cutting.sent(message, bytes);
    this.#watch.sent();
    session.publish(message, (error) => {
      if (session !== this.#session) return;
      this.#watch.acknowledged();
      this.#cutting.acknowledged(message);
      if (error) this.#unsent.refused(message.topic, error.message);
      done();
      this.#pump();
    });
  }
}
