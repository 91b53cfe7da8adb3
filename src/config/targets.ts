import { areInEachOther } from '../contract/topics.ts';
import { isObject } from '../util/objects.ts';
import type { Finding } from './problems.ts';
import { sectionOf } from './references.ts';
import { DEFAULT_BASE_TOPIC } from './schema/mqtt.ts';

/** The base topic that a written configuration gives this daemon. */
export function baseTopicIn(config: unknown): string {
  const { base_topic } = sectionOf(config, 'mqtt');
  return typeof base_topic === 'string' ? base_topic : DEFAULT_BASE_TOPIC;
}

/** Why no named event can be fired at this base topic by a daemon on that one; `undefined`: it can. */
export function targetProblem(at: string, base: string): string | undefined {
  if (at === base) return "is this daemon's own base topic: without 'at' the event fires here";
  if (!areInEachOther(at, base)) return undefined;
  const place = at.startsWith(base) ? 'inside' : 'above';
  return `lies ${place} this daemon's own base topic, '${base}': no other daemon can be there`;
}

/** Named events that jobs fire at no other daemon. */
export function checkTargets(config: unknown): Finding[] {
  const base = baseTopicIn(config);
  return Object.entries(sectionOf(config, 'jobs')).flatMap(([id, job]) =>
    listOf(isObject(job) ? job.events : undefined).flatMap((bound, index): Finding[] => {
      const at = isObject(bound) ? bound.at : undefined;
      const message = typeof at === 'string' ? targetProblem(at, base) : undefined;
      return message === undefined
        ? []
        : [{ path: ['jobs', id, 'events', index, 'at'], at: 'value', message }];
    }),
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
