import type { BrokerLimits } from './limits.ts';

/** The types of packets that are looked at, as they stand in the first four bits (MQTT 5, 2.1.2). */
const CONNECT = 1;
const PUBLISH = 3;

/** What a byte of properties, or of a packet other than a PUBLISH, may take in memory once it is read. */
const PROPERTIES_WEIGHT = 16;
const OTHER_WEIGHT = 40;

/** A whole packet as it came, and what it may take in memory until it is handled. */
export interface Frame {
  bytes: Buffer;
  weight: number;
}

/** A packet that is larger than it may be; `header` is its beginning, where that alone shows it to be too large for all. */
export class OversizedPacket extends Error {
  readonly header: Buffer | undefined;
  constructor(header?: Buffer) {
    super('a packet is too large');
    this.header = header;
  }
}

type FrameLimits = Pick<BrokerLimits, 'packet' | 'properties' | 'otherPacket' | 'connectPacket'>;

/**
 * Cuts what comes from a client into packets, so that unfinished ones can be counted: they take at most twice what
 * has come of them.
 */
export class Frames {
  readonly #limits: FrameLimits;
  #rest: Buffer = Buffer.alloc(0);
  #unfinished: Buffer | undefined;
  #filled = 0;
  #length = 0;
  #version = 0;
  #refused: OversizedPacket | undefined;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Bytes that an unfinished packet takes. */
  get unfinished(): number {
    return this.#unfinished?.length ?? 0;
  }

  /** To be called with what comes only where `next` has said that there is no more. */
  add(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /**
   * The next whole packet, if there is one.
   *
   * @throws {OversizedPacket} from then on
   */
  next(): Frame | undefined {
    if (this.#refused) throw this.#refused;
    if (!this.#unfinished && !this.#begin()) return undefined;
    const bytes = this.#whole();
    return bytes && { bytes, weight: this.#weigh(bytes) };
  }

  /** Reads the fixed header; `false` where it isn't there yet. */
  #begin(): boolean {
    const header = fixedHeader(this.#rest);
    if (!header) return false;
    this.#length = header.size + header.remaining;
    if (this.#length > this.#limitOf(header.type)) this.#refuse(header.size);
    return true;
  }

  #refuse(headerSize: number): never {
    const header = this.#length > this.#limits.packet ? this.#rest.subarray(0, headerSize) : undefined;
    this.#refused = new OversizedPacket(header);
    throw this.#refused;
  }

  #limitOf(type: number): number {
    if (this.#version === 0) return this.#limits.connectPacket;
    return type === PUBLISH ? this.#limits.packet : this.#limits.otherPacket;
  }

  #whole(): Buffer | undefined {
    if (!this.#unfinished && this.#rest.length >= this.#length) return this.#take(this.#length);
    const part = this.#take(Math.min(this.#rest.length, this.#length - this.#filled));
    const whole = this.#append(part);
    if (this.#filled < this.#length) return undefined;
    this.#unfinished = undefined;
    this.#filled = 0;
    return whole;
  }

  #append(part: Buffer): Buffer {
    let buffer = this.#unfinished ?? Buffer.alloc(0);
    const filled = this.#filled + part.length;
    if (filled > buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#length, Math.max(filled, 2 * buffer.length, 512)));
      buffer.copy(grown, 0, 0, this.#filled);
      buffer = grown;
    }
    part.copy(buffer, this.#filled);
    this.#unfinished = buffer;
    this.#filled = filled;
    return buffer;
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  #weigh(bytes: Buffer): number {
    const type = (bytes[0] ?? 0) >> 4;
    if (type === CONNECT && this.#version === 0) this.#version = versionOf(bytes);
    if (type !== PUBLISH) return OTHER_WEIGHT * bytes.length;
    if (this.#version !== 5) return bytes.length;
    const properties = propertiesLength(bytes);
    if (properties > this.#limits.properties) this.#refuse(0);
    return bytes.length + PROPERTIES_WEIGHT * properties;
  }
}

/** Type, own size and remaining length; `undefined` where the bytes end before it does. */
function fixedHeader(bytes: Buffer): { type: number; size: number; remaining: number } | undefined {
  const number = variableByteInteger(bytes, 1);
  return number && { type: (bytes[0] ?? 0) >> 4, size: 1 + number.size, remaining: number.value };
}

/** MQTT 5, 1.5.5. A fifth byte would be an error, which the parser finds: here the number ends. */
function variableByteInteger(bytes: Buffer, at: number): { value: number; size: number } | undefined {
  let value = 0;
  for (let size = 1; size <= 4; size += 1) {
    const byte = bytes[at + size - 1];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** (size - 1);
    if (byte < 0x80 || size === 4) return { value, size };
  }
  return undefined;
}

/** The protocol version that a CONNECT names: it follows the protocol's name (MQTT 5, 3.1.2.2). */
function versionOf(connect: Buffer): number {
  const header = fixedHeader(connect)?.size ?? 0;
  const name = 2 + (connect[header] ?? 0) * 256 + (connect[header + 1] ?? 0);
  return (connect[header + name] ?? 0) & 0x7f || 4;
}

/** How long the properties of an MQTT 5 PUBLISH are, in bytes (3.3.2). */
function propertiesLength(publish: Buffer): number {
  const header = fixedHeader(publish)?.size ?? 0;
  const topic = 2 + (publish[header] ?? 0) * 256 + (publish[header + 1] ?? 0);
  const messageId = (publish[0] ?? 0) & 0x06 ? 2 : 0;
  const length = variableByteInteger(publish, header + topic + messageId)?.value ?? 0;
  return Math.min(length, publish.length);
}
