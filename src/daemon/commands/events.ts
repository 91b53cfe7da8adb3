import type { Answer } from '../../contract/commands.ts';
import type { EventsQuery } from '../../contract/event-query.ts';
import type { KeptEvent } from '../../engine/model/kept-event.ts';
import type { State } from '../../engine/model/state.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import type { EventLog } from '../events/event-log.ts';
import { findEvents } from '../events/find-events.ts';

export interface EventAnswersOptions {
  events: Pick<EventLog, 'past'>;
  state: Pick<State, 'jobs'>;
  log: Logger;
}

/** Answers which events there were; one question after the other, since each reads the whole file. */
export function createEventAnswers({
  events,
  state,
  log,
}: EventAnswersOptions): (query: EventsQuery) => Promise<Answer> {
  let before: Promise<unknown> = Promise.resolve();
  const look = async (query: EventsQuery): Promise<Answer> => {
    try {
      const found: KeptEvent[] = [];
      for await (const event of findEvents(events.past(), query)) {
        found.push(event);
        if (found.length > query.limit) found.shift();
      }
      if (found.length === 0 && query.job !== null && !state.jobs.has(query.job))
        return failure('unknown_job', `there is no job '${query.job}', and no event of one`);
      return { status: 'ok', data: { events: found } };
    } catch (error) {
      log.error(`events.jsonl can't be read: ${messageOf(error)}`);
      return failure('internal', `events.jsonl can't be read: ${messageOf(error)}`);
    }
  };
  return (query) => {
    const answer = before.then(() => look(query));
    before = answer;
    return answer;
  };
}

function failure(code: 'unknown_job' | 'internal', message: string): Answer {
  return { status: 'error', error: { code, message, path: null } };
}
