const KIB = 1024;
const MIB = 1024 * KIB;

/** Bounds on what clients of the embedded broker may do, one and all together. Sizes are in bytes. */
export const LIMITS = {
  /** Of one PUBLISH, by its own account in the fixed header. */
  packet: 4 * MIB,
  /** Of a PUBLISH's properties (MQTT 5): read, they take many times their size, and 60 ms for so many small ones. */
  properties: 64 * KIB,
  /** Of any other packet, SUBSCRIBE for one. */
  otherPacket: 256 * KIB,
  /** Of a CONNECT, with will and properties. */
  connectPacket: 64 * KIB,
  /** Of a will in memory, with its properties. */
  will: 32 * KIB,
  /** Packets of all clients together that are unfinished or not yet handed on, in memory. */
  inHand: 64 * MIB,
  /** What waits for one subscriber that doesn't read. */
  unsent: 16 * MIB,
  /** Connections that have logged in, and those that have not yet. */
  connections: 500,
  arrivals: 250,
  /** From connecting (TLS included) until a client must have logged in. */
  loginMs: 10_000,
  topicLength: 1024,
  topicLevels: 32,
  /** Subscriptions of all clients together, and what they take in memory. */
  subscriptions: 40_000,
  subscriptionBytes: 128 * MIB,
  /** Retained by all clients together, this daemon's own messages not counted; bytes in memory. */
  retainedMessages: 20_000,
  retainedBytes: 32 * MIB,
  /** SUBSCRIBEs of one client whose retained messages are on their way at once. */
  replays: 8,
  /** A subscriber that doesn't read holds all others up until then. */
  drainTimeoutMs: 2_000,
  /** Wrong passwords of one address that stand at once; each does for its delay. */
  guesses: 150,
  /** How long a wrong password goes unanswered: at first, and at most. */
  guessDelayMs: 500,
  guessMaxDelayMs: 5_000,
};

export type BrokerLimits = typeof LIMITS;
