import { describe, expect, it } from 'vitest';
import { BLOCKED_REASONS } from '../../../src/contract/events.ts';
import { PUBLISHED_KINDS, type PublishedKind, publishedTopic } from '../../../src/contract/published.ts';
import { EVENT_TYPES } from '../../../src/contract/rows/events.ts';
import { FARM_ROWS } from '../../../src/contract/rows/farm.ts';
import { topics } from '../../../src/contract/topics.ts';
import { MOVE_ROWS } from '../../../src/contract/rows/move.ts';
import { MOVE_STATES } from '../../../src/contract/moves.ts';
import { JOB_STATES, WORKER_STATUSES } from '../../../src/contract/views.ts';
import type { Document } from '../../../src/homeassistant/device-document.ts';
import { commandOf } from '../../../src/mqtt/commands/command-table.ts';
import { filterMatches } from '../../../src/mqtt/filter-matches.ts';
import { readPayload } from '../../../src/mqtt/commands/payloads.ts';
import { blank, jobView, workerView } from '../mqtt/support/fixture.ts';
import { render } from './jinja.ts';
import { isObject, RESERVED_EVENT_KEYS } from './rules.ts';

import {
  BRIDGE,
  type Component,
  componentsOf,
  everyComponent,
  FRAME,
  JOB,
  MOVE,
  PATHS,
  read,
  UNLIMITED_JOB,
  WORKER,
} from './samples.ts';

const T = topics(FRAME.base);

/** The topic of a kind, of the job and slot that the samples are of. */
const topicOf = (kind: PublishedKind) =>
  `${FRAME.base}/${publishedTopic(kind).path}`
    .replace('<job>', 'nightly-1')
    .replace('<slot>', '2')
    .replace('<move>', 'farm');

describe('topics', () => {
  const published = PUBLISHED_KINDS.filter((kind) => kind !== 'jobEvent' && kind !== 'moveEvent')
    .map((kind) => topicOf(kind))
    .concat(EVENT_TYPES.map((type) => T.jobEvent('nightly-1', type)))
    .concat(EVENT_TYPES.map((type) => T.moveEvent('farm', type)));

  it.each(everyComponent)('%s is told on topics that the daemon publishes', (_key, component) => {
    const filters = ['state_topic', 'json_attributes_topic', 'topic'].flatMap((key) => component[key] ?? []);
    for (const filter of filters)
      expect(published.some((topic) => filterMatches(String(filter), topic))).toBe(true);
    expect(filters.length > 0 || component.platform === 'button').toBe(true);
  });

  const sends: Record<string, (component: Component) => unknown[]> = {
    button: ({ payload_press }) => [payload_press],
    number: ({ min, max }) => [min, max],
    switch: ({ payload_on, payload_off }) => [payload_on, payload_off],
  };
  const MEANT: readonly [string, object][] = [
    ['/move/', { move: 'farm' }],
    ['/farm/set/', { type: 'set_farm' }],
    ['/farm/hold/', { job: null }],
    ['/job/', { job: 'nightly-1' }],
  ];
  const commanding = everyComponent.filter(([, component]) => 'command_topic' in component);

  it.each(commanding)('%s commands what the daemon understands', (_key, component) => {
    const topic = String(component.command_topic);
    expect(T.commandFilters.some((filter) => filterMatches(filter, topic))).toBe(true);
    const read = commandOf(topic.slice(FRAME.base.length + 1));
    const payloads = sends[String(component.platform)]?.(component) ?? [];
    expect(payloads.length).toBeGreaterThan(0);
    for (const payload of payloads)
      expect(read(readPayload(Buffer.from(String(payload))))).toMatchObject(
        MEANT.find(([part]) => topic.includes(part))?.[1] ?? {},
      );
  });
});

const NOW = '2026-11-23T10:00:00.000Z';
const LONG = `"}}'\n{{ 1 }} ${'ü'.repeat(300)}`;
const PLOT = '/mnt/farm/plot-k32.plot';

