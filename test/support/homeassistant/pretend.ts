import { connectAsync } from 'mqtt';
import { onTestFinished } from 'vitest';
import { parseUniqueId } from '../../../homeassistant/card/model/ids.ts';
import type { Farm } from '../card/farm.ts';

/** What Home Assistant has to know of some keys, beside their topics. */
const FORMS: Readonly<Record<string, object>> = {
  eta: { device_class: 'timestamp' },
  progress: { unit_of_measurement: '%' },
  plots_done: { unit_of_measurement: 'plots', state_class: 'total_increasing' },
  plots_today: { unit_of_measurement: 'plots', state_class: 'total_increasing' },
  running_workers: { unit_of_measurement: 'workers' },
  plots_per_day: { unit_of_measurement: 'plots/d', state_class: 'measurement' },
  average_plot_duration: { device_class: 'duration', unit_of_measurement: 's', state_class: 'measurement' },
  speed: { unit_of_measurement: 'MB/s', state_class: 'measurement' },
  files_waiting: { unit_of_measurement: 'files' },
  max_workers: { max: 1000, mode: 'box' },
  plots_to_do: { max: 1_000_000, mode: 'box' },
  problem: { device_class: 'problem' },
  connection: { device_class: 'connectivity' },
  event: { event_types: ['event_fired', 'worker_end', 'worker_failed'] },
};
const ICONS: Readonly<Record<string, string>> = {
  plots_done: 'mdi:harddisk-plus',
  plots_today: 'mdi:harddisk-plus',
  running_workers: 'mdi:account-hard-hat',
  start_worker: 'mdi:play',
  dismiss_all: 'mdi:stop',
  reset: 'mdi:restore',
  plots_per_day: 'mdi:speedometer',
  pause: 'mdi:pause-circle-outline',
  paused: 'mdi:pause-circle-outline',
  enabled: 'mdi:robot',
  drain: 'mdi:tray-arrow-down',
  max_workers: 'mdi:account-multiple',
  plots_to_do: 'mdi:counter',
  progress: 'mdi:progress-clock',
  files_waiting: 'mdi:tray-full',
  speed: 'mdi:speedometer',
};
/** Attributes that are no attributes to MQTT. */
const OWN = new Set(['options', 'unit_of_measurement', 'named']);
const COMMANDED = new Set(['switch', 'number', 'button']);

/**
 * Publishes a farm that never was as a daemon does, by device documents and retained states: in Home Assistant it is
 * there as any other, without days of plotting.
 */
export async function pretend(farm: Farm, url: string): Promise<void> {
  const client = await connectAsync(url);
  onTestFinished(async () => client.endAsync());
  const send = (topic: string, value: unknown) =>
    client.publishAsync(topic, typeof value === 'string' ? value : JSON.stringify(value), {
      qos: 1,
      retain: true,
    });
  for (const device of farm.devices) {
    const components: Record<string, object> = {};
    for (const { entity_id, unique_id, device_id, original_name } of farm.entities) {
      const key = parseUniqueId(unique_id)?.key;
      if (device_id !== device.id || key === undefined) continue;
      const [platform = '', name = ''] = entity_id.split('.');
      const { state = '', attributes = {} } = farm.states[entity_id] ?? {};
      const topic = `pretend/${name}`;
      components[key] = {
        ...{ platform, unique_id, default_entity_id: entity_id, name: original_name, state_topic: topic },
        ...{ json_attributes_topic: `${topic}/attributes`, icon: ICONS[key] },
        ...(COMMANDED.has(platform) && { command_topic: `${topic}/set` }),
        ...(Array.isArray(attributes.options) && { device_class: 'enum', options: attributes.options }),
        ...(attributes.unit_of_measurement !== undefined && {
          unit_of_measurement: attributes.unit_of_measurement,
        }),
        ...(platform === 'switch' && { state_on: 'on', state_off: 'off' }),
        ...(platform === 'binary_sensor' && { payload_on: 'on', payload_off: 'off' }),
        ...FORMS[key],
      };
      if (platform === 'event' || platform === 'button') continue;
      await send(topic, state === 'unknown' ? 'None' : state);
      const said = Object.entries(attributes).filter(([attribute]) => !OWN.has(attribute));
      await send(`${topic}/attributes`, Object.fromEntries(said));
    }
    await send(`homeassistant/device/${device.id.replace(/\W/g, '_')}/config`, {
      device: { identifiers: [device.id], name: device.name, manufacturer: 'plot2mqtt' },
      ...{ origin: { name: 'plot2mqtt' }, components },
    });
  }
}
