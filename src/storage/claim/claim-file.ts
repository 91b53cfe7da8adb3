import { linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { codeOf, messageOf } from '../../util/errors.ts';
import { lacksHardLinks } from '../atomic.ts';
import { PRIVATE_FILE } from '../private.ts';

/** A claim is `lock.<number>`; a draft, not yet one, is `lock.draft-<token>` (version 1: its process id). */
const CLAIM_NAME = /^lock\.(\d{1,15})$/;
const DRAFT_NAME = /^lock\.draft-/;

const processSchema = { pid: z.int().positive(), identity: z.string() };
/** Version 1 said no more. */
const oldClaimSchema = z.object(processSchema);
const claimSchema = z.object({
  ...processSchema,
  /** A random word: no two claims have the same. */
  token: z.string(),
  host: z.string(),
  boot: z.string(),
  pid_namespace: z.string(),
  /** Its socket: a name in `data_dir`, or an absolute one elsewhere; null where there is none. */
  socket: z.string().nullable(),
  /** Counted up while it lives. */
  beat: z.string(),
});
export type Claim = z.infer<typeof claimSchema>;
export type OldClaim = z.infer<typeof oldClaimSchema>;

/** A claim as it was found; `claim` is null where the file is torn. */
export interface Found {
  claim: Claim | OldClaim | null;
  /** Content and time of modification: whatever a heartbeat changes. */
  pulse: string;
}

const BEAT_DIGITS = 12;
/** What follows the counter in the file. */
const AFTER_BEAT = '"}\n';

/** The text of a claim: the counter is its last part, of the same length for ever, to be written over in place. */
export function claimText(claim: Omit<Claim, 'beat'>): string {
  return `${JSON.stringify({ ...claim, beat: beatText(0) })}\n`;
}

/** The counter as it stands in the file. */
export function beatText(count: number): string {
  return String(count).padStart(BEAT_DIGITS, '0');
}

/** Where the counter of a claim of this text stands, in bytes. */
export function beatOffset(text: string): number {
  return Buffer.byteLength(text) - AFTER_BEAT.length - BEAT_DIGITS;
}

export function claimFile(dir: string, number: number): string {
  return join(dir, `lock.${number}`);
}

/** Numbers of the claims that are there. */
export function claimNumbers(dir: string): number[] {
  return readdirSync(dir).flatMap((name) => {
    const digits = CLAIM_NAME.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

/** Null where it is gone. Throws the system's error where it can't be read. */
export function readClaimFile(file: string): Found | null {
  try {
    const text = readFileSync(file, 'utf8');
    const pulse = `${text} ${statSync(file).mtimeMs}`;
    return { claim: parseClaim(text), pulse };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** What a claim's text says; null where it is torn, or none. */
export function parseClaim(text: string): Claim | OldClaim | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const claim = claimSchema.safeParse(parsed);
  return claim.success ? claim.data : (oldClaimSchema.safeParse(parsed).data ?? null);
}

/**
 * Makes a claim with its content in place from the first moment on. False where one of this number is there already,
 * or another daemon was quicker and has tidied up. Throws an error that names the file.
 */
export function createClaim(dir: string, number: number, token: string, text: string): boolean {
  const draft = join(dir, `lock.draft-${token}`);
  try {
    writeFileSync(draft, text, { mode: PRIVATE_FILE });
    linkSync(draft, claimFile(dir, number));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (codeOf(error) === 'ENOENT' && statSync(dir, { throwIfNoEntry: false }) !== undefined) return false;
    if (!lacksHardLinks(error)) throw unwritable(draft, error);
    return createInPlace(claimFile(dir, number), text);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Without hard links, for a moment the claim is there and empty: the best that such a file system gives. */
function createInPlace(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: PRIVATE_FILE, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unwritable(file, error);
  }
}

function unwritable(file: string, cause: unknown): Error {
  return Object.assign(new Error(`${file} can't be written: ${messageOf(cause)}`, { cause }), {
    code: codeOf(cause),
  });
}

/** Removes these claims, and what those left that died while they made one. */
export function removeClaims(dir: string, numbers: readonly number[]): void {
  for (const number of numbers) rmSync(claimFile(dir, number), { force: true });
  for (const name of readdirSync(dir)) if (DRAFT_NAME.test(name)) rmSync(join(dir, name), { force: true });
}
