import type { Bus } from '../e2e/bus.ts';

type Json = Record<string, unknown>;

/** Keys of the entities by platform, as the contract lists them (section 6). */
const BRIDGE = {
  binary_sensor: ['connection'],
  sensor: ['running_workers', 'plots_done', 'plots_today', 'cpu', 'memory'],
  event: ['event'],
};
const JOB = {
  switch: ['enabled', 'paused', 'emit_events'],
  number: ['max_workers', 'plots_to_do'],
  sensor: [
    ...['state', 'blocked_reason', 'plots_done', 'plots_remaining', 'running_workers', 'progress', 'eta'],
    ...['last_plot', 'last_plot_duration', 'average_plot_duration', 'failures', 'last_error'],
  ],
  button: ['start_worker', 'dismiss_all', 'reset'],
  event: ['event'],
};
const WORKER = {
  sensor: ['status', 'stage', 'progress', 'started', 'eta', 'plot'],
  binary_sensor: ['problem'],
  button: ['dismiss'],
  switch: ['paused'],
};

function ids(prefix: string, table: Record<string, string[]>): string[] {
  return Object.entries(table).flatMap(([domain, keys]) => keys.map((key) => `${domain}.${prefix}_${key}`));
}

/** The entities that there are to be for these jobs, with so many slots each. */
export function expectedEntities(
  base: string,
  jobs: Record<string, number>,
  directories: string[],
): string[] {
  const disks = directories.map((path) => `sensor.${base}_free_space_${path}`);
  const all = Object.entries(jobs).flatMap(([job, slots]) => [
    ...ids(`${base}_${job}`, JOB),
    ...Array.from({ length: slots }, (_, index) => ids(`${base}_${job}_worker_${index + 1}`, WORKER)).flat(),
  ]);
  return [...ids(base, BRIDGE), ...disks, ...all].sort();
}

/** Which key of the object on its topic an entity shows, where it is called otherwise. */
const KEYS: Record<string, string> = {
  running_workers: 'workers',
  last_plot_duration: 'last_plot_duration_s',
  average_plot_duration: 'average_plot_duration_s',
  started: 'started_at',
  problem: 'waits',
};

/** A value as Home Assistant shows it. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'unknown';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string' && /^\d{4}-.*Z$/.test(value)) return `${value.slice(0, 19)}+00:00`;
  return String(value);
}

function valuesOf(prefix: string, table: Record<string, string[]>, object: Json): [string, string][] {
  return Object.entries(table)
    .filter(([domain]) => ['sensor', 'switch', 'number'].includes(domain))
    .flatMap(([domain, keys]) =>
      keys.map((key): [string, string] => [`${domain}.${prefix}_${key}`, shown(object[KEYS[key] ?? key])]),
    );
}

/** What entities have to show now, by what the daemon has published. */
export function expectedStates(bus: Bus, jobs: Record<string, number>): Map<string, string> {
  const { base } = bus;
  const states = new Map<string, string>([[`binary_sensor.${base}_connection`, 'on']]);
  const add = (entries: [string, string][]) => {
    for (const [id, value] of entries) states.set(id, value);
  };
  add(valuesOf(base, { sensor: BRIDGE.sensor.slice(0, 3) }, bus.object('bridge/stats')));
  for (const [job, slots] of Object.entries(jobs)) {
    add(valuesOf(`${base}_${job}`, JOB, bus.object(`job/${job}`)));
    for (let slot = 1; slot <= slots; slot += 1)
      add(valuesOf(`${base}_${job}_worker_${slot}`, WORKER, bus.object(`job/${job}/worker/${slot}`)));
  }
  return states;
}
