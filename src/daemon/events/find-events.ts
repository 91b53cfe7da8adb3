import type { EventsQuery } from '../../contract/event-query.ts';
import type { KeptEvent } from '../../engine/model/kept-event.ts';
import { eventOf } from './event-log.ts';

/** The events among these lines that are asked for, oldest first. */
export async function* findEvents(
  lines: AsyncIterable<string>,
  { job, since }: Pick<EventsQuery, 'job' | 'since'>,
): AsyncGenerator<KeptEvent> {
  for await (const line of lines) {
    // Most lines are about others: those needn't be parsed.
    if (job !== null && !line.includes(`"${job}"`)) continue;
    const event = eventOf(line);
    if (event === null || (job !== null && event.job !== job)) continue;
    if (since === null || Date.parse(event.at) >= since) yield event;
  }
}
