import { describe, expect, it } from 'vitest';
import { BLOCKED_REASONS, EVENT_TYPES } from '../../../src/engine/events.ts';
import { JOB_STATES, WORKER_STATUSES } from '../../../src/engine/views.ts';
import {
  bridgeDocument,
  type Document,
  jobDocument,
  workerDocument,
} from '../../../src/homeassistant/documents.ts';
import { ghostDocument } from '../../../src/homeassistant/ghosts.ts';
import { commandOf } from '../../../src/mqtt/command-table.ts';
import { readPayload } from '../../../src/mqtt/payloads.ts';
import { filterMatches, topics } from '../../../src/mqtt/topics.ts';
import { jobView, workerView } from '../mqtt/support/fixture.ts';
import { render } from './jinja.ts';
import { isObject, problemsOf, RESERVED_EVENT_KEYS } from './rules.ts';

const FRAME = { prefix: 'homeassistant', base: 'farm/Züri-1', instance: 'abc123', version: '1.2.3' };
const PATHS = ['/', '/mnt/farm', '/mnt/farm-1', '/mnt/farm_1', '/mnt/Farm', `/mnt/{{ "a" }} 'b' \\ %} ü`];

const BRIDGE = bridgeDocument(FRAME, PATHS);
const JOB = jobDocument(FRAME, 'nightly-1', 'Nightly "plots"');
const WORKER = workerDocument(FRAME, 'nightly-1', 'Nightly "plots"', 2);
const ALL = { bridge: BRIDGE, job: JOB, worker: WORKER };

type Component = Record<string, unknown>;

function read(document: Document) {
  const { device, components }: { device: Component; components: Record<string, Component> } = JSON.parse(
    document.payload(true),
  );
  return { device, components };
}

function componentsOf(document: Document): [key: string, component: Component][] {
  return Object.entries(read(document).components);
}

const everyComponent = Object.values(ALL).flatMap(componentsOf);

