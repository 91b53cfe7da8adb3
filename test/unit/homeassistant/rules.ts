/** Home Assistant's rules for device documents (2025.10 and later), as a list of what is wrong. */

type Json = Record<string, unknown>;

const ROOT = ['device', 'origin', 'components', 'availability', 'qos'];
const DEVICE = ['identifiers', 'name', 'manufacturer', 'model', 'sw_version', 'via_device'];
const ORIGIN = ['name', 'sw_version', 'support_url'];

/** What a component needs beside its platform. */
const REQUIRED: Record<string, readonly string[]> = {
  binary_sensor: ['state_topic'],
  button: ['command_topic'],
  device_automation: ['automation_type', 'topic', 'type', 'subtype'],
  event: ['state_topic', 'event_types'],
  number: ['command_topic', 'state_topic', 'min', 'max'],
  sensor: ['state_topic'],
  switch: ['command_topic', 'state_topic'],
};

const COMMON = [
  ...['platform', 'unique_id', 'default_entity_id', 'name', 'icon', 'entity_category', 'value_template'],
  ...[
    'availability',
    'availability_mode',
    'device_class',
    'json_attributes_topic',
    'json_attributes_template',
    'enabled_by_default',
  ],
];
const OPTIONAL: Record<string, readonly string[]> = {
  binary_sensor: ['payload_on', 'payload_off'],
  button: ['payload_press'],
  device_automation: [],
  event: [],
  number: ['step', 'mode', 'unit_of_measurement'],
  sensor: ['state_class', 'unit_of_measurement', 'suggested_display_precision', 'options'],
  switch: ['payload_on', 'payload_off', 'state_on', 'state_off'],
};

const UNITS: Record<string, readonly string[]> = {
  energy: ['Wh', 'kWh', 'MWh'],
  duration: ['d', 'h', 'min', 's', 'ms', 'μs'],
  data_rate: [
    ...['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'],
    ...['B/s', 'kB/s', 'MB/s', 'GB/s', 'KiB/s', 'MiB/s', 'GiB/s'],
  ],
  data_size: ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'],
};
const WITHOUT_UNIT = ['enum', 'timestamp', 'date'];
/** Which state classes go with a device class, where not all do (homeassistant/components/sensor/const.py). */
const STATE_CLASSES: Record<string, readonly string[]> = {
  energy: ['total', 'total_increasing'],
  monetary: ['total'],
};
const DEVICE_CLASSES: Record<string, readonly string[]> = {
  binary_sensor: ['connectivity', 'problem'],
  sensor: [...Object.keys(UNITS), ...WITHOUT_UNIT, 'monetary'],
};
/** Keys of an event's payload that would overwrite the entity's own attributes. */
export const RESERVED_EVENT_KEYS = ['event_types', 'icon', 'device_class', 'entity_id', 'friendly_name'];

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function problemsOf(topic: string, payload: string): string[] {
  const problems: string[] = [];
  const no = (what: string) => problems.push(`${topic}: ${what}`);
  if (!/^[^+#]+\/device\/[a-zA-Z0-9_-]+\/config$/.test(topic)) no('the topic is none of device discovery');
  const document: unknown = JSON.parse(payload);
  if (!isObject(document)) return [...problems, 'no object'];
  for (const key of Object.keys(document)) if (!ROOT.includes(key)) no(`unknown key at the root: ${key}`);
  const { device, origin, components, availability, qos } = document;
  if (qos !== 1) no('commands would come with QoS 0');
  if (!isObject(device) || !isObject(origin) || !isObject(components))
    return [...problems, `${topic}: a part is missing`];
  for (const key of Object.keys(device)) if (!DEVICE.includes(key)) no(`unknown key of the device: ${key}`);
  for (const key of Object.keys(origin)) if (!ORIGIN.includes(key)) no(`unknown key of the origin: ${key}`);
  if (typeof device.name !== 'string' || device.name === '') no('a device without a name');
  if (!Array.isArray(device.identifiers) || device.identifiers.length === 0)
    no('a device without identifiers');
  if (typeof origin.name !== 'string') no('an origin without a name');
  if (!Array.isArray(availability) || availability.length === 0) no('availability is a list');
  for (const [key, component] of Object.entries(components)) {
    if (isObject(component)) for (const what of problemsOfComponent(component)) no(`${key}: ${what}`);
    else no(`${key}: no object`);
  }
  return problems;
}

function problemsOfComponent(component: Json): string[] {
  const problems: string[] = [];
  const no = (what: string) => problems.push(what);
  const { platform, unique_id, default_entity_id } = component;
  if (typeof platform !== 'string') return ['no platform'];
  const required = REQUIRED[platform];
  if (!required) return [`unknown platform ${platform}`];
  for (const key of required) if (!(key in component)) no(`${key} is missing`);
  if (platform === 'device_automation') return problems;
  for (const key of Object.keys(component))
    if (![...COMMON, ...required, ...(OPTIONAL[platform] ?? [])].includes(key)) no(`unknown key ${key}`);
  if (typeof unique_id !== 'string') no('no unique id');
  if (
    typeof default_entity_id !== 'string' ||
    !new RegExp(`^${platform}\\.[a-z0-9_]{1,240}$`).test(default_entity_id)
  )
    no(`default entity id ${String(default_entity_id)}`);
  if (typeof component.name !== 'string') no('no name');
  if ('device_class' in component && !DEVICE_CLASSES[platform]?.includes(String(component.device_class)))
    no(`device class ${String(component.device_class)}`);
  if (!('device_class' in component) && !('icon' in component)) no('neither a device class nor an icon');
  const categories = platform === 'sensor' || platform === 'binary_sensor' ? ['diagnostic'] : ['config'];
  if ('entity_category' in component && !categories.includes(String(component.entity_category)))
    no(`category ${String(component.entity_category)}`);
  return [...problems, ...(platform === 'sensor' ? problemsOfSensor(component) : [])];
}

function problemsOfSensor(sensor: Json): string[] {
  const { device_class, state_class, unit_of_measurement: unit, options, name } = sensor;
  const wordy = WITHOUT_UNIT.includes(String(device_class));
  const units = UNITS[String(device_class)];
  const wrong: [boolean, string][] = [
    [wordy && unit !== undefined, 'a unit where there is no number'],
    [wordy && state_class !== undefined, 'a state class where there is no number'],
    [units !== undefined && !units.includes(String(unit)), `unit ${String(unit)} of ${String(device_class)}`],
    [(device_class === 'enum') !== Array.isArray(options), 'options and enum belong together'],
    [Array.isArray(options) && options.length === 0, 'no options'],
    [
      state_class !== undefined &&
        !['measurement', 'total', 'total_increasing'].includes(String(state_class)),
      'state class',
    ],
    [
      state_class !== undefined &&
        STATE_CLASSES[String(device_class)]?.includes(String(state_class)) === false,
      `state class ${String(state_class)} of ${String(device_class)}`,
    ],
    [/progress/i.test(String(name)) && state_class !== undefined, 'statistics of progress'],
  ];
  return wrong.filter(([is]) => is).map(([, what]) => what);
}
