import { randomUUID } from 'node:crypto';
import { topics } from '../../contract/topics.ts';
import type { Door } from '../door.ts';
import { isFreeForm } from '../free-form.ts';
import { MaskedMessage } from '../masked-message.ts';
import type { Message, Publication, Session } from '../connection/session.ts';
import { type Answerer, answerOf, instanceIn, requestOf, type Who } from './words.ts';

/** A live daemon answers within this time, in milliseconds. */
const ANSWER_MS = 3_000;
/** Where our own words don't come back, they are forbidden: nothing can be found out then. */
const ECHO_MS = 1_000;

/** What is retained of the bridge on some base topic. */
export interface Place {
  base: string;
  state: string;
  /** The instance in its `bridge/info`, where that is one of ours. */
  instance: string | undefined;
}

/** Requests of ours whose late answers still count. */
const MAX_REMEMBERED = 100;

/** Another daemon has asked, and is to be answered. */
export interface Asked {
  kind: 'asked';
  asker: Who;
  transaction: string;
}
/** Another daemon has answered, to nobody who waits for it. */
export interface Answered {
  kind: 'answered';
  base: string;
  from: Answerer;
}
/** Something is said of the bridge on some base topic. */
export interface Told {
  kind: 'told';
  place: Place;
  what: 'state' | 'info';
}

/** The base topic of one of the topics on which daemons find each other, and which of them it is. */
const FOUND_ON = /^(.+)\/bridge\/(state|info|request\/instance|response\/instance)$/;

/**
 * Asks and listens, on one connection. What is retained is known once our own words, published after the
 * subscription, have come back: brokers hand both out in order.
 */
export class Rounds {
  readonly #session: Session;
  readonly #own: () => Who;
  readonly #door: Door;
  readonly #places = new Map<string, Place>();
  /** The base topics that were asked, by transaction. */
  readonly #requests = new Map<string, string>();
  readonly #waiting = new Map<string, (from: Answerer | null) => void>();
  readonly #echoes = new Map<string, () => void>();

  constructor(session: Session, { own, door }: { own: () => Who; door: Door }) {
    this.#session = session;
    this.#own = own;
    this.#door = door;
  }

  place(base: string): Place {
    let place = this.#places.get(base);
    if (!place) {
      place = { base, state: '', instance: undefined };
      this.#places.set(base, place);
    }
    return place;
  }

  places(): Place[] {
    return [...this.#places.values()];
  }

  /** Takes a message. Returns what others are to look at, `ours` where it is dealt with, else `undefined`. */
  receive({ topic, payload, retained }: Message): Asked | Answered | Told | 'ours' | undefined {
    const [, base, what] = FOUND_ON.exec(topic) ?? [];
    if (base === undefined) return undefined;
    const text = payload.toString();
    switch (what) {
      case 'state':
        return this.#stateOf(base, text);
      case 'info':
        this.place(base).instance = instanceIn(text);
        return { kind: 'told', place: this.place(base), what };
      case 'request/instance':
        // A retained one is from another time, and cleared as any command is.
        if (retained) return undefined;
        return this.#request(text);
      default:
        return this.#answer(text);
    }
  }

  /** Resolves once what is retained on what was subscribed to before is known. All who listen here hear of us. */
  async known(): Promise<void> {
    const request = this.#newRequest(this.#own().base_topic);
    const echo = new Promise<void>((resolve) => {
      this.#echoes.set(request.transaction, resolve);
      setTimeout(resolve, ECHO_MS).unref();
    });
    if (await this.#publish(request)) await echo;
    this.#echoes.delete(request.transaction);
  }

  /** Who is alive on a base topic; `null` where nobody answers or it goes offline. */
  async ask(base: string): Promise<Answerer | null> {
    await this.subscribe([topics(base).response('instance')]);
    const request = this.#newRequest(base);
    return new Promise((resolve) => {
      const done = (from: Answerer | null) => {
        clearTimeout(timer);
        this.#waiting.delete(request.transaction);
        resolve(from);
      };
      const timer = setTimeout(() => done(null), ANSWER_MS);
      this.#waiting.set(request.transaction, done);
      void this.#publish(request);
    });
  }

  /** Listens from now on. A broker that refuses is one on which nothing can be found out. */
  subscribe(filters: string[]): Promise<void> {
    return new Promise((resolve) => this.#session.subscribe(filters, { qos: 1 }, () => resolve()));
  }

  #newRequest(base: string): Publication & { transaction: string } {
    const transaction = randomUUID();
    const [oldest] = this.#requests.keys();
    if (this.#requests.size >= MAX_REMEMBERED && oldest !== undefined) this.#requests.delete(oldest);
    this.#requests.set(transaction, base);
    const payload = JSON.stringify({ ...this.#own(), transaction });
    return { topic: topics(base).request('instance'), payload, retain: false, transaction };
  }

  /** Resolves with the acknowledgement: whether the broker takes it. */
  #publish(message: Publication): Promise<boolean> {
    const masked = new MaskedMessage(message, this.#door, isFreeForm);
    return new Promise((resolve) => this.#session.publish(masked, (error) => resolve(!error)));
  }

  #stateOf(base: string, text: string): Told {
    const place = this.place(base);
    place.state = text;
    if (text === 'offline')
      for (const [transaction, done] of this.#waiting)
        if (this.#requests.get(transaction) === base) done(null);
    return { kind: 'told', place, what: 'state' };
  }

  #request(text: string): Asked | 'ours' | undefined {
    const request = requestOf(text);
    if (!request) return undefined;
    if (request.asker.run !== this.#own().run) return { kind: 'asked', ...request };
    this.#echoes.get(request.transaction)?.();
    return 'ours';
  }

  #answer(text: string): Answered | 'ours' | undefined {
    const answer = answerOf(text);
    const base = answer && this.#requests.get(answer.transaction);
    if (!answer || base === undefined) return undefined;
    const { from, transaction } = answer;
    if (from !== 'version 1' && from.run === this.#own().run) return 'ours';
    const done = this.#waiting.get(transaction);
    if (!done) return { kind: 'answered', base, from };
    done(from);
    return 'ours';
  }
}
