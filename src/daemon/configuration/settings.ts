import { type LoadedConfig, type LoadResult, loadConfig } from '../../config/load.ts';
import { createMask } from '../../config/mask.ts';
import { resolvePath } from '../../config/paths.ts';
import { maskProblem, toProblem } from '../../config/problems.ts';
import type { JobDefinition } from '../../config/schema/job.ts';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { ArgumentValues } from '../../contract/names.ts';
import type { Settings } from '../../engine/memory.ts';
import { plottersOf, resolveJob } from '../../engine/starting/resolve.ts';
import { builtInPlotters } from '../../plotters/catalogue.ts';
import { cpusProblem } from '../../process/cpus.ts';
import { FIXED_WORDS } from './fixed-words.ts';

/** Reads the configuration as the daemon wants it: also a CPU that this host lacks is an error. */
export async function readConfig(file: string): Promise<LoadResult> {
  const loaded = await loadConfig(file, {
    env: process.env,
    builtIn: [...builtInPlotters().keys()],
    fixedWords: FIXED_WORDS,
  });
  if (!loaded.ok) return loaded;
  const problems = Object.entries(loaded.config.jobs).flatMap(([id, job]) => {
    const message = cpusProblem(job.cpus);
    if (message === null) return [];
    const problem = toProblem(loaded.file, loaded, { path: ['jobs', id, 'cpus'], at: 'value', message });
    return [maskProblem(problem, createMask(loaded.secrets))];
  });
  return problems.length > 0 ? { ok: false, problems } : loaded;
}

/** The time zone that this system is set to. */
export function systemTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What the engine needs of the configuration. */
export function settingsOf({ config, directory }: LoadedConfig): Settings {
  return {
    plotters: plottersOf(config, builtInPlotters()),
    defaults: config.defaults,
    directory,
    progress_interval_ms: config.mqtt.progress_interval * 1000,
    disks: config.disks,
    moves: new Map(Object.entries(config.moves)),
    holds: new Map(Object.entries(config.holds)),
    time_zone: config.time_zone ?? systemTimeZone(),
    allow_replot_over_mqtt: config.security.allow_replot_over_mqtt,
  };
}

function directoriesIn(values: ArgumentValues, definition: PlotterDefinition, directory: string): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    definition.arguments[name]?.type === 'directory' && typeof value === 'string'
      ? [resolvePath(directory, value)]
      : [],
  );
}

/** Every directory that config.yaml names as an argument, absolute, each once. */
export function directoriesOfConfig(loaded: LoadedConfig, settings: Settings): string[] {
  const found = new Set<string>();
  const add = (values: ArgumentValues, definition: PlotterDefinition | undefined) => {
    for (const path of definition ? directoriesIn(values, definition, loaded.directory) : []) found.add(path);
  };
  for (const plotter of settings.plotters.values()) {
    add(loaded.config.defaults, plotter.definition);
    add(plotter.arguments, plotter.definition);
  }
  for (const job of Object.values(loaded.config.jobs))
    add(job.arguments, settings.plotters.get(job.plotter)?.definition);
  return [...found];
}

/** The disks that jobs plot on, by role, as `B/host` lists them. */
export function disksOf(
  jobs: Iterable<{ id: string; definition: JobDefinition }>,
  settings: Settings,
): { role: 'temp' | 'destination'; path: string }[] {
  const disks = new Map<string, { role: 'temp' | 'destination'; path: string }>();
  for (const { id, definition } of jobs) {
    const resolved = resolveJob(id, definition, settings);
    if (!resolved.ok) continue;
    for (const [name, value] of Object.entries(resolved.values)) {
      const role = resolved.definition.arguments[name]?.role;
      if (role !== undefined && typeof value === 'string')
        disks.set(`${role} ${value}`, { role, path: value });
    }
  }
  return [...disks.values()];
}
