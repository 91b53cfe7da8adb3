import type { CardConfig, HomeAssistant } from '../homeassistant.ts';

/** Offered for any entity of a worker: its job's timeline. */
export function suggestionFor(hass: HomeAssistant, entityId: string): { config: CardConfig } | null {
  const attributes = hass.states[entityId]?.attributes;
  const isWorker = attributes !== undefined && 'worker' in attributes && 'dest_dir' in attributes;
  return isWorker ? { config: { type: 'custom:plot2mqtt-timeline-card' } } : null;
}
