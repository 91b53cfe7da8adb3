import { crc32 } from 'node:zlib';

/** A sealed object is JSON that begins so; the checksum is that of all that follows it, a last newline aside. */
const HEAD_BYTES = '{"crc":"00000000",'.length;
const HEAD = /^\{"crc":"[0-9a-f]{8}",$/;
const NEWLINE = 0x0a;

/**
 * One line, newline included, that says itself whether it is whole.
 * @param fields the JSON of an object with at least one key, without its first bracket
 */
export function seal(fields: string): Buffer {
  // Made in place: a state file may have some megabytes, of which each copy is one more.
  const end = HEAD_BYTES + Buffer.byteLength(fields);
  const bytes = Buffer.allocUnsafe(end + 1);
  bytes.write(fields, HEAD_BYTES);
  bytes.write(headFor(bytes.subarray(HEAD_BYTES, end)), 'latin1');
  bytes[end] = NEWLINE;
  return bytes;
}

/** The same for a value. Throws TypeError where JSON can't hold it. */
export function sealed(value: Record<string, unknown>): Buffer {
  return seal(JSON.stringify(value).slice(1));
}

/** Whether it begins as what `seal` makes, whole or not. */
export function looksSealed(bytes: Buffer): boolean {
  return HEAD.test(headOf(bytes));
}

/** What a sealed line (with or without its newline) holds; `undefined` where it is torn, damaged or foreign. */
export function unseal(bytes: Buffer): unknown {
  const end = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length;
  if (headOf(bytes) !== headFor(bytes.subarray(HEAD_BYTES, end))) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A CRC-32 (ISO 3309) notices every single flipped bit. */
function headFor(body: Uint8Array): string {
  return `{"crc":"${crc32(body).toString(16).padStart(8, '0')}",`;
}

function headOf(bytes: Buffer): string {
  return bytes.toString('latin1', 0, HEAD_BYTES);
}
