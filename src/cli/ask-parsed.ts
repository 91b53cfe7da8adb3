import type { ZodType } from 'zod';
import type { Environment } from '../config/environment.ts';
import { errorAnswerSchema, type Request } from '../control/protocol.ts';
import { NOT_YET } from './command-daemon.ts';
import { askDaemon } from './daemon-socket.ts';

/** What the daemon has answered, and how secrets of its configuration are hidden in what is printed of it. */
export interface ParsedAnswer<Answer> {
  answer: Answer;
  mask(text: string): string;
}

/**
 * Asks the running daemon by its socket; `null` where it doesn't answer, refuses or doesn't know this request, which is
 * said on standard error.
 */
export async function askParsed<Answer>(
  config: string,
  env: Environment,
  request: Request,
  schema: ZodType<Answer>,
): Promise<ParsedAnswer<Answer> | null> {
  const asked = await askDaemon(config, env, request);
  const refuse = (message: string) => {
    process.stderr.write(`${asked.mask(message)}\n`);
    return null;
  };
  if (!asked.ok) return refuse(`the daemon does not answer: ${asked.message}`);
  const error = errorAnswerSchema.safeParse(asked.answer);
  if (error.success) return refuse(error.data.code === 'unknown_command' ? NOT_YET : error.data.message);
  const answer = schema.safeParse(asked.answer);
  if (!answer.success) return refuse('the daemon does not answer: it does not know this request');
  return { answer: answer.data, mask: asked.mask };
}
