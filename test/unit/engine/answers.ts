import type { Answer } from '../../../src/contract/commands.ts';

/** The error code of an answer, `ok` of a good one, `undefined` of none. */
export function codeOf(answer: Answer | undefined): string | undefined {
  return answer?.status === 'error' ? answer.error.code : answer?.status;
}
