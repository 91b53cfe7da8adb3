import { expect, test } from 'vitest';
import { daemonsOf } from '../../../homeassistant/card/model/farm.ts';
import { parseUniqueId } from '../../../homeassistant/card/model/ids.ts';
import { roomOf, shares } from '../../../homeassistant/card/model/room.ts';
import { chosen, optionsOf } from '../../../homeassistant/card/options.ts';
import { deviceId, uniqueId, type Subject } from '../../../src/homeassistant/ids.ts';
import { cellar, farmOf } from '../../support/card/farm.ts';

const NOW = Date.parse('2026-11-26T20:00:00Z');

test.each<[Subject, string]>([
  [{ kind: 'bridge' }, 'event'],
  [{ kind: 'job', job: 'worker' }, 'plots_done'],
  [{ kind: 'worker', job: 'night-ly_1', slot: 12 }, 'status'],
  [{ kind: 'move', move: 'farm' }, 'state'],
])('what the daemon makes of %j and %s is read', (subject, key) => {
  const id = uniqueId(deviceId('abc123', subject), key);
  expect(parseUniqueId(id)).toEqual({ instance: 'abc123', subject, key });
});

test.each(['zigbee2mqtt__a__bridge__x', 'plot2mqtt', 'plot2mqtt__a__bridge', 'plot2mqtt__a__disk__b__c', ''])(
  'none of ours: %j',
  (id) => expect(parseUniqueId(id)).toBeUndefined(),
);

test('registries become daemons with jobs, slots in order, moves, disks', () => {
  const { entities, devices } = cellar(NOW);
  const [daemon, ...others] = daemonsOf(entities.reverse(), devices);
  expect(others).toEqual([]);
  expect(daemon).toMatchObject({ instance: 'plot2mqttid', baseTopic: 'plot2mqtt' });
  expect(daemon?.jobs.map(({ name, slots }) => [name, slots.map(({ slot }) => slot)])).toEqual([
    ['Cold storage', [1]],
    ['Fast plots', [1]],
    ['Nightly plots', [1, 2, 3, 4, 5]],
  ]);
  expect(daemon?.moves.map(({ name }) => name)).toEqual(['To the farm']);
  const paths = daemon?.disks.map(({ path }) => path) ?? [];
  expect(paths).toHaveLength(22);
  expect([paths[0], ...paths.slice(-3)]).toEqual(['/mnt/farm01', '/mnt/farm20', '/mnt/nvme1', '/mnt/nvme2']);
});

test('renamed entities and devices are found; disabled ones and those of others are not', () => {
  const { entities, devices } = farmOf(NOW, [{ id: 'a', title: 'A', slots: 1, hours: 1 }]);
  const renamed = entities.map((entity) => ({
    ...entity,
    entity_id: entity.entity_id.replace('plot2mqtt', 'x'),
  }));
  const [first] = renamed;
  if (!first) throw new Error('no entities');
  const others = [{ ...first, platform: 'demo', unique_id: 'plot2mqtt__z__bridge__event' }];
  const disabled = renamed.map((entity) =>
    entity.unique_id.endsWith('__worker__1__eta') ? { ...entity, disabled_by: 'integration' } : entity,
  );
  const named = devices.map((device) => ({ ...device, name_by_user: `My ${device.name}` }));
  const [daemon, ...more] = daemonsOf([...disabled, ...others], named);
  expect(more).toEqual([]);
  expect(daemon).toMatchObject({ name: 'My plot2mqtt', baseTopic: 'plot2mqtt', jobs: [{ name: 'My A' }] });
  const slot = daemon?.jobs[0]?.slots[0];
  expect(slot?.entities.get('status')).toMatch(/^sensor\.x_/);
  expect(slot?.entities.has('eta')).toBe(false);
});

test('options choose daemons by base topic and jobs by id', () => {
  const jobs = [
    { id: 'cpu-1', title: 'One', slots: 1, hours: 1 },
    { id: 'gpu', title: 'Two', slots: 1, hours: 1 },
  ];
  const farms = ['rig1', 'rig2'].map((base) => farmOf(NOW, jobs, base));
  const daemons = daemonsOf(
    farms.flatMap(({ entities }) => entities),
    farms.flatMap(({ devices }) => devices),
  );
  const ids = (options: object) =>
    chosen(daemons, optionsOf(options)).map(({ baseTopic, jobs }) => [baseTopic, jobs.map(({ id }) => id)]);
  expect(ids({})).toEqual([
    ['rig1', ['cpu-1', 'gpu']],
    ['rig2', ['cpu-1', 'gpu']],
  ]);
  // While somebody is about to type, the form has an empty one.
  expect(ids({ base_topic: [''], jobs: [''] })).toEqual(ids({}));
  expect(ids({ base_topic: 'rig2', jobs: ['cpu*'] })).toEqual([['rig2', ['cpu-1']]]);
});

test.each([{ hours: 0 }, { hours: '12' }, { hours: 1000 }, { disks: 'no' }, { jobs: [1] }, null])(
  'nonsense is refused: %j',
  (config) => expect(() => optionsOf(config)).toThrow(/is to be|no configuration/),
);

test('room in whatever unit the user has chosen', () => {
  const disk = { path: '/mnt/a', free: 'sensor.a', fullAt: null };
  const state = (state: string, attributes: object) => ({
    'sensor.a': { ...{ entity_id: 'sensor.a', state, last_changed: '' }, attributes: { ...attributes } },
  });
  const TB = { unit_of_measurement: 'TB', total_bytes: 8e12, reserved_bytes: 3e12, disk_state: 'ok' };
  const room = roomOf(state('2', TB), disk);
  expect(room).toMatchObject({ free: 2e12, total: 8e12, reserved: 3e12 });
  expect(shares(room)).toEqual({ used: 0.75, reserved: 0.25 });
  expect(roomOf(state('unavailable', TB), disk).free).toBeNull();
  expect(shares(roomOf(state('2', { unit_of_measurement: 'GiB' }), disk))).toBeNull();
});
