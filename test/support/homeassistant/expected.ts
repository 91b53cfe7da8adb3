import type { Bus } from '../e2e/bus.ts';

type Json = Record<string, unknown>;

/** Keys of the entities by platform, as the contract lists them (section 6). */
const BRIDGE = {
  binary_sensor: ['connection', 'problem', 'state_files'],
  switch: ['pause', 'drain'],
  number: ['max_workers'],
  sensor: [
    ...['running_workers', 'plots_done', 'plots_today', 'plots_per_day', 'energy', 'cost'],
    ...['held_by', 'last_end', 'old_plots', 'replot_eta', 'disks_full'],
  ],
  event: ['event'],
};
const JOB = {
  switch: ['enabled', 'paused', 'emit_events'],
  number: ['max_workers', 'plots_to_do'],
  sensor: [
    ...['state', 'blocked_reason', 'plots_done', 'plots_failed', 'plots_per_day', 'plots_remaining'],
    ...['running_workers', 'progress', 'eta', 'held_by', 'waiting_for', 'waiting_starts', 'next_start'],
    ...['last_plot', 'last_plot_at', 'last_plot_duration', 'average_plot_duration', 'failures', 'last_error'],
  ],
  binary_sensor: ['problem'],
  button: ['start_worker', 'dismiss_all', 'reset'],
  event: ['event'],
};
const WORKER = {
  sensor: ['status', 'phase', 'progress', 'eta'],
  binary_sensor: ['problem'],
  button: ['dismiss'],
  switch: ['paused'],
};

/** Those of each that are disabled at first. */
const DISABLED = {
  bridge: { sensor: ['cpu', 'memory', 'load', 'started', 'dropped_messages'] },
  job: { event: ['stage_event'] },
  worker: { sensor: ['stage', 'started', 'plot'] },
};
const FILE_SYSTEM = ['free_space', 'used', 'full_at'];

function ids(prefix: string, table: Record<string, string[]>): string[] {
  return Object.entries(table).flatMap(([domain, keys]) => keys.map((key) => `${domain}.${prefix}_${key}`));
}

/** Those of a file system, whose ids end so. */
export function fileSystemEntities(base: string, path: string): string[] {
  return FILE_SYSTEM.map((key) => `sensor.${[base, key, path].filter(Boolean).join('_')}`);
}

/** The entities that there are to be for these jobs, with so many slots each; file systems by what their ids end with. */
export function expectedEntities(
  base: string,
  jobs: Record<string, number>,
  fileSystems: string[],
): string[] {
  const disks = fileSystems.flatMap((path) => fileSystemEntities(base, path));
  const all = Object.entries(jobs).flatMap(([job, slots]) => [
    ...[...ids(`${base}_${job}`, JOB), ...ids(`${base}_${job}`, DISABLED.job)],
    ...Array.from({ length: slots }, (_, index) =>
      [WORKER, DISABLED.worker].flatMap((each) => ids(`${base}_${job}_worker_${index + 1}`, each)),
    ).flat(),
  ]);
  return [...ids(base, BRIDGE), ...ids(base, DISABLED.bridge), ...disks, ...all].sort();
}

/** Which key of the object on its topic an entity shows, where it is called otherwise. */
const KEYS: Record<string, string> = {
  running_workers: 'workers',
  last_plot_duration: 'last_plot_duration_s',
  average_plot_duration: 'average_plot_duration_s',
  phase: 'phase_title',
  held_by: 'holds',
  waiting_starts: 'pending',
  next_start: 'next_start_at',
  last_end: 'last_end_at',
  energy: 'energy_kwh',
  problem: 'waits',
};

/** A value as Home Assistant shows it. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'unknown';
  if (Array.isArray(value)) return value.map((each) => each.name ?? each).join(', ') || 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string' && /^\d{4}-.*Z$/.test(value)) return `${value.slice(0, 19)}+00:00`;
  return String(value);
}

function valuesOf(prefix: string, table: Record<string, string[]>, object: Json): [string, string][] {
  return Object.entries(table)
    .filter(([domain]) => ['sensor', 'switch', 'number'].includes(domain))
    .flatMap(([domain, keys]) =>
      keys.map((key): [string, string] => {
        const value = object[KEYS[key] ?? key];
        const whole = key === 'progress' && typeof value === 'number' ? Math.trunc(value) : value;
        return [`${domain}.${prefix}_${key}`, shown(whole)];
      }),
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
  add(valuesOf(base, { number: BRIDGE.number, sensor: BRIDGE.sensor.slice(3) }, bus.object('farm')));
  for (const [job, slots] of Object.entries(jobs)) {
    add(valuesOf(`${base}_${job}`, JOB, bus.object(`job/${job}`)));
    for (let slot = 1; slot <= slots; slot += 1)
      add(valuesOf(`${base}_${job}_worker_${slot}`, WORKER, bus.object(`job/${job}/worker/${slot}`)));
  }
  return states;
}
