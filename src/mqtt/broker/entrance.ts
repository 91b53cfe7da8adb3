import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Arrival, Arrivals } from './arrivals.ts';
import { GuardedStream } from './guarded-stream.ts';
import { HeldBytes } from './held-bytes.ts';
import type { BrokerLimits } from './limits.ts';
import type { Welcome } from './listen.ts';
import type { RefusalLog } from './refusal-log.ts';
import { Slabs } from './slabs.ts';

/** Where clients come in from the network: it knows all their sockets, and hands on what the broker is to see. */
export class Entrance implements Welcome {
  readonly #limits: BrokerLimits;
  readonly #arrivals: Arrivals;
  readonly #held: HeldBytes;
  readonly #slabs: Slabs;
  readonly #handle: (stream: Duplex) => void;
  readonly #sockets = new Set<Socket>();

  /** `handle` gives a connection to the broker. */
  constructor(limits: BrokerLimits, refusals: RefusalLog, handle: (stream: Duplex) => void) {
    this.#limits = limits;
    this.#handle = handle;
    this.#arrivals = new Arrivals(limits, (address, reason) => refusals.note(address, reason));
    this.#held = new HeldBytes(limits.inHand, (address) =>
      refusals.note(address, 'too much was unfinished or waiting, and most of it was its own'),
    );
    // One that goes leaves no more than the largest packet.
    this.#slabs = new Slabs(limits.packet);
  }

  arrived(socket: Socket): Arrival {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return this.#arrivals.add(socket);
  }

  secured(socket: Socket): Arrival | undefined {
    return this.#arrivals.secured(socket);
  }

  ready(socket: Socket, arrival: Arrival): void {
    const { address } = arrival;
    const entered = () => this.#arrivals.leave(arrival);
    const [limits, held, slabs] = [this.#limits, this.#held, this.#slabs];
    this.#handle(new GuardedStream(socket, { address, entered, limits, held, slabs }));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