describe('documents', () => {
  it.each(Object.entries(ALL))('of the %s keep to the rules', (_kind, document) => {
    expect(problemsOf(document.topic, document.payload(true))).toEqual([]);
    expect(problemsOf(document.topic, document.payload(false))).toEqual([]);
  });

  it('are found out where they break them', () => {
    const { device, components } = read(WORKER);
    const broken = {
      ...{ device: { ...device, colour: 'red' }, origin: {}, qos: 1, '~': 'x', availability: [] },
      components: { ...components, stage: { ...components.stage, options: ['a'], unit_of_measurement: 's' } },
    };
    expect(problemsOf('homeassistant/device/a b/config', JSON.stringify(broken))).toHaveLength(6);
  });

  it('name devices by what they are, and link them', () => {
    const parts = { manufacturer: 'plot2mqtt' };
    expect(read(BRIDGE).device).toEqual({
      ...{ ...parts, identifiers: ['plot2mqtt__abc123__bridge'], name: 'farm/Züri-1', model: 'Bridge' },
      sw_version: '1.2.3',
    });
    expect(read(JOB).device).toEqual({
      ...{
        ...parts,
        identifiers: ['plot2mqtt__abc123__job__nightly-1'],
        name: 'Nightly "plots"',
        model: 'Job',
      },
      via_device: 'plot2mqtt__abc123__bridge',
    });
    expect(read(WORKER).device).toEqual({
      ...{ ...parts, identifiers: ['plot2mqtt__abc123__job__nightly-1__worker__2'], model: 'Worker' },
      ...{ name: 'Nightly "plots" worker 2', via_device: 'plot2mqtt__abc123__job__nightly-1' },
    });
    expect(JSON.parse(JOB.payload(false)).device).not.toHaveProperty('via_device');
  });

  it('stand on topics of their own, whatever the base topic', () => {
    expect(Object.values(ALL).map(({ topic }) => topic)).toEqual([
      'homeassistant/device/plot2mqtt__abc123__bridge/config',
      'homeassistant/device/plot2mqtt__abc123__job__nightly-1/config',
      'homeassistant/device/plot2mqtt__abc123__job__nightly-1__worker__2/config',
    ]);
    const moved = { ...FRAME, base: 'elsewhere' };
    const ids = (document: Document) => componentsOf(document).map(([, { unique_id }]) => unique_id);
    expect(jobDocument(moved, 'nightly-1', 'x').topic).toBe(JOB.topic);
    expect(ids(jobDocument(moved, 'nightly-1', 'x'))).toEqual(ids(JOB));
  });

  it('have entity ids of the base topic, the job, the slot and the key', () => {
    const { components } = read(JOB);
    expect(components.eta?.default_entity_id).toBe('sensor.farm_zuri_1_nightly_1_eta');
    expect(read(WORKER).components.paused?.default_entity_id).toBe(
      'switch.farm_zuri_1_nightly_1_worker_2_paused',
    );
    expect(read(BRIDGE).components.free_space_mnt_farm?.default_entity_id).toBe(
      'sensor.farm_zuri_1_free_space_mnt_farm',
    );
    for (const [key, { platform, default_entity_id }] of everyComponent)
      if (platform !== 'device_automation')
        expect(default_entity_id).toMatch(new RegExp(`^${String(platform)}\\.farm_zuri_1_.*${key}$`));
  });

  it('have each id once', () => {
    for (const id of ['unique_id', 'default_entity_id']) {
      const ids = everyComponent.map(([, component]) => component[id]).filter((each) => each !== undefined);
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(componentsOf(BRIDGE).filter(([key]) => key.startsWith('free_space'))).toHaveLength(PATHS.length);
  });

  it('say of each component which platform it has', () => {
    for (const document of Object.values(ALL))
      expect(document.components).toEqual(
        Object.fromEntries(componentsOf(document).map(([key, { platform }]) => [key, platform])),
      );
  });

  it('list what the states can be', () => {
    const job = read(JOB).components;
    expect(job.state?.options).toEqual(JOB_STATES);
    expect(job.blocked_reason?.options).toEqual(BLOCKED_REASONS);
    expect(read(WORKER).components.status?.options).toEqual(WORKER_STATUSES);
    expect(job.event?.event_types).toEqual(EVENT_TYPES.filter((type) => type !== 'progress'));
    expect(job.max_workers).toMatchObject({ min: 0, max: 1000, step: 1, mode: 'box' });
    expect(job.plots_to_do).toMatchObject({ min: 0, max: 1_000_000, step: 1, mode: 'box' });
  });
});

describe('a device of which only the keys are known', () => {
  it.each(Object.entries(ALL))('is made again for a moment as it was: %s', (_kind, document) => {
    const ghost = ghostDocument(FRAME, document.topic, document.components, null);
    expect(ghost.components).toEqual(document.components);
    expect(problemsOf(ghost.topic, ghost.payload(true))).toEqual([]);
    const wanted = read(document).components;
    for (const [key, { unique_id, default_entity_id, unit_of_measurement, type }] of componentsOf(ghost))
      expect(wanted[key]).toMatchObject(
        JSON.parse(JSON.stringify({ unique_id, default_entity_id, unit_of_measurement, type })),
      );
  });

  it('has also components that there are no more, beside those that there are', () => {
    const lost = { old: 'number', gone: 'device_automation' };
    const ghost = ghostDocument(FRAME, JOB.topic, lost, JOB);
    expect(Object.keys(ghost.components)).toHaveLength(Object.keys(JOB.components).length + 2);
    expect(read(ghost).components.old).toMatchObject({ unique_id: 'plot2mqtt__abc123__job__nightly-1__old' });
    expect(read(ghost).device).toEqual(read(JOB).device);
  });
});

describe('platforms of components, for ever the same', () => {
  // Another platform under a key that was published would leave both entities behind: never change a line here.
  it.each([
    [
      'bridge',
      BRIDGE,
      'binary_sensor:connection sensor:running_workers,plots_done,plots_today,cpu,memory event:event',
    ],
    [
      'job',
      JOB,
      'switch:enabled,paused,emit_events number:max_workers,plots_to_do sensor:state,blocked_reason,plots_done,' +
        'plots_remaining,running_workers,progress,eta,last_plot,last_plot_duration,average_plot_duration,failures,' +
        'last_error button:start_worker,dismiss_all,reset event:event ' +
        'device_automation:trigger_job_end,trigger_job_blocked,trigger_worker_end,trigger_worker_failed',
    ],
    ['worker', WORKER, 'sensor:status,stage,progress,started,eta,plot button:dismiss switch:paused'],
  ])('of the %s', (_kind, document, expected) => {
    const wanted = expected.split(' ').flatMap((group) => {
      const [platform = '', keys = ''] = group.split(':');
      return keys.split(',').map((key) => [key, platform]);
    });
    const fixed = Object.entries(document.components).filter(([key]) => !key.startsWith('free_space'));
    expect(Object.fromEntries(fixed)).toEqual(Object.fromEntries(wanted));
  });
});

const T = topics(FRAME.base);

describe('topics', () => {
  const published = [
    ...[T.bridgeState, T.bridgeStats, T.host, T.event, T.job('nightly-1'), T.worker('nightly-1', 2)],
    ...EVENT_TYPES.map((type) => T.jobEvent('nightly-1', type)),
  ];

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
  const commanding = everyComponent.filter(([, component]) => 'command_topic' in component);

  it.each(commanding)('%s commands what the daemon understands', (_key, component) => {
    const topic = String(component.command_topic);
    expect(T.commandFilters.some((filter) => filterMatches(filter, topic))).toBe(true);
    const read = commandOf(topic.slice(FRAME.base.length + 1));
    const payloads = sends[String(component.platform)]?.(component) ?? [];
    expect(payloads.length).toBeGreaterThan(0);
    for (const payload of payloads)
      expect(read(readPayload(Buffer.from(String(payload))))).toHaveProperty('job', 'nightly-1');
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
  }),
  jobView('nightly-1', { last_error: '', last_plot: LONG }),
];
const WORKER_VIEWS = [
  workerView(),
  ...WORKER_STATUSES.map((status) => workerView({ status })),
  workerView({
    ...{ worker: 'w', paused: true, stage: '3.2', stage_title: LONG, progress: 41.5, pid: 1, plot: PLOT },
    ...{ plot_id: 'x', started_at: NOW, eta: NOW, error: LONG },
  }),
];
const STATS = [
  { workers: 0, plots_done: 0, plots_today: 0 },
  { workers: 4, plots_done: 10 ** 9, plots_today: 3 },
];
const DISKS = PATHS.map((path) => ({ role: 'temp', path, free_bytes: 10 ** 12, total_bytes: 10 ** 13 }));
const HOSTS = [
  { cpu_percent: null, load: [0, 0, 0], memory_used_mib: null, memory_total_mib: null, disks: [] },
  { cpu_percent: 12.3, load: [1, 2, 3], memory_used_mib: 1, memory_total_mib: 2, disks: DISKS },
  {
    ...{ cpu_percent: 100, load: [1, 2, 3], memory_used_mib: 1, memory_total_mib: 2 },
    disks: [...DISKS, ...DISKS].map((disk) => ({ ...disk, free_bytes: null })),
  },
];

/** Everything that may come on a topic; each is cleared when its device goes, too. */
const PAYLOADS: [topic: string, payloads: string[]][] = [
  [T.bridgeState, ['online', 'offline']],
  [T.bridgeStats, STATS.map((each) => JSON.stringify(each))],
  [T.host, HOSTS.map((each) => JSON.stringify(each))],
  [T.job('nightly-1'), ['', ...JOB_VIEWS.map((each) => JSON.stringify(each))]],
  [T.worker('nightly-1', 2), ['', ...WORKER_VIEWS.map((each) => JSON.stringify(each))]],
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
    const payloads = PAYLOADS.find(([topic]) => topic === component.state_topic)?.[1] ?? [];
    expect(payloads.length).toBeGreaterThan(1);
    const template = String(component.value_template ?? '{{ value }}');
    for (const payload of payloads) {
      const value = render(template, payload);
      expect(fits(component, value), `${payload} → ${value}`).toBe(true);
      if (component.json_attributes_template !== undefined)
        expect(isObject(JSON.parse(render(String(component.json_attributes_template), payload)))).toBe(true);
    }
  });

  it('show what is meant', () => {
    const value = (document: Document, key: string, payload: object) =>
      render(String(read(document).components[key]?.value_template), JSON.stringify(payload));
    const busy = JOB_VIEWS.at(-2) ?? {};
    expect(value(JOB, 'enabled', busy)).toBe('False');
    expect(value(JOB, 'paused', busy)).toBe('True');
    expect(value(JOB, 'running_workers', busy)).toBe('3');
    expect(value(JOB, 'last_plot', busy)).toBe(PLOT);
    expect(value(JOB, 'last_error', busy)).toBe([...LONG].slice(0, 255).join(''));
    expect(value(JOB, 'eta', jobView('x'))).toBe('None');
    expect(value(WORKER, 'started', WORKER_VIEWS.at(-1) ?? {})).toBe(NOW);
    expect(value(WORKER, 'stage', WORKER_VIEWS.at(-1) ?? {})).toBe('3.2');
    for (const [key] of componentsOf(BRIDGE).filter(([each]) => each.startsWith('free_space'))) {
      expect(value(BRIDGE, key, HOSTS[0] ?? {})).toBe('None');
      expect(value(BRIDGE, key, HOSTS[1] ?? {})).toBe('931.3');
      expect(value(BRIDGE, key, HOSTS[2] ?? {})).toBe('None');
    }
  });

  it.each(EVENT_TYPES)('%s is an event of the entities, or none', (type) => {
    const payload = JSON.stringify({ id: '1-1', seq: 1, at: NOW, type, event_type: type, job: 'nightly-1' });
    for (const document of [BRIDGE, JOB]) {
      const { event } = read(document).components;
      const rendered = render(String(event?.value_template), payload);
      expect(rendered).toBe(type === 'progress' ? '' : payload);
      if (rendered !== '') expect(event?.event_types).toContain(type);
    }
    for (const key of RESERVED_EVENT_KEYS) expect(payload).not.toContain(`"${key}"`);
  });
});
