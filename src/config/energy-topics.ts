import type { Finding } from './problems.ts';
import { sectionOf } from './references.ts';
import { baseTopicIn } from './targets.ts';

/** Power and price don't come from this daemon itself. */
export function checkEnergyTopics(config: unknown): Finding[] {
  const energy = sectionOf(config, 'energy');
  const base = baseTopicIn(config);
  return ['power_topic', 'price_topic'].flatMap((key): Finding[] => {
    const topic = energy[key];
    if (typeof topic !== 'string' || !(topic === base || topic.startsWith(`${base}/`))) return [];
    const message = `lies inside this daemon's own base topic, '${base}': nobody else publishes there`;
    return [{ path: ['energy', key], at: 'value', message }];
  });
}
