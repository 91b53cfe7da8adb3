import { Readable } from 'node:stream';
import { filterMatches } from '../topics.ts';

/** The parts of aedes' packets that are kept. */
interface StoredPacket {
  topic: string;
  payload: Buffer;
  messageId?: number;
}
interface ClientId {
  id: string;
}
interface Will extends StoredPacket {
  brokerId?: string;
  clientId?: string;
}

const NOTHING = Buffer.alloc(0);

/** QoS 2 messages that one client may have begun and not ended: the bound that this version of aedes lacks. */
const MAX_HALF_OPEN = 100;

/**
 * What the embedded broker keeps, in memory: retained messages and wills. Sessions end with their connection, so
 * that a client which never comes back leaves nothing behind; subscriptions and queues are therefore not kept. The
 * methods are those that aedes calls (its persistence interface).
 */
export class BrokerMemory {
  readonly #retained = new Map<string, StoredPacket>();
  readonly #wills = new Map<string, Will>();
  /** Client → QoS 2 message ids begun and not ended. */
  readonly #halfOpen = new Map<string, Set<number>>();
  #brokerId = '';

  async setup(broker: ClientId): Promise<void> {
    this.#brokerId = broker.id;
  }

  async storeRetained(packet: StoredPacket): Promise<void> {
    if (packet.payload.length === 0) this.#retained.delete(packet.topic);
    // A copy of the payload: the parser's is a view of everything that came with it from the socket.
    else this.#retained.set(packet.topic, { ...packet, payload: Buffer.from(packet.payload) });
  }

  createRetainedStreamCombi(filters: string[]): Readable {
    return Readable.from(this.#matching(filters));
  }

  *#matching(filters: string[]): Generator<StoredPacket> {
    for (const filter of filters) {
      if (!/[+#]/.test(filter)) {
        const packet = this.#retained.get(filter);
        if (packet) yield this.#current(packet);
        continue;
      }
      for (const [topic, packet] of this.#retained)
        if (filterMatches(filter, topic)) yield this.#current(packet);
    }
  }

  /**
   * A retained message whose payload is read when it is sent: a stream is filled ahead, and its reader has had by
   * then what was published meanwhile. The past must not follow it. Empty where it was cleared.
   */
  #current(packet: StoredPacket): StoredPacket {
    const now = () => this.#retained.get(packet.topic)?.payload ?? NOTHING;
    return Object.defineProperty({ ...packet }, 'payload', { get: now, enumerable: true });
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
