import * as z from 'zod';
import type { Answer, Command } from '../../contract/commands.ts';
import type { ErrorAnswer, Request } from '../../control/protocol.ts';
import { commandOf } from '../../mqtt/commands/command-table.ts';
import { CommandRefusal, readPayload } from '../../mqtt/commands/payloads.ts';
import { hidden, type Secrets } from './hidden.ts';

const sentSchema = z.looseObject({ topic: z.string(), payload: z.string().default('') });

/**
 * Answers `command` on the daemon's socket: a command of the contract's section 5, read and carried out as one that
 * arrives over MQTT, whatever the broker does. A job that it makes is held to the same bounds, as at each start later.
 */
export async function answerCommand(
  request: Request,
  execute: (command: Command) => Promise<Answer>,
  secrets: Secrets,
): Promise<object | ErrorAnswer> {
  const sent = sentSchema.safeParse(request);
  if (!sent.success)
    return { type: 'error', code: 'invalid_payload', message: '"topic" and "payload" are texts' };
  const answer = await carriedOut(sent.data, execute);
  return { type: 'command', ...hidden(answer, secrets) };
}

async function carriedOut(
  { topic, payload }: z.infer<typeof sentSchema>,
  execute: (command: Command) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await execute(commandOf(topic)(readPayload(Buffer.from(payload))));
  } catch (thrown) {
    if (thrown instanceof CommandRefusal) return { status: 'error', error: thrown.refusal };
    throw thrown;
  }
}
