/** What a message takes in memory beside what it says, in bytes: objects, their keys, the buffer's own. */
const OVERHEAD = 512;
/** What a text and an entry of an object take beside their characters. */
const TEXT = 48;
const ENTRY = 128;

/** The parts of a message that have a size. */
export interface Message {
  topic: string;
  payload: Buffer | string;
  properties?: object | undefined;
}

/** How much memory a message takes, in bytes, estimated upwards; its MQTT 5 properties count in full. */
export function messageBytes({ topic, payload, properties }: Message): number {
  return OVERHEAD + sizeOf(topic) + payload.length + sizeOf(properties);
}

/** How much memory a subscription to a filter takes, in bytes: each level has a table in the tree of all. */
export function subscriptionBytes(filter: string): number {
  return 1024 + sizeOf(filter) + 400 * filter.split('/').length;
}

/** How much memory properties, as mqtt-packet reads them, take, in bytes, estimated upwards. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return TEXT + 2 * value.length;
  if (Buffer.isBuffer(value)) return ENTRY + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = TEXT;
  for (const [key, each] of Object.entries(value)) bytes += ENTRY + 2 * key.length + sizeOf(each);
  return bytes;
}

/** A copy of its own: the parser's is a view of everything that came with it from the socket. */
export function ownCopy(bytes: Buffer | string): Buffer {
  const copy = Buffer.allocUnsafeSlow(Buffer.byteLength(bytes));
  if (typeof bytes === 'string') copy.write(bytes);
  else bytes.copy(copy);
  return copy;
}

/** The payload by itself, where it would hold much more than itself while it waits for a subscriber. */
export function withoutRest(payload: Buffer | string): Buffer | string {
  return Buffer.isBuffer(payload) && payload.buffer.byteLength > 2 * payload.length
    ? ownCopy(payload)
    : payload;
}

/** Copies the one property of a message that is a view too (correlation data). */
export function ownProperties<Properties extends { correlationData?: Buffer | undefined }>(
  properties: Properties,
): Properties {
  const { correlationData } = properties;
  return correlationData ? { ...properties, correlationData: ownCopy(correlationData) } : properties;
}
