import type { Environment } from '../config/environment.ts';
import { errorAnswerSchema, statusAnswerSchema } from '../control/protocol.ts';
import { paintFor } from './colour.ts';
import { NOT_YET } from './command-daemon.ts';
import { askDaemon } from './daemon-socket.ts';
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
  const asked = await askDaemon(config, env, { type: 'status', job });
  const refuse = (message: string) => {
    process.stderr.write(`${asked.mask(message)}\n`);
    return 1 as const;
  };
  if (!asked.ok) return refuse(`the daemon does not answer: ${asked.message}`);
  const error = errorAnswerSchema.safeParse(asked.answer);
  if (error.success) return refuse(error.data.code === 'unknown_command' ? NOT_YET : error.data.message);
  const answer = statusAnswerSchema.safeParse(asked.answer);
  if (!answer.success) return refuse('the daemon does not answer: it does not know this request');
  const { farm, host, jobs, workers, moves } = answer.data;
  const text = json
    ? JSON.stringify({ farm, host, jobs, workers, moves })
    : statusLines(answer.data, {
        paint: paintFor(process.stdout, env),
        bars: process.stdout.isTTY === true,
      }).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}
