import type { Environment } from '../config/environment.ts';
import { healthAnswerSchema } from '../control/protocol.ts';
import { askDaemon } from './daemon-socket.ts';

interface Health {
  works: boolean;
  /** For whoever asked. */
  text: string;
}

/**
 * `plot2mqtt health`: asks the running daemon by its socket. One whose broker is away, whose disk has become full, or
 * which has stepped back from a base topic that another one has, is healthy; one that still waits for its `data_dir`, or
 * hasn't found its workers again yet, isn't.
 * @returns the exit code: 0 where it answered in time that it works, else 1
 */
export async function runHealth(config: string, env: Environment): Promise<0 | 1> {
  const { works, text } = await healthOf(config, env);
  (works ? process.stdout : process.stderr).write(`${text}\n`);
  return works ? 0 : 1;
}

async function healthOf(config: string, env: Environment): Promise<Health> {
  const asked = await askDaemon(config, env, { type: 'health' });
  if (!asked.ok) return { works: false, text: asked.mask(`the daemon does not answer: ${asked.message}`) };
  const answer = healthAnswerSchema.safeParse(asked.answer);
  if (!answer.success)
    return { works: false, text: 'the daemon does not answer: it does not know this request' };
  const { state, text } = answer.data;
  if (state === 'running') return { works: true, text: asked.mask(workingText(text)) };
  if (text === '') return { works: false, text: 'the daemon is starting' };
  return { works: false, text: asked.mask(`the daemon is not working yet: ${text}`) };
}

/** `steppedBack`: why it publishes nothing; empty where it does. */
function workingText(steppedBack: string): string {
  if (steppedBack === '') return 'the daemon answers';
  return `the daemon answers, but it publishes nothing and takes no commands over MQTT: ${steppedBack}`;
}
