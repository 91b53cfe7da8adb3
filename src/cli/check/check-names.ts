import { type JobDefinition, STARTUP_EVENT } from '../../config/schema/job.ts';
import { didYouMean } from '../../config/suggestions.ts';
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

/**
 * Jobs whose chains somebody has to begin by hand: they start on names alone that only jobs fire of which none begins by
 * itself either. Such a chain is no mistake, but ends for good where a worker finds no place.
 */
export function jobsBegunByHand(jobs: Jobs): string[] {
  const fired = Object.values(jobs).flatMap(namesFiredHere);
  const heard = Object.values(jobs).flatMap(({ starts }) => starts.map(({ on }) => on));
  // Names that come by themselves, or from elsewhere, at first.
  const coming = new Set<string>([STARTUP_EVENT, ...heard.filter((name) => !fired.includes(name))]);
  let waiting = Object.entries(jobs).filter(([, { enabled }]) => enabled);
  for (;;) {
    const begin = waiting.filter(
      ([, { keep_running, starts }]) => keep_running || starts.some(({ on }) => coming.has(on)),
    );
    if (begin.length === 0) break;
    waiting = waiting.filter((each) => !begin.includes(each));
    for (const [, job] of begin)
      for (const name of job.emit_events ? namesFiredHere(job) : []) coming.add(name);
  }
  return waiting.filter(([, { starts }]) => starts.length > 0).map(([id]) => id);
}
