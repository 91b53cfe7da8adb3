import type { Publication } from '../connection/session.ts';

/** So often in a row the connection must be cut at a message that is alone in flight; once it is known to cut, once. */
const CUTS_ALONE = 2;
/** Topics of answers are their askers' choice. */
const MAX_SUSPECTS = 10_000;

/** A message that the broker does not take: each time it was sent, the connection was cut. */
export interface Culprit {
  topic: string;
  bytes: number;
}

/**
 * Finds out what a broker doesn't take that only cuts the connection: MQTT 3.1.1 has no largest packet and no word
 * for a refusal. What was in flight at a cut is sent alone on the next connection; where that is cut at the same
 * message again and again, the message is set aside. After two of them, with nothing as large acknowledged, size is
 * the reason.
 */
export class CuttingBroker {
  readonly #inFlight = new Map<Publication, number>();
  /** What was in flight at a cut, and how often it was alone then. */
  readonly #suspects = new Map<string, number>();
  /** By topic: from this size on nothing is sent there. */
  readonly #aside = new Map<string, number>();
  /** From this size on nothing is sent at all. */
  #bound = Number.POSITIVE_INFINITY;
  /** The largest that was acknowledged on this connection. */
  #proven = 0;
  #testing = false;

  /** Whether a message is set aside, its packet being this long. */
  isAside(topic: string, bytes: number): boolean {
    return bytes >= Math.min(this.#bound, this.#aside.get(topic) ?? Number.POSITIVE_INFINITY);
  }

  /** Whether some message is suspected: what is sent anew goes from small to large then. */
  get suspicious(): boolean {
    return this.#suspects.size > 0;
  }

  /** Whether a message has to be sent alone. */
  suspects(message: Publication): boolean {
    return this.#suspects.size > 0 && this.#suspects.has(keyOf(message));
  }

  /** Whether the one that is in flight has to be alone. */
  get testing(): boolean {
    return this.#testing;
  }

  sent(message: Publication, bytes: number): void {
    if (this.suspects(message)) this.#testing = true;
    this.#inFlight.set(message, bytes);
  }

  acknowledged(message: Publication): void {
    this.#testing = false;
    const bytes = this.#inFlight.get(message) ?? 0;
    this.#inFlight.delete(message);
    this.#suspects.delete(keyOf(message));
    this.#proven = Math.max(this.#proven, bytes);
  }

  /** The connection has ended; `cut`: not by us. Returns what is set aside from now on. */
  ended(cut: boolean): Culprit | undefined {
    const culprit = cut ? this.#judge() : undefined;
    this.#testing = false;
    this.#inFlight.clear();
    this.#proven = 0;
    return culprit;
  }

  #judge(): Culprit | undefined {
    for (const [message, bytes] of this.#inFlight) {
      const key = keyOf(message);
      // What is smaller than something that was taken isn't to blame.
      if (bytes <= this.#proven) this.#suspects.delete(key);
      else if (!this.#testing) this.#suspect(key, 0);
      else {
        const cuts = (this.#suspects.get(key) ?? 0) + 1;
        if (cuts >= (this.#aside.size > 0 ? 1 : CUTS_ALONE)) return this.#setAside(message, bytes);
        this.#suspect(key, cuts);
      }
    }
    return undefined;
  }

  #suspect(key: string, cutsAlone: number): void {
    if (this.#suspects.size < MAX_SUSPECTS || this.#suspects.has(key)) this.#suspects.set(key, cutsAlone);
  }

  #setAside(message: Publication, bytes: number): Culprit {
    const { topic } = message;
    this.#suspects.delete(keyOf(message));
    this.#aside.set(topic, bytes);
    if (this.#aside.size > 1) this.#bound = Math.min(...this.#aside.values());
    return { topic, bytes };
  }
}

/** What is retained is known by its topic, whatever its value is now; else each message is one of its own. */
function keyOf({ topic, payload, retain }: Publication): string {
  return retain ? topic : `${topic} ${payload.length}`;
}
