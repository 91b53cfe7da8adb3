import { Fifo } from './fifo.ts';

/** An event as it is handed over for publishing. */
export interface OutgoingEvent {
  seq: number;
  topics: string[];
  payload: string;
}

/** An event that the broker has not acknowledged on all its topics. */
export interface PendingEvent extends OutgoingEvent {
  kind: 'event';
  /** How many of its topics it was sent to on this connection. */
  sentTo: number;
  bytes: number;
  /** Acknowledgements still to come on this connection. */
  open: number;
  dropped: boolean;
}

export interface EventLimits {
  count: number;
  bytes: number;
}

/** Bounds on the events that wait while the broker is away; 16 MiB are hours of a busy farm. */
export const EVENT_LIMITS: EventLimits = { count: 10_000, bytes: 16 * 1024 * 1024 };
/** A broker that is there takes a burst bit by bit: so much more may wait for it. */
const WHILE_CONNECTED = 10;

/**
 * Events in order, from their being handed over until the broker has them on all their topics. While the broker is
 * away, the oldest goes when a bound is reached, counted; a burst while it is there waits for it.
 */
export class EventQueue {
  readonly #limits: EventLimits;
  readonly #onSettled: (seq: number) => void;
  readonly #events = new Fifo<PendingEvent>();
  #bytes = 0;
  #connected = false;
  dropped = 0;

  /** `onSettled`: all events up to `seq` are acknowledged or dropped. */
  constructor(limits: EventLimits, onSettled: (seq: number) => void) {
    this.#limits = limits;
    this.#onSettled = onSettled;
  }

  get length(): number {
    return this.#events.length;
  }

  add(event: OutgoingEvent): PendingEvent {
    const bytes = Buffer.byteLength(event.payload) * event.topics.length;
    const pending: PendingEvent = {
      ...event,
      kind: 'event',
      bytes,
      sentTo: 0,
      open: event.topics.length,
      dropped: false,
    };
    this.#events.push(pending);
    this.#bytes += bytes;
    this.#keepBounds();
    return pending;
  }

  /** The broker is there, or away: the bounds on what waits differ. */
  set connected(connected: boolean) {
    this.#connected = connected;
    this.#keepBounds();
  }

  #keepBounds(): void {
    const times = this.#connected ? WHILE_CONNECTED : 1;
    const count = this.#limits.count * times;
    const bytes = this.#limits.bytes * times;
    let last: number | undefined;
    while (this.#events.length > count || this.#bytes > bytes) {
      const oldest = this.#remove();
      if (!oldest) break;
      oldest.dropped = true;
      this.dropped += 1;
      last = oldest.seq;
    }
    if (last !== undefined) this.#onSettled(last);
  }

  /** One topic of an event was acknowledged. */
  acknowledged(event: PendingEvent): void {
    event.open -= 1;
    if (event.dropped || event.open > 0) return;
    let last: number | undefined;
    for (let head = this.#events.peek(); head && head.open <= 0; head = this.#events.peek()) {
      this.#remove();
      last = head.seq;
    }
    if (last !== undefined) this.#onSettled(last);
  }

  /** All that wait, in order, to be published from the beginning on a new connection. */
  *again(): Generator<PendingEvent> {
    for (const event of this.#events) {
      event.open = event.topics.length;
      event.sentTo = 0;
      yield event;
    }
  }

  #remove(): PendingEvent | undefined {
    const event = this.#events.shift();
    if (event) this.#bytes -= event.bytes;
    return event;
  }
}
