import type { RegistryDevice, RegistryEntity } from '../homeassistant.ts';
import { disksOf, type Disk } from './disks.ts';
import { groupBy } from './group.ts';
import { type ParsedId, parseUniqueId } from './ids.ts';
import type { BridgeKey, JobKey, MoveKey, WorkerKey } from './keys.ts';

/** What is at one device. */
export interface Thing<Key extends string = string> {
  /** For the compiler alone: which of its entities are asked for. */
  readonly asked?: Key;
  /** As the user calls it. */
  name: string;
  deviceId: string | null;
  /** Entity ids by key, of those that are enabled. */
  entities: ReadonlyMap<string, string>;
}
export interface Slot extends Thing<WorkerKey> {
  slot: number;
}
export interface Job extends Thing<JobKey> {
  id: string;
  /** From the first on. */
  slots: readonly Slot[];
}
export interface Move extends Thing<MoveKey> {
  id: string;
}
/** One plot2mqtt: a host. */
export interface Daemon extends Thing<BridgeKey> {
  instance: string;
  /** `mqtt.base_topic`: what its device is called, whatever the user calls it. */
  baseTopic: string;
  jobs: readonly Job[];
  moves: readonly Move[];
  disks: readonly Disk[];
}

interface Found {
  id: ParsedId;
  entity: RegistryEntity;
}

/** All daemons that these registries know, by base topic; jobs and moves by name. */
export function daemonsOf(entities: readonly RegistryEntity[], devices: readonly RegistryDevice[]): Daemon[] {
  const found = entities.flatMap((entity): Found[] => {
    const id = entity.platform === 'mqtt' ? parseUniqueId(entity.unique_id) : undefined;
    return id && entity.disabled_by === null ? [{ id, entity }] : [];
  });
  const known = new Map(devices.map((device) => [device.id, device]));
  return [...groupBy(found, ({ id }) => id.instance)]
    .map(([instance, own]) => daemonOf(instance, own, known))
    .sort(by((daemon) => daemon.baseTopic));
}

type Devices = ReadonlyMap<string, RegistryDevice>;

function daemonOf(instance: string, found: readonly Found[], devices: Devices): Daemon {
  const bridge = found.filter(({ id }) => id.subject.kind === 'bridge');
  const thing = thingOf(bridge, devices, 'plot2mqtt');
  const original = thing.deviceId === null ? null : devices.get(thing.deviceId)?.name;
  return {
    ...thing,
    instance,
    baseTopic: original ?? thing.name,
    jobs: jobsOf(found, devices),
    moves: movesOf(found, devices),
    disks: disksOf(bridge.map(({ id, entity }) => ({ key: id.key, entity }))),
  };
}

function jobsOf(found: readonly Found[], devices: Devices): Job[] {
  const ofJobs = found.flatMap(({ id, entity }) =>
    id.subject.kind === 'job' || id.subject.kind === 'worker'
      ? [{ id, entity, job: id.subject.job, slot: id.subject.kind === 'worker' ? id.subject.slot : null }]
      : [],
  );
  return [...groupBy(ofJobs, ({ job }) => job)]
    .map(([id, own]) => {
      const bySlot = groupBy(own, ({ slot }) => slot);
      const slots = [...bySlot].flatMap(([slot, its]) =>
        slot === null ? [] : [{ ...thingOf(its, devices, `${id} ${slot}`), slot }],
      );
      return {
        ...thingOf(bySlot.get(null) ?? [], devices, id),
        id,
        slots: slots.sort((one, other) => one.slot - other.slot),
      };
    })
    .sort(by((job) => job.name));
}

function movesOf(found: readonly Found[], devices: Devices): Move[] {
  const ofMoves = found.flatMap(({ id, entity }) =>
    id.subject.kind === 'move' ? [{ id, entity, move: id.subject.move }] : [],
  );
  return [...groupBy(ofMoves, ({ move }) => move)]
    .map(([id, own]) => ({ ...thingOf(own, devices, id), id }))
    .sort(by((move) => move.name));
}

function thingOf(found: readonly Found[], devices: Devices, otherwise: string): Thing<never> {
  const deviceId = found[0]?.entity.device_id ?? null;
  const device = deviceId === null ? undefined : devices.get(deviceId);
  return {
    name: device?.name_by_user ?? device?.name ?? otherwise,
    deviceId,
    entities: new Map(found.map(({ id, entity }) => [id.key, entity.entity_id])),
  };
}

function by<Item>(text: (item: Item) => string): (one: Item, other: Item) => number {
  return (one, other) => text(one).localeCompare(text(other), undefined, { numeric: true });
}
