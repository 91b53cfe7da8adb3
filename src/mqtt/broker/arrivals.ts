import type { Socket } from 'node:net';
import { addressOf } from './address.ts';
import type { BrokerLimits } from './limits.ts';

type ArrivalLimits = Pick<BrokerLimits, 'arrivals' | 'loginMs'>;

/** A connection that hasn't logged in. */
class Arrival {
  socket: Socket;
  readonly key: string;
  readonly address: string;
  clock: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.key = keyOf(socket);
    this.address = addressOf(socket);
  }
}

export type { Arrival };

/**
 * Connections that haven't logged in, from the first byte of TCP on. They have places of their own, and until a
 * deadline; where all are taken, the oldest goes of the address that has most.
 */
export class Arrivals {
  readonly #limits: ArrivalLimits;
  readonly #dropped: (address: string, reason: string) => void;
  readonly #waiting = new Map<string, Arrival>();

  /** `dropped` is told of each one that had to go, and why. */
  constructor(limits: ArrivalLimits, dropped: (address: string, reason: string) => void) {
    this.#limits = limits;
    this.#dropped = dropped;
  }

  add(socket: Socket): Arrival {
    const arrival = new Arrival(socket);
    const late = () => this.#drop(arrival, 'it has not logged in within its time');
    arrival.clock = setTimeout(late, this.#limits.loginMs);
    this.#waiting.set(arrival.key, arrival);
    socket.once('close', () => this.leave(arrival));
    if (this.#waiting.size > this.#limits.arrivals) this.#makeRoom();
    return arrival;
  }

  /** TLS makes another socket for the same connection, which stands for it from now on. */
  secured(socket: Socket): Arrival | undefined {
    const arrival = this.#waiting.get(keyOf(socket));
    if (!arrival) return undefined;
    arrival.socket = socket;
    socket.once('close', () => this.leave(arrival));
    return arrival;
  }

  /** It has logged in, or it is gone. */
  leave(arrival: Arrival): void {
    clearTimeout(arrival.clock);
    if (this.#waiting.get(arrival.key) === arrival) this.#waiting.delete(arrival.key);
  }

  #drop(arrival: Arrival, reason: string): void {
    this.leave(arrival);
    arrival.socket.destroy();
    this.#dropped(arrival.address, reason);
  }

  #makeRoom(): void {
    const counts = new Map<string, number>();
    for (const { address } of this.#waiting.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    const most = Math.max(...counts.values());
    // The first is the oldest.
    const oldest = [...this.#waiting.values()].find(({ address }) => counts.get(address) === most);
    if (oldest) this.#drop(oldest, 'too many connections have not logged in');
  }
}

/** What tells a connection from all others that are open to this port. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
