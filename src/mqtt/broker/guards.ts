import { createHash, timingSafeEqual } from 'node:crypto';

/** Bounds on what a client of the embedded broker may do. Sizes are in bytes. */
export const LIMITS = {
  /** Of one packet, by its own account in the fixed header. */
  packet: 4 * 1024 * 1024,
  /** Read from a connection before the broker has accepted it. */
  beforeConnected: 256 * 1024,
  connections: 500,
  topicLength: 1024,
  topicLevels: 32,
  subscriptions: 20_000,
  /** Retained by all clients together, this daemon's own messages not counted. */
  retainedMessages: 20_000,
  retainedBytes: 32 * 1024 * 1024,
  connectTimeoutMs: 10_000,
  /** A subscriber that doesn't read holds all others up until then. */
  drainTimeoutMs: 2_000,
} as const;

/** Names that every object has: aedes looks clients and subscriptions up in plain objects. */
function isInherited(name: string): boolean {
  return name in {};
}

/** Why a client may not have this id, if so. */
export function badClientId(id: string): string | undefined {
  if (isInherited(id)) return 'this client id is reserved';
  return Buffer.byteLength(id) > LIMITS.topicLength ? 'the client id is too long' : undefined;
}

/** Why nobody may publish to this topic, if so. */
export function badTopic(topic: string): string | undefined {
  if (topic === '') return 'empty topic';
  if (topic.startsWith('$')) return 'topics that begin with $ are the broker’s own';
  if (/[+#\0]/.test(topic)) return 'a topic has no wildcards';
  return badFilter(topic);
}

/** Why nobody may subscribe to this filter, if so. */
export function badFilter(filter: string): string | undefined {
  if (filter.startsWith('$')) return 'topics that begin with $ are not served';
  if (isInherited(filter)) return 'this topic is reserved';
  if (Buffer.byteLength(filter) > LIMITS.topicLength) return 'the topic is too long';
  if (filter.split('/').length > LIMITS.topicLevels) return 'the topic has too many levels';
  return undefined;
}

/** Counts what clients have retained, and says when there is no room for more. */
export class RetainedBudget {
  readonly #bytes = new Map<string, number>();
  #total = 0;

  /** `false` where the message may not be retained. */
  claim(topic: string, bytes: number): boolean {
    const before = this.#bytes.get(topic);
    const total = this.#total - (before ?? 0) + bytes;
    const count = this.#bytes.size + (before === undefined ? 1 : 0);
    if (total > LIMITS.retainedBytes || count > LIMITS.retainedMessages) return false;
    this.#bytes.set(topic, bytes);
    this.#total = total;
    return true;
  }

  free(topic: string): void {
    this.#total -= this.#bytes.get(topic) ?? 0;
    this.#bytes.delete(topic);
  }
}

function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Whether name and password are those of a user; without users everybody is let in (the configuration allows that
 * on loopback only). Takes the same time for every wrong password and every unknown name.
 */
export function passwordChecker(users: Record<string, string>) {
  const known = new Map(Object.entries(users).map(([name, password]) => [name, digest(password)]));
  const nobody = digest(crypto.randomUUID());
  return (name: string | undefined, password: Buffer | undefined): boolean => {
    if (known.size === 0) return true;
    const wanted = known.get(name ?? '');
    const same = timingSafeEqual(digest(password ?? ''), wanted ?? nobody);
    return same && wanted !== undefined && password !== undefined;
  };
}
