import type { BrokerLimits } from './limits.ts';
import { ownCopy } from './sizes.ts';
import type { Slabs } from './slabs.ts';
import { Unfinished } from './unfinished.ts';

/** The types of packets that are looked at, as they stand in the first four bits (MQTT 5, 2.1.2). */
const CONNECT = 1;
const PUBLISH = 3;

/** What a byte of properties, or of a packet other than a PUBLISH, may take in memory once it is read. */
const PROPERTIES_WEIGHT = 16;
const OTHER_WEIGHT = 40;

const NOTHING = Buffer.alloc(0);

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

/** Cuts what comes from a client into packets, so that what isn't handed on can be counted. */
export class Frames {
  readonly #limits: FrameLimits;
  /** What came after the last packet that was taken. */
  #rest: Buffer = NOTHING;
  readonly #unfinished: Unfinished;
  /** Of the packet that has begun; 0 where none has. */
  #length = 0;
  #version = 0;
  #refused: OversizedPacket | undefined;

  /** `slabs`: memory for unfinished packets. */
  constructor(limits: FrameLimits, slabs: Slabs) {
    this.#limits = limits;
    this.#unfinished = new Unfinished(slabs);
  }

  /** Bytes that have come and not been handed on, in memory. */
  get held(): number {
    return this.#unfinished.held + this.#rest.length;
  }

  /** Forgets what has come, for good: nothing is added to it afterwards. */
  clear(): void {
    this.#unfinished.clear();
    this.#rest = NOTHING;
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
    if (this.#length === 0 && !this.#begin()) return undefined;
    const bytes = this.#whole();
    return bytes && { bytes, weight: this.#weigh(bytes) };
  }

  /** Reads the fixed header; `false` where it isn't there yet. */
  #begin(): boolean {
    const header = fixedHeader(this.#rest);
    if (!header) {
      // A few bytes of a header must not keep all that came with them.
      if (this.#rest.length > 0) this.#rest = ownCopy(this.#rest);
      return false;
    }
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
    const missing = this.#length - this.#unfinished.length;
    const part = this.#take(missing);
    const isWhole = part.length === missing;
    if (!isWhole || this.#unfinished.length > 0) this.#unfinished.add(part);
    if (!isWhole) return undefined;
    this.#length = 0;
    return this.#unfinished.length > 0 ? this.#unfinished.take() : part;
  }

  /** So many bytes, or what is there. A view of none would keep all the memory behind it. */
  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = bytes < this.#rest.length ? this.#rest.subarray(bytes) : NOTHING;
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
