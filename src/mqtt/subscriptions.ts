import type { Logger } from '../util/log.ts';
import { filterMatches } from './filter-matches.ts';
import type { Outbox } from './sending/outbox.ts';
import type { Message, Session, SubscribeOptions } from './connection/session.ts';

/** Looks at what a broker has retained, and says what of it is to be cleared. */
export interface Sweep {
  filters: string[];
  /** The topics to clear, given one that something is retained on; none where it is current or not ours. */
  stale(topic: string, payload: string): string[];
}

export interface SubOptions {
  /** Only what others publish from now on, as far as the broker can tell (MQTT 5). */
  news?: boolean;
}

interface Handler extends SubOptions {
  handle(message: Message): void;
}

/** A broker hands out what is retained at once; after this many milliseconds a sweep is over. */
const SWEEP_MS = 10_000;

/**
 * What the daemon listens to, beside commands: topics of others, and, on each connection, its own retained topics, so
 * that what was deleted while the broker was away, or just before the daemon was killed, is cleared all the same.
 */
export class Subscriptions {
  readonly #outbox: Outbox;
  readonly #log: Logger;
  readonly #handlers = new Map<string, Handler[]>();
  readonly #sweeps: Sweep[] = [];
  #session: Session | undefined;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(outbox: Outbox, log: Logger) {
    this.#outbox = outbox;
    this.#log = log;
  }

  /** Listens to a topic from now on, on every connection. */
  add(filter: string, handle: (message: Message) => void, options: SubOptions = {}): void {
    const handlers = [...(this.#handlers.get(filter) ?? []), { handle, ...options }];
    this.#handlers.set(filter, handlers);
    if (this.#session) this.#listen(this.#session, filter, handlers);
  }

  /** Listens with this handler no more. */
  remove(filter: string, handle: (message: Message) => void): void {
    const left = (this.#handlers.get(filter) ?? []).filter((handler) => handler.handle !== handle);
    if (left.length > 0) return void this.#handlers.set(filter, left);
    if (this.#handlers.delete(filter)) this.#session?.unsubscribe([filter]);
  }

  addSweep(sweep: Sweep): void {
    this.#sweeps.push(sweep);
    if (this.#session) this.#sweep(this.#session, sweep.filters);
  }

  removeSweep(sweep: Sweep): void {
    const index = this.#sweeps.indexOf(sweep);
    if (index >= 0) this.#sweeps.splice(index, 1);
  }

  /** A connection is there, and all that is current is known: only now can be told what isn't. */
  open(session: Session): void {
    this.#session = session;
    for (const [filter, handlers] of this.#handlers) this.#listen(session, filter, handlers);
    const swept = this.#sweeps.flatMap((sweep) => sweep.filters);
    if (swept.length > 0) this.#sweep(session, swept);
  }

  close(): void {
    this.#session = undefined;
    clearTimeout(this.#sweeping);
  }

  receive(message: Message): void {
    for (const [filter, handlers] of this.#handlers)
      if (filterMatches(filter, message.topic)) for (const { handle } of handlers) handle(message);
    if (!message.retained || message.payload.length === 0) return;
    for (const { filters, stale } of this.#sweeps) {
      if (!filters.some((filter) => filterMatches(filter, message.topic))) continue;
      for (const topic of stale(message.topic, message.payload.toString())) this.#outbox.clear(topic, true);
    }
  }

  #sweep(session: Session, filters: string[]): void {
    // QoS 0: a broker's bound on queued messages doesn't hold for it.
    this.#subscribe(session, filters, { qos: 0, noLocal: true });
    this.#sweeping = setTimeout(() => {
      if (session === this.#session)
        session.unsubscribe(filters.filter((filter) => !this.#handlers.has(filter)));
    }, SWEEP_MS).unref();
  }

  /** There is one subscription of a filter: it is for news alone where all of its handlers are. */
  #listen(session: Session, filter: string, handlers: readonly Handler[]): void {
    const news = handlers.every((handler) => handler.news === true);
    this.#subscribe(session, [filter], { qos: 1, noLocal: news, noRetained: news });
  }

  #subscribe(session: Session, filters: string[], options: SubscribeOptions): void {
    session.subscribe(filters, options, (error) => {
      if (error) this.#log.error({ filters }, `The broker refuses a subscription: ${error.message}`);
    });
  }
}
