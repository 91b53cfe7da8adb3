import { Readable } from 'node:stream';
import type { BrokerLimits } from './limits.ts';
import { type RetainedMessage, RetainedMessages } from './retained.ts';

/** The parts of aedes' packets that are kept. */
interface StoredPacket {
  messageId?: number;
}
interface ClientId {
  id: string;
}
interface Will {
  brokerId?: string;
  clientId?: string;
}

/** A client that is sent the retained messages of its new subscriptions. */
export interface Replay {
  /** Filter → granted QoS. */
  granted: Map<string, number>;
  begun(): void;
  isWanted(): boolean;
  ended(): void;
}

/** QoS 2 messages that one client may have begun and not ended: the bound that this version of aedes lacks. */
const MAX_HALF_OPEN = 100;

/**
 * What the embedded broker keeps, in memory: retained messages and wills. Sessions end with their connection, so
 * that a client which never comes back leaves nothing behind; subscriptions and queues are therefore not kept. The
 * methods are those that aedes calls (its persistence interface).
 */
export class BrokerMemory {
  readonly retained: RetainedMessages;
  /** Payload → whom it counts to: the one part of a message that aedes hands through as it is. */
  readonly #owners = new WeakMap<Buffer, string>();
  #replay: Replay | undefined;
  readonly #wills = new Map<string, Will>();
  /** Client → QoS 2 message ids begun and not ended. */
  readonly #halfOpen = new Map<string, Set<number>>();
  #brokerId = '';

  constructor(limits: Pick<BrokerLimits, 'retainedMessages' | 'retainedBytes'>) {
    this.retained = new RetainedMessages(limits);
  }

  async setup(broker: ClientId): Promise<void> {
    this.#brokerId = broker.id;
  }

  /** Whom a message with this payload counts to where it is retained; nobody is told for this daemon's own. */
  countTo(payload: Buffer | string, owner: string): void {
    if (Buffer.isBuffer(payload)) this.#owners.set(payload, owner);
  }

  async storeRetained(packet: RetainedMessage): Promise<void> {
    this.retained.set(packet, this.#owners.get(packet.payload));
  }

  /** For whom, and at which QoS each, the retained messages are that are asked for next: aedes doesn't say. */
  nextReplayFor(replay: Replay): void {
    this.#replay = replay;
  }

  createRetainedStreamCombi(filters: string[]): Readable {
    const replay = this.#replay;
    this.#replay = undefined;
    return Readable.from(this.#replayed(filters, replay));
  }

  async *#replayed(filters: string[], replay: Replay | undefined): AsyncGenerator<RetainedMessage> {
    replay?.begun();
    try {
      for await (const [filter, message] of this.retained.matching(
        filters,
        () => replay?.isWanted() ?? true,
      )) {
        const granted = replay?.granted.get(filter) ?? 2;
        // Not a copy: what it says is read when it is sent.
        message.qos = Math.min(message.qos ?? 0, granted);
        yield message;
      }
    } finally {
      replay?.ended();
    }
  }

  async addSubscriptions(): Promise<void> {}
  async removeSubscriptions(): Promise<void> {}
  async cleanSubscriptions(): Promise<void> {}
  async subscriptionsByClient(): Promise<never[]> {
    return [];
  }
  async subscriptionsByTopic(): Promise<never[]> {
    return [];
  }

  async outgoingEnqueue(): Promise<void> {}
  async outgoingEnqueueCombi(): Promise<void> {}
  async outgoingUpdate(): Promise<void> {}
  async outgoingClearMessageId(): Promise<void> {}
  outgoingStream(): Readable {
    return Readable.from([]);
  }

  async incomingStorePacket(client: ClientId, packet: StoredPacket): Promise<void> {
    const open = this.#halfOpen.get(client.id) ?? new Set();
    if (open.size >= MAX_HALF_OPEN) throw new Error('too many QoS 2 messages begun and not ended');
    this.#halfOpen.set(client.id, open.add(packet.messageId ?? 0));
  }

  async incomingGetPacket(client: ClientId, packet: StoredPacket): Promise<{ messageId: number }> {
    const messageId = packet.messageId ?? 0;
    if (!this.#halfOpen.get(client.id)?.has(messageId)) throw new Error('no such packet');
    return { messageId };
  }

  async incomingDelPacket(client: ClientId, packet: StoredPacket): Promise<void> {
    this.#halfOpen.get(client.id)?.delete(packet.messageId ?? 0);
  }

  /** Forgets what a client that is gone had half open. */
  forget(clientId: string): void {
    this.#halfOpen.delete(clientId);
  }

  async putWill(client: ClientId, will: Will): Promise<void> {
    will.brokerId = this.#brokerId;
    will.clientId = client.id;
    this.#wills.set(client.id, will);
  }

  async getWill(client: ClientId): Promise<Will | undefined> {
    return this.#wills.get(client.id);
  }

  async delWill(client: ClientId): Promise<Will | undefined> {
    const will = this.#wills.get(client.id);
    this.#wills.delete(client.id);
    return will;
  }

  streamWill(brokers: Record<string, unknown> = {}): Readable {
    return Readable.from(
      [...this.#wills.values()].filter(({ brokerId }) => !(brokerId && brokerId in brokers)),
    );
  }
}
