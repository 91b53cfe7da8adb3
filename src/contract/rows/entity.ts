/**
 * How Home Assistant shows a key, as plain data in its own words
 * (https://www.home-assistant.io/integrations/mqtt/). Templates and topics are made from it in src/homeassistant.
 */
export interface EntityRow extends EntityOptions {
  /** A switch or number sets the key, too. */
  platform: 'sensor' | 'binary_sensor' | 'switch' | 'number';
  /** Unique in its device, for ever, and never of another platform; default: the row's key. */
  key?: string;
  /** Shown behind the device's name. */
  name: string;
  /** Of a binary sensor: another key of the same object, either of which turns it on. */
  also?: string;
  /**
   * What is shown of a value: the head or tail of a text that may be longer than a state, a number without its digits, or
   * bytes in MiB.
   */
  shows?: 'head' | 'tail' | 'whole' | 'mebibytes';
  /** Its attributes, each with the key of the same object that it shows. */
  attributes?: Readonly<Record<string, string>>;
  /** It is there only where this is set up. */
  needs?: 'energy';
}

/** Options of an entity, as Home Assistant names them. */
export interface EntityOptions {
  device_class?: string;
  state_class?: 'measurement' | 'total' | 'total_increasing';
  unit_of_measurement?: string;
  suggested_display_precision?: number;
  icon?: string;
  entity_category?: 'config' | 'diagnostic';
  enabled_by_default?: boolean;
  /** Of a number; it begins at 0. */
  max?: number;
}

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
export const PLOTS_A_DAY = {
  unit_of_measurement: 'plots/d',
  state_class: 'measurement',
  icon: 'mdi:speedometer',
} as const;
/** No state class: it changes all the time, and its long-term statistics say nothing. Each change is a row: whole ones. */
export const PROGRESS = { shows: 'whole', unit_of_measurement: '%', icon: 'mdi:progress-clock' } as const;
export const SECONDS = {
  device_class: 'duration',
  unit_of_measurement: 's',
  state_class: 'measurement',
  suggested_display_precision: 0,
} as const;
export const CONFIG = { entity_category: 'config' } as const;
export const DIAGNOSTIC = { entity_category: 'diagnostic' } as const;
/** Noisy or technical: whoever wants it enables it. */
export const AT_FIRST_DISABLED = { enabled_by_default: false } as const;
