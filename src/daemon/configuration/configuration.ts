import type { LoadedConfig } from '../../config/load.ts';
import type { GrowingMask } from '../../config/mask.ts';
import { formatProblem } from '../../config/problems.ts';
import type { JobDefinition } from '../../config/schema/job.ts';
import type { CommandError } from '../../contract/error-codes.ts';
import { isRefusedOverMqtt } from '../../engine/moving/replot-rule.ts';
import { NOT_STORED } from '../../engine/unstored.ts';
import type { Logger } from '../../util/log.ts';
import type { AdmissionContext } from '../commands/admission.ts';
import type { JournalledEngine } from '../journalled-engine/journalled-engine.ts';
import { directoriesOfConfig, readConfig, settingsOf } from './settings.ts';

/** Sections that are only looked at when the daemon starts. */
const FIXED_SECTIONS = ['mqtt', 'homeassistant', 'data_dir', 'log_level'] as const;

export interface ConfigurationOptions {
  engine: JournalledEngine;
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
    const { settings } = this.#options.engine;
    return {
      security: this.#loaded.config.security,
      settings,
      baseTopic: this.#loaded.config.mqtt.base_topic,
      ownDirectories: directoriesOfConfig(this.#loaded, settings),
    };
  }

  /** Hands the file's jobs to the engine. */
  apply(): void {
    const { engine, onChange, log } = this.#options;
    engine.take({ type: 'configured', jobs: this.#jobsOf(this.#loaded) });
    this.#warnOfReplotting();
    if (engine.state.jobs.size === 0)
      log.warn('there is no job, neither in config.yaml nor made over MQTT: nothing is plotted');
    onChange();
  }

  /** Reads the file again; an invalid one, or one that can't be taken in as a whole, changes nothing. */
  async reload(): Promise<CommandError | null> {
    const { engine, secrets, onChange, log } = this.#options;
    const result = await readConfig(this.#loaded.file);
    if (!result.ok) {
      const lines = result.problems.map(formatProblem);
      for (const line of lines) log.error(line);
      const path = result.problems[0]?.path || null;
      return { code: 'invalid_config', message: lines[0] ?? 'invalid', path };
    }
    secrets.learn(result.secrets);
    const jobs = this.#jobsOf(result);
    if (!engine.configure({ type: 'configured', jobs, settings: settingsOf(result) }))
      return { code: 'not_stored', message: NOT_STORED, path: null };
    for (const warning of result.warnings) log.warn(formatProblem(warning));
    this.#warnOfRestart(result);
    this.#loaded = result;
    this.#warnOfReplotting();
    onChange();
    return null;
  }

  #jobsOf({ config }: LoadedConfig): Map<string, JobDefinition> {
    const { engine, log } = this.#options;
    const jobs = new Map(Object.entries(config.jobs));
    for (const id of jobs.keys())
      if (engine.state.jobs.get(id)?.owner === 'mqtt')
        log.warn(`job '${id}' is in config.yaml and was made over MQTT too: the one in config.yaml counts`);
    return jobs;
  }

  #warnOfReplotting(): void {
    const { engine, log } = this.#options;
    const { allow_replot_over_mqtt } = this.#loaded.config.security;
    for (const job of engine.state.jobs.values())
      if (isRefusedOverMqtt(job, allow_replot_over_mqtt))
        log.warn(
          `job '${job.id}' was made over MQTT with replot: it removes nothing, since config.yaml has no security.allow_replot_over_mqtt: true`,
        );
  }

  #warnOfRestart(next: LoadedConfig): void {
    for (const section of FIXED_SECTIONS)
      if (JSON.stringify(this.#loaded.config[section]) !== JSON.stringify(next.config[section]))
        this.#options.log.warn(
          `${section} has changed in config.yaml: this takes effect when the daemon is restarted`,
        );
  }
}
