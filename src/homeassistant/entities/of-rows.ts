import type { Carrier } from '../../contract/rows/carriers.ts';
import type { EntityRow } from '../../contract/rows/entity.ts';
import type { Rows } from '../../contract/rows/row.ts';
import { attributes, flag, head, mebibytes, tail, value, whole } from '../templates.ts';
import { below, type Entity, type EntityForm } from './entity.ts';

/** The entities of rows whose object stands on `topic`, below the device's; '' is that topic itself. */
export function entitiesOf(topic: string, rows: Rows): Entity[] {
  return Object.entries(rows).flatMap(([key, { is, entity }]) =>
    entity ? [entityOf(topic, key, is, entity)] : [],
  );
}

function entityOf(topic: string, key: string, carrier: Carrier, row: EntityRow): Entity {
  const { platform, name, key: own = key, shows, also, attributes: names, needs, ...options } = row;
  return {
    key: own,
    platform,
    name,
    state: topic,
    ...(SETTABLE.has(platform) && { command: below(topic, `set/${key}`) }),
    value_template: templateOf(platform, key, { shows, also }),
    ...(names && { json_attributes_template: attributes(names) }),
    ...FORMS[platform](carrier),
    ...options,
    ...(needs && { needs }),
  };
}

function templateOf(
  platform: EntityRow['platform'],
  key: string,
  { shows, also }: { shows: EntityRow['shows']; also: EntityRow['also'] },
): string {
  if (platform === 'binary_sensor') return flag(key, also);
  return shows ? SHOWS[shows](key) : value(key);
}

const SETTABLE: ReadonlySet<EntityRow['platform']> = new Set(['switch', 'number']);
const SHOWS = { head, tail, whole, mebibytes } as const;

/** What a platform needs to know of what comes: JSON's booleans render as `True` and `False`. */
const FORMS: Readonly<Record<EntityRow['platform'], (carrier: Carrier) => EntityForm>> = {
  sensor: ({ words, isTime }) => {
    if (words) return { device_class: 'enum', options: words };
    return isTime ? { device_class: 'timestamp' } : {};
  },
  binary_sensor: () => ({ payload_on: 'True', payload_off: 'False' }),
  switch: () => ({ state_on: 'True', state_off: 'False', payload_on: 'ON', payload_off: 'OFF' }),
  number: () => ({ min: 0, max: 100, step: 1, mode: 'box' }),
};
