import type { Answer } from '../../contract/commands.ts';
import type { EventsQuery } from '../../contract/event-query.ts';
import type { KeptEvent } from '../../engine/model/kept-event.ts';
import type { State } from '../../engine/model/state.ts';
import type { Logger } from '../../util/log.ts';
import type { EventLog } from '../events/event-log.ts';
import { findEvents } from '../events/find-events.ts';
import { answerInTurn } from './in-turn.ts';

export interface EventAnswersOptions {
  events: Pick<EventLog, 'past'>;
  state: Pick<State, 'jobs'>;
  log: Logger;
}

/** Answers which events there were. */
export function createEventAnswers({
  events,
  state,
  log,
}: EventAnswersOptions): (query: EventsQuery) => Promise<Answer> {
  return answerInTurn({ what: 'events.jsonl', nothing: 'no event of one', state, log }, async (query) => {
    const found: KeptEvent[] = [];
    for await (const event of findEvents(events.past(), query)) {
      found.push(event);
      if (found.length > query.limit) found.shift();
    }
    return { data: { events: found }, isEmpty: found.length === 0 };
  });
}
