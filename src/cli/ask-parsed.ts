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

/** The same, or why there is none, in words; `answers`: it is there, and refuses. */
export type TriedAnswer<Answer> =
  | ({ ok: true } & ParsedAnswer<Answer>)
  | { ok: false; answers: boolean; message: string };

/** Asks the running daemon by its socket, without a word on standard error. */
export async function tryAsking<Answer>(
  config: string,
  env: Environment,
  request: Request,
  schema: ZodType<Answer>,
): Promise<TriedAnswer<Answer>> {
  const asked = await askDaemon(config, env, request);
  const refuse = (message: string, answers: boolean) =>
    ({ ok: false, answers, message: asked.mask(message) }) as const;
  if (!asked.ok) return refuse(`the daemon does not answer: ${asked.message}`, false);
  const error = errorAnswerSchema.safeParse(asked.answer);
  if (error.success) {
    const isUnknown = error.data.code === 'unknown_command';
    return refuse(isUnknown ? NOT_YET : error.data.message, !isUnknown);
  }
  const answer = schema.safeParse(asked.answer);
  if (!answer.success) return refuse('the daemon does not answer: it does not know this request', false);
  return { ok: true, answer: answer.data, mask: asked.mask };
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
  const asked = await tryAsking(config, env, request, schema);
  if (asked.ok) return asked;
  process.stderr.write(`${asked.message}\n`);
  return null;
}