const JOB_VIEWS = [
  jobView('nightly-1'),
  ...JOB_STATES.map((state) => jobView('nightly-1', { state })),
  ...BLOCKED_REASONS.map((blocked_reason) => jobView('nightly-1', { blocked_reason })),
  jobView('nightly-1', {
    ...{ enabled: false, paused: true, max_workers: 1000, plots_to_do: 1_000_000, plots_done: 7 },
    ...{ plots_remaining: 0, workers: 3, progress: 99.9, eta: NOW, last_plot: PLOT, last_plot_at: NOW },
    ...{ last_plot_duration_s: 25_474.123, average_plot_duration_s: 0.5, failures: 2, last_error: LONG },
    ...{ last_plot_kwh: 1.234_567, average_plot_kwh: 0, pending: 2, next_start_at: NOW },
    ...{ holds: ['pause', 'cheap-power'], waiting_for: 'paused', waiting_text: LONG },
  }),
  jobView('nightly-1', { last_error: '', last_plot: LONG }),
];
const WORKER_VIEWS = [
  workerView(),
  ...WORKER_STATUSES.map((status) => workerView({ status })),
  workerView({
    ...{ worker: 'w', paused: true, stage: '3.2', stage_title: LONG, progress: 41.5, pid: 1, plot: PLOT },
    ...{ plot_id: 'x', started_at: NOW, eta: NOW, error: LONG, phase: '3', phase_title: 'Copying "it"' },
    ...{ run: 'r', cause: { kind: 'manual', event: null, seq: null }, temp_dir: '/tmp', dest_dir: '/d' },
  }),
];
const ACTIVE = { plot: PLOT, from: '/stage "1"', to: '/mnt/farm', size: 10 ** 11, progress: 45.67 };
const MOVE_VIEWS = [
  ...MOVE_STATES.map((state) => ({ ...blank(MOVE_ROWS), state })),
  {
    ...blank(MOVE_ROWS),
    ...{ failures: 1, bytes_per_s: 180_000_000, last_error: LONG },
    active: [
      { ...ACTIVE, bytes_per_s: 9, eta: NOW },
      { ...ACTIVE, bytes_per_s: null, eta: null },
    ],
  },
];
const STATS = [
  { workers: 0, plots_done: 0, plots_today: 0 },
  { workers: 4, plots_done: 10 ** 9, plots_today: 3 },
];
const DISKS = PATHS.map((path) => ({ role: 'temp', path, free_bytes: 10 ** 12, total_bytes: 10 ** 13 }));
const FILE_SYSTEM = { total_bytes: 10 ** 13, used_percent: 90, reserved_bytes: 0, full_at: NOW, state: 'ok' };
const FILE_SYSTEMS = [
  { filesystems: [] },
  { filesystems: PATHS.map((path) => ({ ...FILE_SYSTEM, path, free_bytes: 10 ** 12 })) },
  {
    filesystems: PATHS.map((path) => ({
      ...{ path, free_bytes: null, total_bytes: null, used_percent: null, reserved_bytes: null },
      ...{ full_at: null, state: 'read_only' },
    })),
  },
];
const HOSTS = [
  { cpu_percent: null, load: [0, 0, 0], memory_used_mib: null, memory_total_mib: null, disks: [] },
  { cpu_percent: 12.3, load: [1, 2, 3], memory_used_mib: 1, memory_total_mib: 2, disks: DISKS },
  {
    ...{ cpu_percent: 100, load: [1, 2, 3], memory_used_mib: 1, memory_total_mib: 2 },
    disks: [...DISKS, ...DISKS].map((disk) => ({ ...disk, free_bytes: null })),
  },
];

const HEALTHS = ['ok', 'failing'].map((storage) => ({ storage, started_at: NOW, mqtt_dropped: 7 }));
const FARMS = [
  { energy_kwh: null, cost: null },
  {
    ...{ problems: ['a "b"'], old_plots: 3, replot_eta: NOW, last_end_at: NOW, max_workers: 0 },
    holds: ['pause', 'cheap-power'].map((name) => ({ name, reason: LONG, since: NOW })),
  },
  { energy_kwh: 0.000_001, cost: 12_345.678_9, plots_per_day: 1234 },
].map((each) => ({ ...blank(FARM_ROWS), ...each }));

/** The least that comes on the topic of an object; what there may be several of is cleared when it goes. */
const LEAST = PUBLISHED_KINDS.flatMap((kind): [topic: string, payloads: string[]][] => {
  const { path, rows } = publishedTopic(kind);
  if (!rows) return [];
  return [[topicOf(kind), [JSON.stringify(blank(rows)), ...(path.includes('<') ? [''] : [])]]];
});

/** What else may come. */
const PAYLOADS: [topic: string, payloads: string[]][] = [
  [T.bridgeState, ['online', 'offline']],
  [T.single('bridgeStats'), STATS.map((each) => JSON.stringify(each))],
  [T.single('host'), HOSTS.map((each) => JSON.stringify(each))],
  [T.single('fileSystems'), FILE_SYSTEMS.map((each) => JSON.stringify(each))],
  [T.single('bridgeHealth'), HEALTHS.map((each) => JSON.stringify(each))],
  [T.single('farm'), FARMS.map((each) => JSON.stringify(each))],
  [T.job('nightly-1'), JOB_VIEWS.map((each) => JSON.stringify(each))],
  [T.worker('nightly-1', 2), WORKER_VIEWS.map((each) => JSON.stringify(each))],
  [T.move('farm'), MOVE_VIEWS.map((each) => JSON.stringify(each))],
];

