import type { Environment } from '../config/environment.ts';
import { healthAnswerSchema } from '../control/protocol.ts';
import { askDaemon } from './daemon-socket.ts';

/**
 * `plot2mqtt health`: asks the running daemon by its socket. One whose broker is away, or whose disk has become full, is
 * healthy; one that still waits for its `data_dir`, or hasn't found its workers again yet, isn't.
 * @returns the exit code: 0 where it answered in time that it works, else 1
 */
export async function runHealth(config: string, env: Environment): Promise<0 | 1> {
  const problem = await problemOf(config, env);
  if (problem === null) process.stdout.write('the daemon answers\n');
  else process.stderr.write(`${problem}\n`);
  return problem === null ? 0 : 1;
}

async function problemOf(config: string, env: Environment): Promise<string | null> {
  const asked = await askDaemon(config, env, { type: 'health' });
  if (!asked.ok) return asked.mask(`the daemon does not answer: ${asked.message}`);
  const answer = healthAnswerSchema.safeParse(asked.answer);
  if (!answer.success) return 'the daemon does not answer: it does not know this request';
  const { state, text } = answer.data;
  if (state === 'running') return null;
  return text === '' ? 'the daemon is starting' : asked.mask(`the daemon is not working yet: ${text}`);
}
