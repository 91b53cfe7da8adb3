import { setImmediate as nextTurn } from 'node:timers/promises';
import { filterMatches } from '../filter-matches.ts';
import type { BrokerLimits } from './limits.ts';
import { SharedBudget } from './share.ts';
import { type Message, messageBytes, ownCopy, ownProperties } from './sizes.ts';

/** The parts of aedes' packets that are kept. */
export interface RetainedMessage {
  cmd?: string;
  topic: string;
  payload: Buffer;
  qos?: number;
  properties?: { correlationData?: Buffer };
  /** When it expires (MQTT 5, 3.3.2.3.3), in ms since 1970. */
  messageExpiry?: number;
}

interface Kept {
  message: RetainedMessage;
  bytes: number;
  /** `undefined`: this daemon, whose messages aren't counted. */
  owner: string | undefined;
}

/** Topics that are compared before others have their turn. */
const AT_ONCE = 2_000;

/** Expired messages are looked for so often at most, in ms. */
const SWEEP_MS = 1_000;

const NOTHING = Buffer.alloc(0);

type RetainedLimits = Pick<BrokerLimits, 'retainedMessages' | 'retainedBytes'>;

/** The retained messages, each with whom it counts to. */
export class RetainedMessages {
  readonly #kept = new Map<string, Kept>();
  readonly #budget: SharedBudget;
  #sweptAt = 0;

  constructor({ retainedMessages, retainedBytes }: RetainedLimits) {
    this.#budget = new SharedBudget({ count: retainedMessages, bytes: retainedBytes });
  }

  /** Whether there is room for a message, in what all and what its owner may keep. */
  fits(message: Message, owner: string | undefined): boolean {
    if (owner === undefined || message.payload.length === 0) return true;
    return this.#findRoom(message.topic, messageBytes(message), owner);
  }

  /** Keeps a message in place of the one before; an empty one clears it. What doesn't fit isn't kept. */
  set(message: RetainedMessage, owner: string | undefined): void {
    if (message.payload.length === 0) return this.#delete(message.topic);
    const bytes = owner === undefined ? 0 : messageBytes(message);
    if (owner !== undefined && !this.#findRoom(message.topic, bytes, owner)) return;
    this.#delete(message.topic);
    this.#kept.set(message.topic, { message: ownMessage(message), bytes, owner });
    if (owner !== undefined) this.#budget.add(owner, { count: 1, bytes });
  }

  /** Those that match filters, as they are when they are taken; it ends where nobody wants them any more. */
  async *matching(filters: string[], isWanted: () => boolean): AsyncGenerator<[string, RetainedMessage]> {
    let compared = 0;
    for (const filter of filters) {
      for (const topic of /[+#]/.test(filter) ? this.#kept.keys() : [filter]) {
        compared += 1;
        if (compared % AT_ONCE === 0) await nextTurn();
        if (!isWanted()) return;
        const kept = filterMatches(filter, topic) && this.#kept.get(topic);
        if (kept) yield [filter, this.#current(kept.message)];
      }
    }
  }

  /**
   * A retained message that is read when it is sent: a stream is filled ahead, and its reader has had by then what
   * was published meanwhile. The past must not follow it. Empty where it was cleared.
   */
  #current({ topic, ...message }: RetainedMessage): RetainedMessage {
    const now = () => this.#kept.get(topic)?.message;
    return Object.defineProperties(
      { ...message, topic },
      {
        payload: { get: () => now()?.payload ?? NOTHING, enumerable: true },
        properties: { get: () => now()?.properties, enumerable: true },
        messageExpiry: { get: () => now()?.messageExpiry, enumerable: true },
      },
    );
  }

  /** Looks for room, among expired messages too. */
  #findRoom(topic: string, bytes: number, owner: string): boolean {
    if (this.#hasRoom(topic, bytes, owner)) return true;
    this.#sweep();
    return this.#hasRoom(topic, bytes, owner);
  }

  #hasRoom(topic: string, bytes: number, owner: string): boolean {
    const before = this.#kept.get(topic);
    const mine = before?.owner === owner ? before : undefined;
    return this.#budget.fits(owner, { count: mine ? 0 : 1, bytes: bytes - (mine?.bytes ?? 0) });
  }

  #delete(topic: string): void {
    const kept = this.#kept.get(topic);
    this.#kept.delete(topic);
    if (kept?.owner !== undefined) this.#budget.add(kept.owner, { count: -1, bytes: -kept.bytes });
  }

  #sweep(): void {
    const now = Date.now();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    for (const [topic, { message }] of this.#kept)
      if ((message.messageExpiry ?? Number.POSITIVE_INFINITY) <= now) this.#delete(topic);
  }
}

function ownMessage({
  cmd = 'publish',
  topic,
  payload,
  qos = 0,
  properties,
  messageExpiry,
}: RetainedMessage) {
  return {
    cmd,
    topic,
    payload: ownCopy(payload),
    qos,
    ...(properties && { properties: ownProperties(properties) }),
    ...(messageExpiry !== undefined && { messageExpiry }),
  };
}
