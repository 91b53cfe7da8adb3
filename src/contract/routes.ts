import { JOB_KEYS, WORKER_KEYS } from './published.ts';
import { topics } from './topics.ts';

/** Whether a daemon retains something on a topic below its base topic. */
export function isRetained(base: string, topic: string): boolean {
  const { bridgeState, bridgeInfo, bridgeHealth, bridgeStats, host } = topics(base);
  if ([bridgeState, bridgeInfo, bridgeHealth, bridgeStats, host].includes(topic)) return true;
  if (objectRoute(base, topic)) return true;
  const end = topic.lastIndexOf('/');
  const route = objectRoute(base, topic.slice(0, end));
  const keys: readonly string[] = route?.slot === null ? JOB_KEYS : WORKER_KEYS;
  return route !== undefined && keys.includes(topic.slice(end + 1));
}

/** The job, or the slot of a job, whose object stands on a topic. */
export type ObjectRoute = { job: string; slot: number | null };

/** Parses `B/job/<job>` and `B/job/<job>/worker/<slot>`; anything else is `undefined`. */
export function objectRoute(base: string, topic: string): ObjectRoute | undefined {
  if (!topic.startsWith(`${base}/job/`)) return undefined;
  const [job, worker, slot, ...rest] = topic.slice(base.length + 5).split('/');
  if (job === undefined || job === '' || rest.length > 0) return undefined;
  if (worker === undefined) return { job, slot: null };
  const number = parseSlot(slot);
  return worker === 'worker' && number !== undefined ? { job, slot: number } : undefined;
}

/** Whether an object stands on a topic of ours, not one plain value. */
export function isObjectTopic(base: string, topic: string): boolean {
  const { bridgeInfo, bridgeHealth, bridgeStats, host } = topics(base);
  return (
    [bridgeInfo, bridgeHealth, bridgeStats, host].includes(topic) || objectRoute(base, topic) !== undefined
  );
}

/** A slot as it stands in a topic: a whole number from 1 on. */
export function parseSlot(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
