import { expect, onTestFinished, test } from 'vitest';
import { FARM_ROWS } from '../../src/contract/rows/farm.ts';
import { HEALTH_ROWS } from '../../src/contract/rows/health.ts';
import { MOVE_ROWS } from '../../src/contract/rows/move.ts';
import {
  bridgeDocument,
  jobDocument,
  moveDocument,
  workerDocument,
} from '../../src/homeassistant/documents.ts';
import { startDaemon } from '../support/e2e/daemon.ts';
import { startHomeAssistant } from '../support/homeassistant/home.ts';
import { render } from '../unit/homeassistant/jinja.ts';
import { blank, jobView, workerView } from '../unit/mqtt/support/fixture.ts';

const FRAME = { prefix: 'homeassistant', base: 'b', instance: 'i', version: '1' };
const PATHS = ['/', '/mnt/farm', `/mnt/{{ "a" }} 'b' \\ %} ü 😀`];
const LONG = `"}}'\n{{ 1 }} ${'ü'.repeat(300)}`;

const STATS = [{ workers: 1, plots_done: 2, plots_today: 3 }];
const HOSTS = [null, 10 ** 12].map((free_bytes) => ({
  ...{ cpu_percent: free_bytes === null ? null : 12.5, memory_used_mib: 1 },
  load: [0.5, 1, 2],
}));
const FILE_SYSTEMS = [null, 10 ** 12].map((free_bytes) => ({
  filesystems: [...PATHS, ...PATHS].map((path) => ({
    ...{ path, free_bytes, total_bytes: 2 * 10 ** 12, used_percent: 50, reserved_bytes: 0 },
    ...{ full_at: null, state: 'ok' },
  })),
}));
const FARMS = [
  blank(FARM_ROWS),
  { ...blank(FARM_ROWS), holds: ['pause', 'x-y'].map((name) => ({ name })), problems: [LONG] },
];
const HEALTHS = ['ok', 'failing'].map((storage) => ({ ...blank(HEALTH_ROWS), storage }));
const JOBS = [
  jobView('j'),
  jobView('j', {
    enabled: false,
    progress: 0,
    last_error: LONG,
    last_plot: LONG,
    eta: '2026-11-23T10:00:00.000Z',
  }),
];
const WORKERS = [
  workerView(),
  workerView({
    ...{ stage: '3.2', stage_title: 'x "y"', progress: 41.5, plot: LONG, phase_title: 'A' },
    cause: { kind: 'event', event: 'next', seq: 3 },
  }),
];
const ACTIVE = {
  plot: LONG,
  from: '/a "b"',
  to: '/c',
  size: 100,
  progress: 45.67,
  bytes_per_s: null,
  eta: null,
};
const MOVES = [
  { ...blank(MOVE_ROWS), state: 'idle', failures: 0, active: [] },
  { ...blank(MOVE_ROWS), state: 'blocked', failures: 0, active: [ACTIVE, ACTIVE], bytes_per_s: 180_000_000 },
  { ...blank(MOVE_ROWS), state: 'moving', failures: 2, active: [ACTIVE] },
];
const EVENTS = ['progress', 'job_end'].map((event_type) => ({ event_type, job: 'j' }));

interface Component {
  value_template?: string;
  json_attributes_template?: string;
  availability?: { value_template?: string }[];
  state_topic?: string;
}

/** What comes on the topics that entities read. */
const MESSAGES: Record<string, (object | null)[]> = {
  'b/bridge/stats': STATS,
  'b/host': [...HOSTS, { cpu_percent: null, load: [0, 0, 0], memory_used_mib: null, disks: [] }],
  'b/host/filesystems': [...FILE_SYSTEMS, { filesystems: [] }, null],
  'b/farm': [...FARMS, null],
  'b/bridge/health': HEALTHS,
  'b/event': EVENTS,
  'b/job/j': [...JOBS, null],
  'b/job/j/event/+': EVENTS,
  'b/job/j/worker/1': [...WORKERS, null],
  'b/move/m': [...MOVES, null],
  'b/move/m/event/+': [],
};

/** Every template, with every message that it may meet; `null` is the message that clears a topic. */
const CASES = [
  bridgeDocument(FRAME, {
    holds: [{ name: 'x-y', title: 'X' }],
    fileSystems: [...PATHS, ...PATHS].map((path, place) => ({
      ...{ path: `/${place}${path}`, shown: path, nth: place < PATHS.length ? 0 : 1 },
    })),
  }),
  jobDocument(FRAME, 'j', { title: 'J', limited: true }),
  workerDocument(FRAME, 'j', { title: 'J', phases: ['A'] }, 1),
  moveDocument(FRAME, 'm', 'M'),
].flatMap((document) => {
  const { components }: { components: Record<string, Component> } = JSON.parse(document.payload(true));
  return Object.values(components).flatMap(
    ({ value_template, json_attributes_template, availability, state_topic = '' }) =>
      [value_template, json_attributes_template, availability?.[1]?.value_template].flatMap((template) =>
        template === undefined ? [] : (MESSAGES[state_topic] ?? []).map((message) => ({ template, message })),
      ),
  );
});

/** Home Assistant's own answer is a number, a list or the like where the text looks like one. */
function plain(result: unknown): string {
  if (result === null) return 'None';
  if (typeof result === 'boolean') return result ? 'True' : 'False';
  return typeof result === 'string' ? result : JSON.stringify(result);
}

function alike(one: string, other: string): boolean {
  return one === other || (one !== '' && Number(one) === Number(other)) || sameJson(one, other);
}

function sameJson(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return false;
  }
}

test('Home Assistant renders every template as the quick suite does', { timeout: 180_000 }, async () => {
  const daemon = await startDaemon();
  const home = await startHomeAssistant({ port: Number(new URL(daemon.url).port) });
  onTestFinished(() => home.destroy());
  expect(CASES.length).toBeGreaterThan(60);
  for (const { template, message } of CASES) {
    const value = message === null ? '' : JSON.stringify(message);
    const variables = message === null ? { value } : { value, value_json: message };
    const rendered = plain(await home.render(template, variables));
    const here = render(template, value).trim();
    expect(alike(rendered.trim(), here), `${template} of ${value}: ${rendered}, here ${here}`).toBe(true);
  }
});
