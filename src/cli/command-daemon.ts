import type { Environment } from '../config/environment.ts';
import { commandAnswerSchema, errorAnswerSchema } from '../control/protocol.ts';
import { askDaemon } from './daemon-socket.ts';
import type { Message } from './tell/tell-words.ts';

/** What a command came to: its `data`, or in words why it wasn't done. */
export type Commanded = { ok: true; data: unknown } | { ok: false; text: string };

/** What a daemon says that doesn't know a request. */
export const NOT_YET = 'the daemon is starting, or it is older than this program: it cannot do that';

/**
 * Sends a command of the contract's section 5 to the daemon that runs this configuration, by its socket, and waits for
 * its answer, for at most 5 s. It is sent once, whatever becomes of the answer.
 */
export async function commandDaemon(
  config: string,
  env: Environment,
  { topic, payload }: Message,
): Promise<Commanded> {
  const asked = await askDaemon(config, env, { type: 'command', topic, payload }, { once: true });
  const refuse = (text: string): Commanded => ({ ok: false, text: asked.mask(text) });
  if (!asked.ok)
    return refuse(
      `the daemon does not answer: ${asked.message}${asked.sent ? '; it may do it all the same' : ''}`,
    );
  const error = errorAnswerSchema.safeParse(asked.answer);
  if (error.success) return refuse(error.data.code === 'unknown_command' ? NOT_YET : error.data.message);
  const answer = commandAnswerSchema.safeParse(asked.answer);
  if (!answer.success) return refuse('the daemon does not answer: it does not know this request');
  if (answer.data.status === 'ok') return { ok: true, data: answer.data.data };
  const { code, message, path } = answer.data.error;
  return refuse(`refused (${path === null ? code : `${code}, ${path}`}): ${message}`);
}
