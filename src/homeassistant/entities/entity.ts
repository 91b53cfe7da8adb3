/** The platforms of Home Assistant's MQTT integration that are used here. */
export type Platform =
  | 'binary_sensor'
  | 'button'
  | 'device_automation'
  | 'event'
  | 'number'
  | 'sensor'
  | 'switch';

/** Options of an entity, as Home Assistant names them. */
export interface EntityOptions {
  device_class?: string;
  state_class?: 'measurement' | 'total_increasing';
  unit_of_measurement?: string;
  suggested_display_precision?: number;
  options?: readonly string[];
  event_types?: readonly string[];
  icon?: string;
  entity_category?: 'config' | 'diagnostic';
  value_template?: string;
  json_attributes_template?: string;
  state_on?: string;
  state_off?: string;
  payload_on?: string;
  payload_off?: string;
  payload_press?: string;
  min?: number;
  max?: number;
  step?: number;
  mode?: 'box';
  availability?: readonly [];
}

/** A row of a table of entities. */
export interface Entity extends EntityOptions {
  /** Unique in its device, for ever, and never of another platform. */
  key: string;
  platform: Exclude<Platform, 'device_automation'>;
  /** Shown behind the device's name. */
  name: string;
  /** Where its state is, below the device's topic; '' is that topic itself. */
  state?: string;
  /** Where its commands go, below the device's topic. */
  command?: string;
}

/** A device trigger: shown as `"<subtype>" <type>` in Home Assistant's editor. */
export interface Trigger {
  key: string;
  platform: 'device_automation';
  /** Below the device's topic. */
  topic: string;
  type: string;
  subtype: string;
}

/** A sensor; its state is on the device's own topic unless told otherwise. */
export function sensor(
  key: string,
  name: string,
  value_template: string,
  options: EntityOptions & Pick<Entity, 'state'> = {},
): Entity {
  return { key, platform: 'sensor', name, state: '', value_template, ...options };
}

/** A switch for a field that can be set: its key is the field. */
export function flag(key: string, name: string, value_template: string, options: EntityOptions): Entity {
  return {
    key,
    platform: 'switch',
    name,
    state: '',
    command: `set/${key}`,
    value_template,
    ...BOOLEAN,
    ...options,
  };
}

/** A number for a field that can be set, from 0 to `max`. */
export function limit(
  key: string,
  name: string,
  value_template: string,
  max: number,
  options: EntityOptions,
): Entity {
  const range = { min: 0, max, step: 1, mode: 'box' } as const;
  return {
    key,
    platform: 'number',
    name,
    state: '',
    command: `set/${key}`,
    value_template,
    ...range,
    ...options,
  };
}

/** A button; it sends `1`, which is how many workers `do/start` starts. */
export function button(key: string, name: string, command: string, options: EntityOptions): Entity {
  return { key, platform: 'button', name, command, payload_press: '1', ...options };
}

/** How JSON's booleans render, and what commands take. */
const BOOLEAN = { state_on: 'True', state_off: 'False', payload_on: 'ON', payload_off: 'OFF' } as const;

/** A sensor that is one of a few words. */
export const oneOf = (options: readonly string[]) => ({ device_class: 'enum', options });

export const TIMESTAMP = { device_class: 'timestamp' } as const;
export const WORKERS = {
  unit_of_measurement: 'workers',
  state_class: 'measurement',
  icon: 'mdi:account-hard-hat',
} as const;
export const PLOTS = {
  unit_of_measurement: 'plots',
  state_class: 'total_increasing',
  icon: 'mdi:harddisk-plus',
} as const;
/** No state class: it changes all the time, and its long-term statistics say nothing. */
export const PROGRESS = { unit_of_measurement: '%', icon: 'mdi:progress-clock' } as const;
export const SECONDS = {
  device_class: 'duration',
  unit_of_measurement: 's',
  state_class: 'measurement',
  suggested_display_precision: 0,
} as const;
export const CONFIG = { entity_category: 'config' } as const;
export const DIAGNOSTIC = { entity_category: 'diagnostic' } as const;
