import { expect } from 'vitest';

/** The answer to a command that says nothing but that it was done. */
export const OK = { status: 'ok', data: null };

/** The answer to a command that was refused, with its code, some words and, where it is said, its path. */
export const refused = (code: string, path?: string | null) => ({
  status: 'error',
  error: {
    code,
    message: expect.stringMatching(/.{8,}/),
    path: path === undefined ? expect.toSatisfy((each) => each === null || typeof each === 'string') : path,
  },
});
