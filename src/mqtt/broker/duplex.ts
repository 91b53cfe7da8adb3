import { Duplex } from 'node:stream';

/** One end of a pair: what is written to it is read from the other. */
class End extends Duplex {
  #other: End | undefined;
  /** The callback of a write that the other end has not yet taken. */
  #taken: (() => void) | undefined;

  pair(other: End): void {
    this.#other = other;
  }

  override _read(): void {
    const taken = this.#other?.takeCallback();
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#deliver(chunk, done);
  }

  // Packets are written in pieces while the stream is corked: they go over as one.
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: () => void): void {
    const buffers = chunks.map(({ chunk }) => chunk);
    this.#deliver(buffers.length === 1 && buffers[0] ? buffers[0] : Buffer.concat(buffers), done);
  }

  override _final(done: () => void): void {
    this.#other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const other = this.#other;
    if (other && !other.destroyed) setImmediate(() => other.destroy());
    this.takeCallback()?.();
    done(error);
  }

  takeCallback(): (() => void) | undefined {
    const taken = this.#taken;
    this.#taken = undefined;
    return taken;
  }

  #deliver(chunk: Buffer, done: () => void): void {
    const other = this.#other;
    if (!other || other.destroyed || other.readableEnded || other.push(chunk)) done();
    else this.#taken = done;
  }
}

/** Two streams in memory, each reading what is written to the other, with back-pressure. */
export function duplexPair(): [Duplex, Duplex] {
  const [one, two] = [new End(), new End()];
  one.pair(two);
  two.pair(one);
  return [one, two];
}
