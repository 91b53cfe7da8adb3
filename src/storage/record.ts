import { crc32 } from './crc32.ts';

/**
 * A journal's line is JSON: `{"crc":"0a1b2c3d","v":1,"n":17,"entry":…}`. The checksum is that of all
 * that follows it up to the newline; `n` counts the journal's lines from 1, so that a line that is
 * missing is told from one that was torn and never counted.
 */
export interface JournalRecord {
  /** Version of the entry's shape. */
  version: number;
  number: number;
  entry: unknown;
}

const HEAD_BYTES = '{"crc":"00000000",'.length;

/** One journal line, newline included. Throws TypeError for what JSON can't hold. */
export function encodeRecord({ version, number, entry }: JournalRecord): Buffer {
  const json = JSON.stringify(entry);
  if (json === undefined) throw new TypeError('a journal entry must be a JSON value');
  const body = Buffer.from(`"v":${version},"n":${number},"entry":${json}}`);
  return Buffer.concat([Buffer.from(`{"crc":"${crc32(body)}",`), body, Buffer.from('\n')]);
}

/** What a line holds, or null where it is torn, damaged or foreign. */
export function decodeRecord(line: Buffer): JournalRecord | null {
  const head = line.toString('latin1', 0, HEAD_BYTES);
  if (head !== `{"crc":"${crc32(line.subarray(HEAD_BYTES))}",`) return null;
  try {
    const parsed: unknown = JSON.parse(line.toString('utf8'));
    return toRecord(parsed);
  } catch {
    return null;
  }
}

function toRecord(parsed: unknown): JournalRecord | null {
  if (typeof parsed !== 'object' || parsed === null) return null;
  if (!('v' in parsed && 'n' in parsed && 'entry' in parsed)) return null;
  const { v, n, entry } = parsed;
  return typeof v === 'number' && typeof n === 'number' ? { version: v, number: n, entry } : null;
}
