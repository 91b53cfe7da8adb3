import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import { type Frame, Frames, OversizedPacket } from './frames.ts';
import type { HeldBytes } from './held-bytes.ts';
import type { BrokerLimits } from './limits.ts';
import { piecesOf } from './pieces.ts';
import type { Slabs } from './slabs.ts';

/** Packets handed to the broker at once: more only make memory wait. Bytes beyond which no further one is added. */
const BATCH_PACKETS = 64;
const BATCH_BYTES = 16 * 1024;

export interface GuardedStreamOptions {
  /** Who it is from, as `addressOf` says. */
  address: string;
  /** Called when it has logged in. */
  entered: () => void;
  limits: BrokerLimits;
  held: HeldBytes;
  /** Memory for packets that are unfinished. */
  slabs: Slabs;
}

/**
 * What the broker sees of a client's socket: whole packets only, the next ones when it has done with those before,
 * and no more waits to be sent than may.
 */
export class GuardedStream extends Duplex {
  readonly address: string;
  #owner = '';
  readonly #entered: () => void;
  readonly #socket: Socket;
  readonly #limits: BrokerLimits;
  readonly #held: HeldBytes;
  readonly #frames: Frames;
  /** Packets that the broker has and isn't done with. */
  #handling = 0;
  #handlingWeight = 0;
  #replays = 0;
  #oversized: OversizedPacket | undefined;
  #refused = false;
  #ended = false;
  #closed = false;

  constructor(socket: Socket, { address, entered, limits, held, slabs }: GuardedStreamOptions) {
    super();
    this.address = address;
    this.#entered = entered;
    this.#socket = socket;
    this.#limits = limits;
    this.#held = held;
    this.#frames = new Frames(limits, slabs);
    socket.on('readable', () => this.#advance());
    socket.once('end', () => {
      this.#ended = true;
      this.#advance();
    });
    socket.on('error', (error) => this.destroy(error));
    socket.once('close', () => {
      this.#closed = true;
      this.#ended = true;
      this.#advance();
    });
  }

  /** Whose share what it keeps counts to, once it has logged in. */
  get owner(): string {
    return this.#owner;
  }

  /** It has logged in. */
  enter(owner: string): void {
    this.#owner = owner;
    this.#entered();
  }

  /** The broker is done with one packet. */
  handled(): void {
    if (this.#handling === 0) return;
    this.#handling -= 1;
    if (this.#handling > 0) return;
    this.#handlingWeight = 0;
    this.#count();
    this.#advance();
  }

  /** Retained messages are on their way to it: with too many of these it isn't read from. */
  replaying(begun: boolean): void {
    this.#replays += begun ? 1 : -1;
    if (!begun) this.#advance();
  }

  override _read(): void {
    this.#advance();
  }

  override write(chunk: Buffer | string, encoding?: unknown, written?: unknown): boolean {
    const done = typeof encoding === 'function' ? encoding : written;
    const text = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
    const more = super.write(chunk, text, (error) => typeof done === 'function' && done(error));
    if (this.writableLength > this.#limits.unsent) this.destroy(new Error('too much waits to be sent'));
    return more;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#handlingWeight = 0;
    this.#held.set(this, 0);
    this.#frames.clear();
    this.#socket.destroy();
    done(error);
  }

  #send(buffers: Buffer[], done: (error?: Error | null) => void): void {
    const pieces = piecesOf(buffers);
    const next = (error?: Error | null) => {
      const piece = error ? undefined : pieces.next().value;
      // What is written to a client that has gone is lost; what it sent before is handled all the same.
      if (!piece || this.#closed || !this.#socket.writable) done(this.#closed ? null : error);
      else this.#socket.write(piece, next);
    };
    next();
  }

  /** Hands the broker what it can take. */
  #advance(): void {
    if (this.destroyed || this.readableEnded) return;
    if (this.#handling > 0 || this.#replays >= this.#limits.replays) return;
    const batch = this.#batch();
    this.#count();
    if (batch.length > 0) this.push(batch.length === 1 ? batch[0] : Buffer.concat(batch));
    else if (this.#oversized) this.#refuse(this.#oversized);
    else if (this.#ended) this.#finish();
  }

  #batch(): Buffer[] {
    const batch: Buffer[] = [];
    let bytes = 0;
    while (batch.length < BATCH_PACKETS && bytes < BATCH_BYTES) {
      const frame = this.#next();
      if (frame) {
        batch.push(frame.bytes);
        bytes += frame.bytes.length;
        this.#handling += 1;
        this.#handlingWeight += frame.weight;
      } else {
        const chunk: Buffer | null = batch.length === 0 && !this.#oversized ? this.#socket.read() : null;
        if (!chunk) break;
        this.#frames.add(chunk);
      }
    }
    return batch;
  }

  #next(): Frame | undefined {
    try {
      return this.#frames.next();
    } catch (thrown) {
      if (!(thrown instanceof OversizedPacket)) throw thrown;
      this.#oversized = thrown;
      return undefined;
    }
  }

  /** The broker sees by the header how large the packet would be, and tells the client. */
  #refuse({ header }: OversizedPacket): void {
    if (this.#refused) return;
    this.#refused = true;
    if (header) this.push(header);
    else this.destroy(new Error('a packet is too large'));
  }

  #count(): void {
    this.#held.set(this, this.destroyed ? 0 : this.#handlingWeight + this.#frames.held);
  }

  #finish(): void {
    this.push(null);
    if (this.#closed) this.destroy();
  }
}

/** Whose share what a client keeps counts to; `undefined` for this process's own. */
export function ownerOf(client: Client | null): string | undefined {
  return client?.conn instanceof GuardedStream ? client.conn.owner : undefined;
}
