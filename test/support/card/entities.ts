import type { Entity } from '../../../src/homeassistant/entities/entity.ts';
import type { Rows } from '../../../src/contract/rows/row.ts';
import { entityIdPrefix, deviceId, type Subject, slug, uniqueId } from '../../../src/homeassistant/ids.ts';
import type {
  EntityState,
  RegistryDevice,
  RegistryEntity,
} from '../../../homeassistant/card/homeassistant.ts';

/** What an entity is at a moment. */
export interface Shown {
  state: string;
  attributes?: Record<string, unknown>;
}

/** Home Assistant's registries and states, filled in from the daemon's own tables of entities. */
export class Registries {
  readonly entities: RegistryEntity[] = [];
  readonly devices: RegistryDevice[] = [];
  readonly states: Record<string, EntityState> = {};
  readonly #base: string;
  readonly #at: string;

  constructor(base: string, now: number) {
    this.#base = base;
    this.#at = new Date(now).toISOString();
  }

  /** A device with these entities. One whose key nothing is said of is unknown, as a button is that nobody has pressed. */
  add(
    subject: Subject,
    name: string,
    table: readonly Entity[],
    shown: Readonly<Record<string, Shown | undefined>>,
  ): void {
    const device = deviceId(`${this.#base}id`, subject);
    this.devices.push({ id: device, name, name_by_user: null });
    const strange = Object.keys(shown).filter((key) => !table.some((entity) => entity.key === key));
    if (strange.length > 0) throw new Error(`the daemon has no such entities: ${strange.join(', ')}`);
    for (const entity of table)
      this.#entity(subject, device, entity, shown[entity.key] ?? { state: 'unknown' });
  }

  #entity(subject: Subject, device: string, entity: Entity, { state, attributes = {} }: Shown): void {
    const { key, name, unit_of_measurement, device_class, options } = entity;
    const entity_id = this.idOf(subject, entity);
    const isOff = entity.enabled_by_default === false;
    this.entities.push({
      ...{ entity_id, unique_id: uniqueId(device, key), platform: 'mqtt', device_id: device },
      ...{ disabled_by: isOff ? 'integration' : null, name: null, original_name: name },
    });
    if (isOff) return;
    const own = Object.entries({ unit_of_measurement, device_class, options }).filter(
      ([, value]) => value !== undefined,
    );
    this.states[entity_id] = {
      ...{ entity_id, state, last_changed: this.#at },
      attributes: { ...Object.fromEntries(own), ...attributes },
    };
  }

  /** The id that the daemon asks for. */
  idOf(subject: Subject, { key, platform }: Pick<Entity, 'key' | 'platform'>): string {
    return `${platform}.${entityIdPrefix(this.#base, subject)}_${slug(key)}`;
  }
}

/** What the entities of rows show of an object, as the templates of the daemon have it. */
export function shownOf(rows: Rows, view: Readonly<Record<string, unknown>>): Record<string, Shown> {
  return Object.fromEntries(
    Object.entries(rows).flatMap(([key, { entity }]): [string, Shown][] => {
      if (!entity) return [];
      const value = entity.also && view[entity.also] === true ? true : view[key];
      const attributes = Object.entries(entity.attributes ?? {}).map(([name, of]) => [name, view[of]]);
      const shown = entity.shows && typeof value === 'number' ? FIGURES[entity.shows]?.(value) : value;
      return [[entity.key ?? key, { state: textOf(shown), attributes: Object.fromEntries(attributes) }]];
    }),
  );
}

const FIGURES: Readonly<Record<string, (value: number) => number>> = {
  whole: Math.floor,
  mebibytes: (bytes) => Math.round((10 * bytes) / 2 ** 20) / 10,
};

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'unknown';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}
