import { isObject } from '../../util/objects.ts';
import { seal, unseal } from '../sealed.ts';

/** The first version of the records named no generation. */
const WITHOUT_GENERATION = 1;

/**
 * A journal's line is sealed JSON: `{"crc":"0a1b2c3d","v":2,"g":4,"n":17,"entry":…}`. `g` is the journal's
 * generation, so that another one put in its place isn't believed; `n` counts the journal's lines from 1, so
 * that a line that is missing is told from one that was torn and never counted.
 */
export interface JournalRecord {
  /** Version of the entry's shape. */
  version: number;
  generation: number;
  number: number;
  entry: unknown;
}

/** One journal line, newline included. Throws TypeError for what JSON can't hold. */
export function encodeRecord({ version, generation, number, entry }: JournalRecord): Buffer {
  const json = JSON.stringify(entry);
  if (json === undefined) throw new TypeError('a journal entry must be a JSON value');
  return seal(`"v":${version},"g":${generation},"n":${number},"entry":${json}}`);
}

/** What a line of this generation's journal holds, or null where it is torn, damaged or foreign. */
export function decodeRecord(line: Buffer, generation: number): JournalRecord | null {
  const parsed = unseal(line);
  if (!isObject(parsed) || !('entry' in parsed)) return null;
  const { v, g, n, entry } = parsed;
  if (typeof v !== 'number' || typeof n !== 'number' || !Number.isSafeInteger(n)) return null;
  if (g !== generation && !(g === undefined && v === WITHOUT_GENERATION)) return null;
  return { version: v, generation, number: n, entry };
}
