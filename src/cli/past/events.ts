import type { Environment } from '../../config/environment.ts';
import { follow } from '../../control/follow.ts';
import { ANSWER_MS, errorAnswerSchema, eventsAnswerSchema } from '../../control/protocol.ts';
import { messageOf } from '../../util/errors.ts';
import { paintFor } from '../terminal/colour.ts';
import { NOT_YET } from '../command-daemon.ts';
import { findDaemon } from '../daemon-socket.ts';
import { eventLine } from './event-line.ts';
import { onReaderGone } from './reader-gone.ts';

/** What `plot2mqtt events` is asked for. */
export interface EventsTask {
  config: string;
  /** Null: of all jobs, and of the farm. */
  job: string | null;
  /** ISO 8601, UTC; null: only what comes. */
  since: string | null;
  json: boolean;
}

/**
 * `plot2mqtt events`: follows the events of the running daemon by its socket, a line each, first those since a time.
 * @returns the exit code: 0 at Ctrl-C, or when nobody reads it any more; 1 where the daemon doesn't answer, ends, or has
 * no such job
 */
export async function runEvents({ config, job, since, json }: EventsTask, env: Environment): Promise<0 | 1> {
  const found = await findDaemon(config, env);
  const problem = found.ok
    ? await print(String(found.answer), { job, since }, lineWriter(json, env))
    : `the daemon does not answer: ${found.message}`;
  if (problem === null) return 0;
  process.stderr.write(`${found.mask(problem)}\n`);
  return 1;
}

type Write = (event: Record<string, unknown>) => void;

function lineWriter(json: boolean, env: Environment): Write {
  const paint = paintFor(process.stdout, env);
  return (event) => {
    process.stdout.write(`${json ? JSON.stringify(event) : eventLine(event, paint)}\n`);
  };
}

/** Prints events until somebody ends that; returns why it ended otherwise, in words. */
async function print(
  socket: string,
  wanted: Pick<EventsTask, 'job' | 'since'>,
  write: Write,
): Promise<string | null> {
  const ended = new AbortController();
  process.once('SIGINT', () => ended.abort());
  const stopLooking = await onReaderGone(process.stdout.fd, () => ended.abort());
  const answers = follow(socket, { type: 'events', ...wanted }, { ended: ended.signal, firstMs: ANSWER_MS });
  try {
    for await (const answer of answers) {
      const error = errorAnswerSchema.safeParse(answer);
      if (error.success) return error.data.code === 'unknown_command' ? NOT_YET : error.data.message;
      const event = eventsAnswerSchema.safeParse(answer);
      if (!event.success) return 'the daemon does not answer: it does not know this request';
      if (event.data.type === 'event') write(event.data.event);
    }
    return ended.signal.aborted ? null : 'the daemon has ended, or lets nobody follow that doesn’t read';
  } catch (error) {
    return ended.signal.aborted ? null : `the daemon does not answer: ${messageOf(error)}`;
  } finally {
    stopLooking();
  }
}
