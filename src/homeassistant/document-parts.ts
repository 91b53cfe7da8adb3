import type { Components, Document } from './device-document.ts';
import { partOf, partTopic } from './ids.ts';

/** No document is larger (contract, section 6). */
export const MAX_DOCUMENT_BYTES = 32 * 1024;
/** What a packet has beside topic and payload, and more. */
const ENVELOPE_BYTES = 64;

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

interface Content {
  components: Record<string, object>;
}

/** A part while it is filled. */
interface Room {
  keys: string[];
  left: number;
}

/**
 * Documents that are too large for one message, in several of the same device. A component stays in the part in which
 * it is: Home Assistant refuses one that comes in another part before it went from the first.
 */
export class DocumentParts {
  /** By the topic of the first part, the keys of each. */
  readonly #keys = new Map<string, string[][]>();
  /** By the same, the keys of components that fit into no message. */
  readonly #leftOut = new Map<string, readonly string[]>();

  /** What an earlier run has published on a topic. */
  remember(topic: string, components: Components): void {
    const { main, part } = partOf(topic);
    const keys = this.#keys.get(main) ?? [];
    for (let index = keys.length; index < part; index += 1) keys.push([]);
    keys[part - 1] = Object.keys(components);
    this.#keys.set(main, keys);
  }

  /**
   * The documents of a device, of which none with its topic has more bytes than `limit`, and the topics of parts that
   * there are no more.
   */
  split(document: Document, limit: number): { documents: Document[]; gone: string[] } {
    const { topic } = document;
    const before = this.#keys.get(topic) ?? [];
    const content: Content = JSON.parse(document.payload(true));
    const room = limit - Buffer.byteLength(partTopic(topic, 1_000)) - ENVELOPE_BYTES;
    const { rooms, leftOut } = placed(content, before, room);
    const last = rooms.findLastIndex(({ keys }) => keys.length > 0);
    const kept = rooms.slice(0, Math.max(last, 0) + 1).map(({ keys }) => keys);
    this.#keys.set(topic, kept);
    if (leftOut.length > 0) this.#leftOut.set(topic, leftOut);
    else this.#leftOut.delete(topic);
    const isWhole =
      leftOut.length === 0 && rooms.every(({ keys }, index) => index === 0 || keys.length === 0);
    const documents = isWhole
      ? [document]
      : rooms.flatMap(({ keys }, index) => (keys.length > 0 ? [partWith(document, keys, index + 1)] : []));
    const gone = before.flatMap((keys, index) => {
      const isGone = index > 0 && keys.length > 0 && !rooms[index]?.keys.length;
      return isGone ? [partTopic(topic, index + 1)] : [];
    });
    return { documents, gone };
  }

  /** A device is to go: the topics of all its parts. */
  forget(topic: string): string[] {
    const keys = this.#keys.get(topic) ?? [];
    this.#keys.delete(topic);
    this.#leftOut.delete(topic);
    return [topic, ...keys.slice(1).map((_, index) => partTopic(topic, index + 2))];
  }

  /** What is left out because it fits into no message, in words. */
  problems(): string[] {
    return [...this.#leftOut].map(([topic, keys]) => {
      const device = topic.split('/').at(-2)?.split('__').slice(2).join(' ') ?? topic;
      return `Home Assistant doesn't get ${keys.join(', ')} of ${device}: larger than the broker takes`;
    });
  }
}

/** Where each component goes: where it was, if it fits there still, else where there is room. */
function placed({ components, ...rest }: Content, before: readonly string[][], limit: number) {
  const empty = limit - bytesOf({ ...rest, components: {} });
  const rooms: Room[] = (before.length > 0 ? before : [[]]).map(() => ({ keys: [], left: empty }));
  const places = new Map(before.flatMap((keys, index) => keys.map((key) => [key, index] as const)));
  const leftOut: string[] = [];
  const put = (key: string, bytes: number, room: Room | undefined) => {
    if (!room || room.left < bytes) return false;
    room.keys.push(key);
    room.left -= bytes;
    return true;
  };
  const sized = Object.entries(components).map(([key, component]) => ({
    key,
    bytes: bytesOf({ [key]: component }),
  }));
  const others = sized.filter(({ key, bytes }) => {
    const place = places.get(key);
    return place === undefined || !put(key, bytes, rooms[place]);
  });
  for (const { key, bytes } of others) {
    if (bytes > empty) leftOut.push(key);
    else if (!rooms.some((room) => put(key, bytes, room))) rooms.push({ keys: [key], left: empty - bytes });
  }
  return { rooms, leftOut };
}

/** A document with some of the components of another. Only the first says through which device it is reached. */
function partWith(document: Document, keys: readonly string[], part: number): Document {
  const chosen = new Set(keys);
  const pick = <Value>(all: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => chosen.has(key)));
  return {
    topic: partTopic(document.topic, part),
    components: pick(document.components),
    payload: (linked) => {
      const content: Content = JSON.parse(document.payload(linked && part === 1));
      return JSON.stringify({ ...content, components: pick(content.components) });
    },
  };
}
