import type { Answer } from '../../contract/commands.ts';
import type { State } from '../../engine/model/state.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';

/** What is answered of the past, of one job or of all. */
interface Past {
  /** What it is called where it can't be read. */
  what: string;
  /** Said of a job that is not there, and of which nothing is found. */
  nothing: string;
  state: Pick<State, 'jobs'>;
  log: Logger;
}

/** What was found, as the answer's data; `isEmpty`: there is nothing at all of that job. */
interface Found {
  data: unknown;
  isEmpty: boolean;
}

/** Answers questions on the past one after the other, since each reads a whole file. */
export function answerInTurn<Query extends { job: string | null }>(
  { what, nothing, state, log }: Past,
  find: (query: Query) => Promise<Found>,
): (query: Query) => Promise<Answer> {
  let before: Promise<unknown> = Promise.resolve();
  const look = async (query: Query): Promise<Answer> => {
    try {
      const { data, isEmpty } = await find(query);
      if (isEmpty && query.job !== null && !state.jobs.has(query.job))
        return failure('unknown_job', `there is no job '${query.job}', and ${nothing}`);
      return { status: 'ok', data };
    } catch (error) {
      const message = `${what} can't be read: ${messageOf(error)}`;
      log.error(message);
      return failure('internal', message);
    }
  };
  return (query) => {
    const answer = before.then(() => look(query));
    before = answer;
    return answer;
  };
}

function failure(code: 'unknown_job' | 'internal', message: string): Answer {
  return { status: 'error', error: { code, message, path: null } };
}
