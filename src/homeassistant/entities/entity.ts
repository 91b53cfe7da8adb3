import type { EntityOptions } from '../../contract/rows/entity.ts';

/** The platforms of Home Assistant's MQTT integration that are used here. */
export type Platform =
  | 'binary_sensor'
  | 'button'
  | 'device_automation'
  | 'event'
  | 'number'
  | 'sensor'
  | 'switch';

/** What Home Assistant has to know to read states and send commands, as it names it. */
export interface EntityForm extends EntityOptions {
  options?: readonly string[];
  event_types?: readonly string[];
  value_template?: string;
  json_attributes_template?: string;
  state_on?: string;
  state_off?: string;
  payload_on?: string;
  payload_off?: string;
  payload_press?: string;
  min?: number;
  step?: number;
  mode?: 'box';
  availability?: readonly [];
}

/** A row of a table of entities. */
export interface Entity extends EntityForm {
  /** Unique in its device, for ever, and never of another platform. */
  key: string;
  platform: Exclude<Platform, 'device_automation'>;
  /** Shown behind the device's name. */
  name: string;
  /** Where its state is, below the device's topic; '' is that topic itself. */
  state?: string;
  /** Where its commands go, below the device's topic. */
  command?: string;
  /** It is there only where this is set up. */
  needs?: 'energy';
  /** It is there only where this says so, beside the bridge: a topic below the device's, and what makes `online` of it. */
  availableWhere?: { state: string; template: string };
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

/** A button; it sends `1`, which is how many workers `do/start` starts. */
export function button(key: string, name: string, command: string, options: EntityOptions): Entity {
  return { key, platform: 'button', name, command, payload_press: '1', ...options };
}

/** What can be set, and what is only shown. */
export function bySettable(entities: readonly Entity[]): { settings: Entity[]; shown: Entity[] } {
  const isSetting = ({ command }: Entity) => command !== undefined;
  return {
    settings: entities.filter(isSetting),
    shown: entities.filter((entity) => !isSetting(entity)),
  };
}

/** A topic below another one; '' is that topic itself. */
export function below(root: string, rest: string): string {
  return root === '' || rest === '' ? root + rest : `${root}/${rest}`;
}
