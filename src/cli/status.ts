import type { Environment } from '../config/environment.ts';
import { statusAnswerSchema } from '../control/protocol.ts';
import { askParsed } from './ask-parsed.ts';
import { paintFor } from './colour.ts';
import { statusLines } from './status-lines.ts';

/**
 * `plot2mqtt status [JOB]`: asks the running daemon by its socket what runs: jobs, workers and disks; with `json` as
 * one object.
 * @returns the exit code: 0 where it answered, 1 where it didn't or has no such job
 */
export async function runStatus(
  { config, job, json }: { config: string; job: string | null; json: boolean },
  env: Environment,
): Promise<0 | 1> {
  const asked = await askParsed(config, env, { type: 'status', job }, statusAnswerSchema);
  if (asked === null) return 1;
  const { farm, host, jobs, workers, moves } = asked.answer;
  const text = json
    ? JSON.stringify({ farm, host, jobs, workers, moves })
    : statusLines(asked.answer, {
        paint: paintFor(process.stdout, env),
        bars: process.stdout.isTTY === true,
      }).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}
