import type { CardConfig, HomeAssistant } from '../homeassistant.ts';

/** Offered for a worker's status: its job's timeline, or that of all where it makes nothing now. */
export function suggestionFor(hass: HomeAssistant, entityId: string): { config: CardConfig } | null {
  const attributes = hass.states[entityId]?.attributes;
  if (attributes === undefined || !('worker' in attributes && 'dest_dir' in attributes)) return null;
  // A worker's id is its job's, with when it started and a random part.
  const [, job] = /^(.+)-\w+-\w+$/.exec(String(attributes.worker)) ?? [];
  return { config: { type: 'custom:plot2mqtt-timeline-card', ...(job && { jobs: [job] }) } };
}
