import type { LoadedConfig } from '../config/load.ts';
import type { GrowingMask } from '../config/mask.ts';
import { formatProblem } from '../config/problems.ts';
import type { CommandError } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import type { AdmissionContext } from './admission.ts';
import type { Core } from './core.ts';
import { directoriesOfConfig, readConfig, settingsOf } from './settings.ts';

/** Sections that are only looked at when the daemon starts. */
const FIXED_SECTIONS = ['mqtt', 'homeassistant', 'data_dir', 'log_level'] as const;

export interface ConfigurationOptions {
  core: Core;
  secrets: GrowingMask;
  /** Something that others are told of it may have changed. */
  onChange(): void;
  log: Logger;
}

/** config.yaml as it counts now, and what becomes of it in the engine. */
export class Configuration {
  readonly #options: ConfigurationOptions;
  #loaded: LoadedConfig;

  constructor(loaded: LoadedConfig, options: ConfigurationOptions) {
    this.#loaded = loaded;
    this.#options = options;
  }

  /** Inside what jobs that arrive over MQTT must stay. */
  get admission(): AdmissionContext {
    const { settings } = this.#options.core;
    return {
      security: this.#loaded.config.security,
      settings,
      ownDirectories: directoriesOfConfig(this.#loaded, settings),
    };
  }

  /** Hands the file's jobs to the engine. */
  apply(): void {
    const { core, log, onChange } = this.#options;
    const jobs = new Map(Object.entries(this.#loaded.config.jobs));
    for (const id of jobs.keys())
      if (core.state.jobs.get(id)?.owner === 'mqtt')
        log.warn(`job '${id}' is in config.yaml and was made over MQTT too: the one in config.yaml counts`);
    core.take({ type: 'configured', jobs });
    if (core.state.jobs.size === 0)
      log.warn('there is no job, neither in config.yaml nor made over MQTT: nothing is plotted');
    onChange();
  }

  /** Reads the file again; an invalid one changes nothing. */
  async reload(): Promise<CommandError | null> {
    const { core, secrets, log } = this.#options;
    const result = await readConfig(this.#loaded.file);
    if (!result.ok) {
      const lines = result.problems.map(formatProblem);
      for (const line of lines) log.error(line);
      const path = result.problems[0]?.path || null;
      return { code: 'invalid_config', message: lines[0] ?? 'invalid', path };
    }
    secrets.learn(result.secrets);
    this.#warnOfRestart(result);
    this.#loaded = result;
    core.settings = settingsOf(result);
    this.apply();
    return null;
  }

  #warnOfRestart(next: LoadedConfig): void {
    for (const section of FIXED_SECTIONS)
      if (JSON.stringify(this.#loaded.config[section]) !== JSON.stringify(next.config[section]))
        this.#options.log.warn(
          `${section} has changed in config.yaml: this takes effect when the daemon is restarted`,
        );
  }
}
