import type { Environment } from '../../config/environment.ts';
import { statusAnswerSchema } from '../../control/protocol.ts';
import { askParsed } from '../ask-parsed.ts';
import { paintFor } from '../terminal/colour.ts';
import { statusLines } from './status-lines.ts';

/** What `plot2mqtt status` is asked for. */
export interface StatusTask {
  config: string;
  /** Null: all. */
  job: string | null;
  /** As one object. */
  json: boolean;
  /** Kept current on the screen. */
  watch: boolean;
}

/**
 * `plot2mqtt status [JOB]`: asks the running daemon by its socket what runs: jobs, workers and disks; with `json` as
 * one object.
 * @returns the exit code: 0 where it answered, 1 where it didn't or has no such job
 */
export async function runStatus(
  { config, job, json }: Pick<StatusTask, 'config' | 'job' | 'json'>,
  env: Environment,
): Promise<0 | 1> {
  const asked = await askParsed(config, env, { type: 'status', job }, statusAnswerSchema);
  if (asked === null) return 1;
  const { farm, host, jobs, workers, moves } = asked.answer;
  const { isTTY = false, columns } = process.stdout;
  const text = json
    ? JSON.stringify({ farm, host, jobs, workers, moves })
    : statusLines(asked.answer, {
        paint: paintFor(process.stdout, env),
        bars: isTTY,
        ...(isTTY && columns > 0 ? { width: columns } : {}),
      }).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}