/** Whether Home Assistant takes a rendered value without a warning; `None` is no value, on every platform. */
function fits(component: Component, value: string): boolean {
  const { platform, device_class, options, unit_of_measurement, state_class, min, max } = component;
  if (value === 'None') return platform !== 'binary_sensor';
  if (platform === 'switch') return [component.state_on, component.state_off].includes(value);
  if (platform === 'binary_sensor') return [component.payload_on, component.payload_off].includes(value);
  if (platform === 'number')
    return /^\d+$/.test(value) && Number(value) >= Number(min) && Number(value) <= Number(max);
  if (device_class === 'enum') return Array.isArray(options) && options.includes(value);
  if (device_class === 'timestamp')
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
  if (unit_of_measurement !== undefined || state_class !== undefined) return /^-?\d+(\.\d+)?$/.test(value);
  return [...value].length <= 255;
}

describe('templates', () => {
  const telling = everyComponent.filter(([, { platform }]) =>
    ['sensor', 'binary_sensor', 'switch', 'number'].includes(String(platform)),
  );

  it.each(telling)('%s fits its entity, whatever comes', (_key, component) => {
    const payloads = [...PAYLOADS, ...LEAST].flatMap(([topic, all]) =>
      topic === component.state_topic ? all : [],
    );
    expect(payloads.length).toBeGreaterThan(1);
    const template = String(component.value_template ?? '{{ value }}');
    for (const payload of payloads) {
      const value = render(template, payload);
      expect(fits(component, value), `${payload} → ${value}`).toBe(true);
      if (component.json_attributes_template !== undefined)
        expect(isObject(JSON.parse(render(String(component.json_attributes_template), payload)))).toBe(true);
    }
  });

  it('tell problems, and what they are', () => {
    const shows = (document: Document, key: string, payload: object) => {
      const { value_template, json_attributes_template = '{}' } = read(document).components[key] ?? {};
      const [value, attributes] = [value_template, json_attributes_template].map((template) =>
        render(String(template), JSON.stringify(payload)),
      );
      return [value, JSON.parse(String(attributes))];
    };
    const farm = (problems: string[]) => ({ ...blank(FARM_ROWS), problems });
    expect(shows(BRIDGE, 'problem', farm([]))).toEqual(['False', { problems: [] }]);
    expect(shows(BRIDGE, 'problem', farm(['x "y"']))).toEqual(['True', { problems: ['x "y"'] }]);
    expect(shows(BRIDGE, 'state_files', { storage: 'ok' })).toEqual(['False', {}]);
    expect(shows(BRIDGE, 'state_files', { storage: 'failing' })).toEqual(['True', {}]);
    const job = { waiting_text: 'no room' };
    expect(shows(JOB, 'problem', { ...job, blocked_reason: 'none' })).toEqual(['False', { text: null }]);
    expect(shows(JOB, 'problem', { ...job, blocked_reason: 'dest_full' })).toEqual([
      'True',
      { text: 'no room' },
    ]);
  });

  it('tell which holds stand', () => {
    const holds = [{ name: 'cheap-power', reason: null }];
    const shows = (key: string, farm: object) =>
      render(String(read(BRIDGE).components[key]?.value_template), JSON.stringify(farm));
    expect(shows('hold_cheap-power', { holds })).toBe('True');
    expect(shows('pause', { holds })).toBe('False');
    expect(shows('held_by', { holds })).toBe('cheap-power');
    expect(shows('held_by', { holds: [] })).toBe('none');
    const { name, command_topic, default_entity_id } = read(BRIDGE).components['hold_cheap-power'] ?? {};
    expect([name, command_topic, default_entity_id]).toEqual([
      ...['Expensive "power"', T.farmHold('cheap-power'), 'switch.farm_zuri_1_hold_cheap_power'],
    ]);
  });

  it('show what is meant', () => {
    const value = (document: Document, key: string, payload: object) =>
      render(String(read(document).components[key]?.value_template), JSON.stringify(payload));
    const busy = JOB_VIEWS.at(-2) ?? {};
    expect(value(JOB, 'enabled', busy)).toBe('False');
    expect(value(JOB, 'paused', busy)).toBe('True');
    expect(value(JOB, 'running_workers', busy)).toBe('3');
    expect(value(JOB, 'progress', busy)).toBe('99');
    expect(value(JOB, 'held_by', busy)).toBe('pause, cheap-power');
    expect(value(JOB, 'held_by', jobView('x', { holds: [] }))).toBe('none');
    expect(value(JOB, 'max_workers', jobView('x', { max_workers: 0 }))).toBe('None');
    // Of a job without a limit the plain topic says it, as it is.
    const { state_topic, value_template } = read(UNLIMITED_JOB).components.max_workers ?? {};
    expect([state_topic, value_template]).toEqual([`${T.job('nightly-1')}/max_workers`, undefined]);
    expect(value(WORKER, 'phase', WORKER_VIEWS.at(-1) ?? {})).toBe('Copying "it"');
    expect(value(JOB, 'last_plot', busy)).toBe(PLOT);
    expect(value(JOB, 'last_error', busy)).toBe([...LONG].slice(0, 255).join(''));
    expect(value(JOB, 'eta', jobView('x'))).toBe('None');
    expect(value(WORKER, 'started', WORKER_VIEWS.at(-1) ?? {})).toBe(NOW);
    expect(value(WORKER, 'stage', WORKER_VIEWS.at(-1) ?? {})).toBe('3.2');
    const moving = MOVE_VIEWS.at(-1) ?? {};
    expect(value(MOVE, 'problem', moving)).toBe('True');
    expect(value(MOVE, 'problem', { ...blank(MOVE_ROWS), state: 'blocked', failures: 0 })).toBe('True');
    expect(value(MOVE, 'problem', { ...blank(MOVE_ROWS), state: 'idle', failures: 0 })).toBe('False');
    expect(value(MOVE, 'files_moving', moving)).toBe('2');
    // As large as room is shown: MiB beside GiB.
    expect(value(MOVE, 'speed', moving)).toBe('171.7');
    const template = String(read(MOVE).components.state?.json_attributes_template);
    const active = { ...ACTIVE, progress: 45 };
    expect(JSON.parse(render(template, JSON.stringify(moving)))).toEqual({ active: [active, active] });
    expect(value(WORKER, 'problem', workerView())).toBe('False');
    expect(value(WORKER, 'problem', workerView({ waits: true, error: 'no room' }))).toBe('True');
    const { problem } = read(WORKER).components;
    expect(render(String(problem?.value_template), '')).toBe('False');
    const shown = JSON.stringify(workerView({ waits: true, error: 'no room' }));
    expect(JSON.parse(render(String(problem?.json_attributes_template), shown))).toEqual({ text: 'no room' });
    for (const [key] of componentsOf(BRIDGE).filter(([each]) => each.startsWith('free_space'))) {
      expect(value(BRIDGE, key, FILE_SYSTEMS[0] ?? {})).toBe('None');
      expect(value(BRIDGE, key, FILE_SYSTEMS[1] ?? {})).toBe('931.3');
      expect(value(BRIDGE, key, FILE_SYSTEMS[2] ?? {})).toBe('None');
      const { availability, json_attributes_template } = read(BRIDGE).components[key] ?? {};
      const [, there] = Array.isArray(availability) ? availability : [];
      const isThere = (all = {}) => render(String(there.value_template), JSON.stringify(all));
      expect(FILE_SYSTEMS.map(isThere)).toEqual(['offline', 'online', 'online']);
      expect(there.topic).toBe(T.single('fileSystems'));
      const attributes = render(String(json_attributes_template), JSON.stringify(FILE_SYSTEMS[1]));
      expect(JSON.parse(attributes)).toEqual({
        reserved_bytes: 0,
        total_bytes: 10 ** 13,
        state: 'ok',
        disk_state: 'ok',
      });
    }
    expect(value(BRIDGE, 'used_mnt_farm', FILE_SYSTEMS[1] ?? {})).toBe('90');
    expect(value(BRIDGE, 'full_at_mnt_farm', FILE_SYSTEMS[1] ?? {})).toBe(NOW);
  });

  const isListed = (event: Component | undefined, type: string) =>
    Array.isArray(event?.event_types) && event.event_types.includes(type);

  it.each(EVENT_TYPES)('%s is an event of the entities, or none', (type) => {
    const payload = JSON.stringify({ id: '1-1', seq: 1, at: NOW, type, event_type: type, job: 'nightly-1' });
    const [bridge, job] = [read(BRIDGE).components, read(JOB).components];
    for (const event of [bridge.event, job.event, job.stage_event]) {
      const rendered = render(String(event?.value_template), payload);
      expect(rendered).toBe(isListed(event, type) ? payload : '');
    }
    for (const key of RESERVED_EVENT_KEYS) expect(payload).not.toContain(`"${key}"`);
  });
});
