import { objectRoute } from '../contract/routes.ts';
import { JOB_ROWS } from '../contract/rows/job.ts';
import { plainKeysOf, type Rows } from '../contract/rows/row.ts';
import { WORKER_ROWS } from '../contract/rows/worker.ts';
import type { StateReader } from './state-reader.ts';

/**
 * What to clear, given a topic of a job's or slot's object that the broker has retained: nothing where it is
 * current, else all topics of it, the object's last, since it is what this is found by.
 */
export function staleTopics(base: string, topic: string, reader: StateReader): string[] {
  const route = objectRoute(base, topic);
  if (!route) return [];
  const { job, slot } = route;
  const current =
    slot === null
      ? reader.jobView(job) !== undefined
      : reader.slots(job).includes(slot) && reader.jobView(job) !== undefined;
  if (current) return [];
  const keys = plainKeysOf<Rows>(slot === null ? JOB_ROWS : WORKER_ROWS);
  return [...keys.map((key) => `${topic}/${key}`), topic];
}
