import { type LoadedConfig, type LoadResult, loadConfig } from '../../config/load.ts';
import { createMask } from '../../config/mask.ts';
import { resolvePath } from '../../config/paths.ts';
import { maskProblem, toProblem } from '../../config/problems.ts';
import { type PlotterDefinition, suffixesOf as suffixesOfPlotter } from '../../config/schema/plotter.ts';
import type { ArgumentValue, ArgumentValues } from '../../contract/names.ts';
import type { Settings } from '../../engine/memory.ts';
import { endlessProblem } from '../../engine/starting/limits/jobs-limit.ts';
import { plottersOf } from '../../engine/starting/places/resolve.ts';
import { builtInPlotters } from '../../plotters/catalogue.ts';
import { isRemote } from '../../plotters/remote.ts';
import { cpusProblem } from '../../process/cpus.ts';
import { FIXED_WORDS } from './fixed-words.ts';

/**
 * Reads the configuration as the daemon wants it: also a CPU that this host lacks is an error, and a job that keeps
 * running in whose directories nothing limits it.
 */
export async function readConfig(file: string): Promise<LoadResult> {
  const loaded = await loadConfig(file, {
    env: process.env,
    builtIn: [...builtInPlotters().keys()],
    fixedWords: FIXED_WORDS,
  });
  if (!loaded.ok) return loaded;
  const settings = settingsOf(loaded);
  const problems = Object.entries(loaded.config.jobs).flatMap(([id, job]) => {
    const wrong = [
      { key: 'cpus', message: cpusProblem(job.cpus) },
      { key: 'keep_running', message: endlessProblem(settings, { id, definition: job }) },
    ];
    return wrong.flatMap(({ key, message }) => {
      if (message === null) return [];
      const problem = toProblem(loaded.file, loaded, { path: ['jobs', id, key], at: 'value', message });
      return [maskProblem(problem, createMask(loaded.secrets))];
    });
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
    limits: new Map(Object.entries(config.limits)),
    directory,
    progress_interval_ms: config.mqtt.progress_interval * 1000,
    disks: config.disks,
    moves: new Map(Object.entries(config.moves)),
    holds: new Map(Object.entries(config.holds)),
    time_zone: config.time_zone ?? systemTimeZone(),
    ...(config.energy.power_topic === undefined ? {} : { energy: config.energy }),
    allow_replot_over_mqtt: config.security.allow_replot_over_mqtt,
  };
}

/** The directories and patterns of an argument. */
export function writtenIn(value: ArgumentValue): string[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'string' ? [value] : [];
}

function directoriesIn(values: ArgumentValues, definition: PlotterDefinition, directory: string): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const argument = definition.arguments[name];
    if (argument?.type !== 'directory') return [];
    return writtenIn(value).map((path) => (isRemote(argument, path) ? path : resolvePath(directory, path)));
  });
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

/** How the files of plots end, by the definitions of all plotters; one without a suffix tells none of others' files. */
export function suffixesOf({ plotters }: Pick<Settings, 'plotters'>): string[] {
  const all = [...plotters.values()].flatMap(({ definition }) => suffixesOfPlotter(definition));
  return [...new Set(all)].filter((suffix) => suffix !== '');
}
