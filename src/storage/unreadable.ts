import { codeOf, messageOf } from '../util/errors.ts';

/** What a damaged disk answers, or a directory in the place of a file. Rights that are lacking are another matter. */
const DAMAGED: ReadonlySet<string | undefined> = new Set(['EIO', 'EISDIR', 'EUCLEAN', 'EBADMSG']);

/** Why a file can't be read, where its content is gone for good; rethrows what may be better tomorrow. */
export function unreadable(error: unknown): string {
  if (DAMAGED.has(codeOf(error))) return `it can't be read (${messageOf(error)})`;
  throw error;
}
