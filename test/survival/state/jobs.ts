import { type JobDefinition, jobSchema } from '../../../src/config/schema/job.ts';
import { plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import type { Settings } from '../../../src/engine/memory.ts';

const PLOTTER = plotterDefinitionSchema.parse({
  title: 'Small',
  command: 'small',
  arguments: {
    temp_dir: { flag: '-t', type: 'directory', role: 'temp', required: true },
    dest_dir: { flag: '-d', type: 'directory', role: 'destination', required: true },
  },
  stages: [
    { id: '1', title: 'First', weight: 1 },
    { id: '2', title: 'Second', weight: 1 },
  ],
  several: { flag: '-n' },
  patterns: [
    { match: '^begin$', begin: true },
    { match: '^plot (?<name>\\S+)$', plot_name: true },
    { match: '^stage (?<stage>\\d)$', enter: '{stage}' },
    { match: '^final (?<file>.+)$', final_file: true },
  ],
});

export const SETTINGS: Settings = {
  plotters: new Map([['small', { definition: PLOTTER, arguments: {}, command: 'small' }]]),
  defaults: { temp_dir: '/no-disk/tmp', dest_dir: '/no-disk/plots' },
  directory: '/no-disk',
  progress_interval_ms: 1000,
  holds: new Map(),
  disks: [],
  moves: new Map(),
  time_zone: 'UTC',
  limits: new Map(),
  allow_replot_over_mqtt: false,
};

/** A job over MQTT, or in config.yaml. */
export function job(settings: Record<string, unknown>): JobDefinition {
  return jobSchema.parse({ plotter: 'small', check_space: false, max_failures: 0, ...settings });
}

/** What config.yaml says, before and after. */
export const JOBS: ReadonlyMap<string, JobDefinition> = new Map([
  [
    'alpha',
    job({
      max_workers: 2,
      post_command: 'mv %plot% /no-disk/farm',
      events: [{ fire: 'next', on: 'stage_started', stage: '2', delay: 20 }],
    }),
  ],
  ['beta', job({ max_workers: 3, pre_command: 'true', starts: [{ on: 'next' }] })],
  ['gamma', job({ plots_per_run: 3, max_workers: 2, post_command: 'true', starts: [{ on: 'next' }] })],
]);
