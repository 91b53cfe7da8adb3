import { moveRoute, objectRoute } from '../../contract/routes.ts';
import { JOB_ROWS } from '../../contract/rows/job.ts';
import { MOVE_ROWS } from '../../contract/rows/move.ts';
import { plainKeysOf, type Rows } from '../../contract/rows/row.ts';
import { WORKER_ROWS } from '../../contract/rows/worker.ts';
import type { StateReader } from './state-reader.ts';

/**
 * What to clear, given a topic of a job's, slot's or move's object that the broker has retained: nothing where it is
 * current, else all topics of it, the object's last, since it is what this is found by.
 */
export function staleTopics(base: string, topic: string, reader: StateReader): string[] {
  const move = moveRoute(base, topic);
  if (move !== undefined) return reader.moveView(move) === undefined ? allOf(topic, MOVE_ROWS) : [];
  const route = objectRoute(base, topic);
  if (!route) return [];
  const { job, slot } = route;
  const current =
    slot === null
      ? reader.jobView(job) !== undefined
      : reader.slots(job).includes(slot) && reader.jobView(job) !== undefined;
  if (current) return [];
  return allOf(topic, slot === null ? JOB_ROWS : WORKER_ROWS);
}

function allOf(topic: string, rows: Rows): string[] {
  return [...plainKeysOf<Rows>(rows).map((key) => `${topic}/${key}`), topic];
}
