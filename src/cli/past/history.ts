import * as z from 'zod';
import type { Environment } from '../../config/environment.ts';
import { HISTORY_DEFAULT, HISTORY_LIMIT } from '../../contract/history.ts';
import { paintFor } from '../terminal/colour.ts';
import { commandDaemon } from '../command-daemon.ts';
import { historySum, historyTable, shownLine } from './history-table.ts';

/** What `plot2mqtt history` is asked for. */
export interface HistoryTask {
  config: string;
  job: string | null;
  /** ISO 8601, UTC. */
  since: string | null;
  /** Null: as many as make sense. */
  limit: number | null;
  json: boolean;
}

const answerSchema = z.looseObject({
  plots: z.array(z.record(z.string(), z.unknown())),
  total: z.int(),
});

/**
 * `plot2mqtt history`: asks the running daemon by its socket for workers that have ended, and prints a line each, the
 * oldest first, and one that sums them up; with `json` each as history.jsonl has it.
 * @returns the exit code: 0 where it answered, 1 where it didn't or has no such job
 */
export async function runHistory(
  { config, job, since, limit, json }: HistoryTask,
  env: Environment,
): Promise<0 | 1> {
  // Who says since when wants all of them.
  const most = limit ?? (since === null ? HISTORY_DEFAULT : HISTORY_LIMIT);
  const payload = JSON.stringify({ job, since, limit: most });
  const asked = await commandDaemon(config, env, { topic: 'bridge/request/history', payload });
  const answer = asked.ok ? answerSchema.safeParse(asked.data) : null;
  if (!asked.ok || !answer?.success) {
    process.stderr.write(`${asked.ok ? 'the daemon answered with no history' : asked.text}\n`);
    return 1;
  }
  const { plots, total } = answer.data;
  if (json) for (const line of plots) process.stdout.write(`${JSON.stringify(line)}\n`);
  else {
    const lines = plots.map(shownLine);
    const table = historyTable(lines, paintFor(process.stdout, env));
    process.stdout.write(`${[...table, historySum(lines, total)].join('\n')}\n`);
  }
  return 0;
}
