import { STARTUP_EVENT } from '../../config/schema/job.ts';
import { requestStarts } from '../starting/starts.ts';
import { workerCount } from '../model/state.ts';
import type { Turn } from '../transaction.ts';

/** Tells the named events of this step and asks every job that starts on them for its workers. */
export function dispatchFired(turn: Turn): void {
  for (let fired = turn.fired.shift(); fired; fired = turn.fired.shift()) {
    turn.tell('event_fired', fired.about, { name: fired.name, source: fired.source });
    for (const job of [...turn.state.jobs.values()])
      for (const start of job.definition.starts)
        if (start.on === fired.name) requestStarts(turn, job, start.workers);
  }
}

/** Fires `@startup` for the jobs that have no worker now, so that an upgrade in mid-plot adds none. */
export function fireStartup(turn: Turn): void {
  const without = [...turn.state.jobs.values()].filter((job) => workerCount(turn.state, job.id) === 0);
  const starting = without.flatMap((job) =>
    job.definition.starts.filter((start) => start.on === STARTUP_EVENT).map((start) => ({ job, start })),
  );
  if (starting.length > 0) turn.tell('event_fired', null, { name: STARTUP_EVENT, source: 'daemon' });
  for (const { job, start } of starting) requestStarts(turn, job, start.workers);
}
