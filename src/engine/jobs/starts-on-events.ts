import { STARTUP_EVENT } from '../../config/schema/job.ts';
import { runCount } from '../model/state.ts';
import { requestStarts } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { fireElsewhere } from './remote-fires.ts';

/** Tells the named events of this step and asks every job that starts on them for its workers. */
export function dispatchFired(transaction: Transaction): void {
  for (let fired = transaction.fired.shift(); fired; fired = transaction.fired.shift()) {
    const { name, source, about, moment, target } = fired;
    const { on = null, stage = null, percent = null } = moment ?? {};
    const seq = transaction.tell('event_fired', about, { name, source, on, stage, percent, target });
    if (target !== null) {
      fireElsewhere(transaction, seq, { name, target });
      continue;
    }
    const cause = { kind: 'event', event: name, seq } as const;
    for (const job of [...transaction.state.jobs.values()])
      for (const start of job.definition.starts)
        if (start.on === name) requestStarts(transaction, job, start.workers, cause);
  }
}

/** Fires `@startup` for the jobs that have no worker now, so that an upgrade in mid-plot adds none. */
export function fireStartup(transaction: Transaction): void {
  const without = [...transaction.state.jobs.values()].filter(
    (job) => runCount(transaction.state, job.id) === 0,
  );
  const starting = without.flatMap((job) =>
    job.definition.starts.filter((start) => start.on === STARTUP_EVENT).map((start) => ({ job, start })),
  );
  if (starting.length === 0) return;
  const moment = { on: null, stage: null, percent: null, target: null };
  const seq = transaction.tell('event_fired', null, { name: STARTUP_EVENT, source: 'daemon', ...moment });
  const cause = { kind: 'startup', event: STARTUP_EVENT, seq } as const;
  for (const { job, start } of starting) requestStarts(transaction, job, start.workers, cause);
}
