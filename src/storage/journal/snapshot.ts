import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { codeOf } from '../../util/errors.ts';
import { looksSealed, sealed, unseal } from '../sealed.ts';
import { unreadable } from '../unreadable.ts';

/** The file's state was written by a newer version of this program: this one doesn't touch it. */
export class StateTooNewError extends Error {
  readonly file: string;
  readonly found: number;
  readonly supported: number;

  constructor(file: string, found: number, supported: number) {
    super(
      `${file} was written by a newer version of this program (state version ${found}, this one knows ` +
        `up to ${supported}): run that version, or another data_dir`,
    );
    this.name = 'StateTooNewError';
    this.file = file;
    this.found = found;
    this.supported = supported;
  }
}

/** The only version whose state files have no checksum. */
const UNSEALED_VERSION = 1;

const count = z.int().min(0);
/** What any version has in common; read first, since a newer one may look different further in. */
const kind = z.object({ format: z.string(), version: count });
/** The envelope of a state file. `state` is the caller's. */
const envelope = kind.extend({ generation: count, saved_at: z.string(), state: z.unknown() });
export type Snapshot = z.infer<typeof envelope>;

export type SnapshotFile =
  | { kind: 'absent' }
  /** `sealed`: its checksum says that it is as it was written. */
  | { kind: 'good'; snapshot: Snapshot; bytes: number; sealed: boolean }
  | { kind: 'bad'; reason: string };

/** The text of a state file: one sealed line. */
export function encodeSnapshot(snapshot: Snapshot): Buffer {
  return sealed(snapshot);
}

/**
 * Reads a state file. Throws StateTooNewError, and the system's error for a file that is there and
 * may not be read: what may be good tomorrow is not called bad today.
 */
export function readSnapshot(file: string, format: string, version: number): SnapshotFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' };
    return { kind: 'bad', reason: unreadable(error) };
  }
  const isSealed = looksSealed(bytes);
  // What was appended to a whole line takes nothing from it.
  const parsed = isSealed ? unseal(firstLine(bytes)) : parse(bytes);
  if (parsed === undefined)
    return { kind: 'bad', reason: isSealed ? 'its checksum is wrong' : 'it is torn or no JSON' };
  const found = kind.safeParse(parsed);
  if (!found.success || found.data.format !== format)
    return { kind: 'bad', reason: `it is not of the format ${format}` };
  if (!isSealed && found.data.version !== UNSEALED_VERSION)
    return { kind: 'bad', reason: `it has no checksum, as those of version ${found.data.version} have` };
  if (found.data.version > version) throw new StateTooNewError(file, found.data.version, version);
  const whole = envelope.safeParse(parsed);
  if (!whole.success || whole.data.state === undefined)
    return { kind: 'bad', reason: 'parts of it are missing' };
  return { kind: 'good', snapshot: whole.data, bytes: bytes.length, sealed: isSealed };
}

function firstLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\n');
  return end === -1 ? bytes : bytes.subarray(0, end + 1);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
