import type { Environment } from '../../config/environment.ts';
import { type StatusAnswer, statusAnswerSchema } from '../../control/protocol.ts';
import { askDaemon } from '../daemon-socket.ts';

/** What runs, by the daemon's socket; `null` where it doesn't answer that, of which nothing is said. */
export async function readStatus(config: string, env: Environment): Promise<StatusAnswer | null> {
  const asked = await askDaemon(config, env, { type: 'status' });
  return asked.ok ? (statusAnswerSchema.safeParse(asked.answer).data ?? null) : null;
}
