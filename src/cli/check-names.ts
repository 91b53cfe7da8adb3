import { type JobDefinition, STARTUP_EVENT } from '../config/schema/job.ts';
import { didYouMean } from '../config/suggestions.ts';
import type { Misfit } from './check-job.ts';

type Jobs = Readonly<Record<string, JobDefinition>>;

/** The names that a job fires here, not at another daemon. */
function namesFiredHere({ events }: JobDefinition): string[] {
  return events.filter(({ at }) => at === undefined).map(({ fire }) => fire);
}

/** Names on which a job starts and that no job fires: only somebody over MQTT can (contract, section 8). */
export function checkNames(jobs: Jobs): Misfit[] {
  const fired = Object.values(jobs).flatMap(namesFiredHere);
  return Object.entries(jobs).flatMap(([id, job]) =>
    job.starts.flatMap(({ on }, index): Misfit[] => {
      if (on === STARTUP_EVENT || fired.includes(on)) return [];
      const message = `job '${id}': no job fires '${on}', only somebody over MQTT could${didYouMean(on, [...new Set(fired)])}`;
      return [{ path: ['jobs', id, 'starts', index, 'on'], at: 'value', message, warning: true }];
    }),
  );
}

/** Jobs of which no worker starts by itself: no event starts them, and they don't keep running. */
export function checkThatStart(jobs: Jobs): Misfit[] {
  return Object.entries(jobs).flatMap(([id, { enabled, keep_running, starts }]): Misfit[] => {
    if (!enabled || keep_running || starts.length > 0) return [];
    const message = `job '${id}': nothing starts its workers but a start by hand: give it "starts", or "keep_running: true"`;
    return [{ path: ['jobs', id], at: 'key', message, warning: true }];
  });
}

/**
 * The names that a job fires and on which none starts: others may listen, so that is no mistake. What starts at another
 * daemon nobody knows here.
 */
export function namesUnheard(job: JobDefinition, jobs: Jobs): string[] {
  const heard = Object.values(jobs).flatMap(({ starts }) => starts.map(({ on }) => on));
  return [...new Set(namesFiredHere(job))].filter((name) => !heard.includes(name));
}
