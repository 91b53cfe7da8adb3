import * as z from 'zod';
import type { ErrorAnswer, Request } from '../../control/protocol.ts';
import type { State } from '../../engine/model/state.ts';
import type { PastLines } from '../../storage/event-file.ts';
import { hidden, type Secrets } from '../commands/hidden.ts';
import type { EventLog } from './event-log.ts';
import { findEvents } from './find-events.ts';

const askedSchema = z.looseObject({ job: z.string().nullish(), since: z.iso.datetime().nullish() });

export interface FollowedEvents {
  events: Pick<EventLog, 'past' | 'follow'>;
  state: Pick<State, 'jobs'>;
  secrets: Secrets;
}

/**
 * Answers `events` on the daemon's socket: an answer for each event from now on, until the one who asked goes; with
 * `since` first those since then that are kept. What is past ends where what comes begins, so that none is missed and
 * none comes twice.
 */
export function answerEvents(
  { events, state, secrets }: FollowedEvents,
  request: Request,
  closed: AbortSignal,
): AsyncIterable<object> | ErrorAnswer {
  const asked = askedSchema.safeParse(request);
  if (!asked.success)
    return failure('invalid_payload', '"job" is the id of a job, "since" a time in UTC, ISO 8601');
  const { job = null, since = null } = asked.data;
  if (job !== null && since === null && !state.jobs.has(job)) return unknown(job);
  const live = events.follow(closed);
  const past = since === null ? null : events.past();
  const inOrder = async function* (): AsyncGenerator<object> {
    yield { type: 'events' };
    let count = 0;
    if (past !== null)
      for await (const event of findEvents(past, { job, since: Date.parse(since ?? '') })) {
        count += 1;
        yield { type: 'event', event };
      }
    if (job !== null && count === 0 && !state.jobs.has(job)) return yield unknown(job);
    for await (const event of live) if (job === null || event.job === job) yield { type: 'event', event };
  };
  return masked(inOrder(), past, secrets);
}

async function* masked(answers: AsyncIterable<object>, past: PastLines | null, secrets: Secrets) {
  try {
    for await (const answer of answers) yield hidden(answer, secrets);
  } finally {
    past?.close();
  }
}

function unknown(job: string): ErrorAnswer {
  return failure('unknown_job', `there is no job '${job}'`);
}

function failure(code: ErrorAnswer['code'], message: string): ErrorAnswer {
  return { type: 'error', code, message };
}
