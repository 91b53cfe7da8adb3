import type { Answer } from '../../contract/commands.ts';
import type { HistoryQuery } from '../../contract/history.ts';
import type { HistoryLine } from '../../engine/model/history-line.ts';
import type { State } from '../../engine/model/state.ts';
import { findEnds } from '../../storage/history-search.ts';
import type { Logger } from '../../util/log.ts';
import { answerInTurn } from './in-turn.ts';

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

/** Answers what has been plotted. */
export function createHistoryAnswers({
  file,
  state,
  log,
}: HistoryOptions): (query: HistoryQuery) => Promise<Answer> {
  const about = { what: 'the history', nothing: 'nothing of one in the history', state, log };
  return answerInTurn(about, async (query) => {
    const { lines, total } = await findEnds(file, state.history.values(), query);
    return { data: { plots: lines.map((line) => ({ ...NOTHING, ...line })), total }, isEmpty: total === 0 };
  });
}
