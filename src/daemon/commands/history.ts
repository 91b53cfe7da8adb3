import type { Answer } from '../../contract/commands.ts';
import type { HistoryQuery } from '../../contract/history.ts';
import type { HistoryLine } from '../../engine/model/history-line.ts';
import type { State } from '../../engine/model/state.ts';
import { findEnds } from '../../storage/history-search.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';

/** What a line of an earlier version lacks: in an object every key is there (contract, section 4). */
const NOTHING: Record<Exclude<keyof HistoryLine, 'not_before'>, null | object> = {
  worker: null,
  run: null,
  cause: null,
  job: null,
  slot: null,
  plotter: null,
  result: null,
  plot: null,
  size: null,
  temp_dir: null,
  dest_dir: null,
  started_at: null,
  ended_at: null,
  duration_s: null,
  phases: {},
  energy_kwh: null,
  cost: null,
  error: null,
};

export interface HistoryOptions {
  file: string;
  state: Pick<State, 'history' | 'jobs'>;
  log: Logger;
}

/** Answers what has been plotted; one question after the other, since each reads the whole history. */
export function createHistoryAnswers({
  file,
  state,
  log,
}: HistoryOptions): (query: HistoryQuery) => Promise<Answer> {
  let before: Promise<unknown> = Promise.resolve();
  const look = async (query: HistoryQuery): Promise<Answer> => {
    try {
      const { lines, total } = await findEnds(file, state.history.values(), query);
      if (total === 0 && query.job !== null && !state.jobs.has(query.job))
        return failure('unknown_job', `there is no job '${query.job}', and nothing of one in the history`);
      return { status: 'ok', data: { plots: lines.map((line) => ({ ...NOTHING, ...line })), total } };
    } catch (error) {
      log.error(`the history can't be read: ${messageOf(error)}`);
      return failure('internal', `the history can't be read: ${messageOf(error)}`);
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
