import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from './config/load.ts';
import type { GrowingMask } from './config/mask.ts';
import { formatProblem } from './config/problems.ts';
import { surroundings } from './daemon/clock.ts';
import { createExecutor } from './daemon/commands.ts';
import { Core } from './daemon/core.ts';
import { Figures } from './daemon/figures.ts';
import { createMasking, type Masking, NO_MASKING } from './daemon/masking.ts';
import { mqttOptions } from './daemon/mqtt-options.ts';
import { Performer } from './daemon/performer.ts';
import { Processes } from './daemon/processes.ts';
import { directoriesOfConfig, disksOf, readConfig, settingsOf } from './daemon/settings.ts';
import { deviceReader, publishOutcome, stateReader } from './daemon/showing.ts';
import { type ServiceManager, takeServiceManager } from './daemon/systemd.ts';
import { Wakes } from './daemon/wakes.ts';
import { STATE_FORMAT, STATE_VERSION } from './engine/snapshot.ts';
import { Discovery } from './homeassistant/discovery.ts';
import { startMqtt } from './mqtt/service.ts';
import { CONTRACT_VERSION } from './mqtt/topics.ts';
import { openHistory } from './storage/history.ts';
import { openJournal } from './storage/journal.ts';
import { lockDataDir } from './storage/lock.ts';
import type { CommandError } from './util/errors.ts';
import type { Logger } from './util/log.ts';
import { VERSION } from './util/version.ts';

/** Acknowledgements are written down together, at most this long after they came. */
const ACK_MS = 1000;

export interface Daemon {
  /** Reads config.yaml again; an error changes nothing. */
  reload(): Promise<CommandError | null>;
  /** Says `offline` and lets go of everything; plotters go on. */
  stop(): Promise<void>;
}

/**
 * Starts the daemon: finds its live workers again, then goes online. Throws what keeps it from running: a locked
 * data directory, a state that is too new, a port that is taken.
 */
export async function startDaemon(loaded: LoadedConfig, log: Logger, secrets: GrowingMask): Promise<Daemon> {
  const { data_dir } = loaded.config;
  const manager = takeServiceManager(process.env, log);
  const lock = lockDataDir(data_dir);
  try {
    return await run(loaded, { log, secrets, manager, release: lock.release });
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Surrounding {
  log: Logger;
  secrets: GrowingMask;
  manager: ServiceManager;
  release(): void;
}

async function run(first: LoadedConfig, { log, secrets, manager, release }: Surrounding): Promise<Daemon> {
  let loaded = first;
  let masking = maskingOf(secrets);
  const dataDir = loaded.config.data_dir;
  const journal = openJournal(dataDir, { format: STATE_FORMAT, version: STATE_VERSION, log });
  const core = new Core({
    journal,
    settings: settingsOf(loaded),
    surroundings,
    newInstance: () => randomBytes(6).toString('hex'),
    log,
  });
  const { state } = core;
  const executor = createExecutor({
    core,
    admission: () => ({
      security: loaded.config.security,
      settings: core.settings,
      ownDirectories: directoriesOfConfig(loaded, core.settings),
    }),
    reload: () => reload(),
  });
  let acknowledge: NodeJS.Timeout | null = null;
  let acked = 0;
  const mqtt = await startMqtt({
    ...mqttOptions(loaded.config.mqtt),
    instance: state.instance,
    reader: stateReader(state, () => masking),
    execute: async (command) => masking.answer(await executor(command)),
    onAcked: (seq) => {
      acked = seq;
      acknowledge ??= setTimeout(() => {
        acknowledge = null;
        core.take({ type: 'acked', seq: acked });
      }, ACK_MS);
    },
    log,
  });

  // What the state gives up later is still in the queue here, which counts it if it goes there too.
  const droppedBefore = state.dropped;
  const disks = () => disksOf(state.jobs.values(), core.settings);
  const { discovery: enabled, discovery_prefix, status_topic } = loaded.config.homeassistant;
  const discovery = new Discovery({
    enabled,
    prefix: discovery_prefix,
    statusTopic: status_topic,
    base: loaded.config.mqtt.base_topic,
    instance: state.instance,
    version: VERSION,
    file: join(dataDir, 'homeassistant.json'),
    reader: deviceReader(
      state,
      () => masking,
      () => disks().map(({ path }) => path),
    ),
    broker: mqtt,
    log,
  });

  const take: Core['take'] = (input) => core.take(input);
  const wakes = new Wakes((key) =>
    key === 'history' ? performer.perform({ type: 'history' }) : take({ type: 'wake', key }),
  );
  const processes = new Processes({
    state,
    dataDir,
    directory: loaded.directory,
    binDirectory: binDirectory(),
    take,
    log,
  });
  const history = openHistory(join(dataDir, 'history.jsonl'));
  const performer = new Performer({ state, dataDir, processes, wakes, history, take, log });
  const figures = new Figures({
    publisher: mqtt.publisher,
    workers: () => state.workers.size,
    mqtt: () => ({ ...mqtt.stats(), dropped: mqtt.stats().dropped + droppedBefore }),
    disks,
    onDisks: (looked) => discovery.directoriesChanged(looked.map(({ path }) => path)),
  });

  async function reload(): Promise<CommandError | null> {
    const result = await readConfig(loaded.file);
    if (!result.ok) {
      for (const problem of result.problems) log.error(formatProblem(problem));
      const [worst] = result.problems;
      return {
        code: 'invalid_config',
        message: worst ? formatProblem(worst) : 'invalid',
        path: worst?.path ?? null,
      };
    }
    secrets.learn(result.secrets);
    warnOfRestart(loaded, result, log);
    loaded = result;
    masking = maskingOf(secrets);
    core.settings = settingsOf(loaded);
    configureJobs();
    publishInfo();
    return null;
  }

  function configureJobs(): void {
    const jobs = new Map(Object.entries(loaded.config.jobs));
    for (const id of jobs.keys())
      if (state.jobs.get(id)?.owner === 'mqtt')
        log.warn(`job '${id}' is in config.yaml and was made over MQTT too: the one in config.yaml counts`);
    core.take({ type: 'configured', jobs });
  }

  function publishInfo(): void {
    const plotters = [...core.settings.plotters].map(([id, { definition }]) => ({
      id,
      title: definition.title,
    }));
    mqtt.publisher.bridgeInfo({
      version: VERSION,
      instance: state.instance,
      base_topic: loaded.config.mqtt.base_topic,
      contract: CONTRACT_VERSION,
      plotters,
    });
  }

  for (const event of state.unacked)
    mqtt.event({
      seq: event.seq,
      topics: mqtt.publisher.topics.ofEvent(event),
      payload: masking.event(event),
    });
  core.start({
    perform: (effect) => performer.perform(effect),
    publish: (outcome) => publishOutcome(outcome, state, { mqtt, discovery }, masking, log),
  });
  take({ type: 'recover' });
  await performer.recovered();
  configureJobs();
  take({ type: 'startup' });
  publishInfo();
  figures.start();
  discovery.start();
  mqtt.ready();
  manager.ready();
  processes.prepare();

  return {
    reload,
    stop: async () => {
      await manager.stopping();
      figures.stop();
      discovery.stop();
      wakes.stop();
      processes.stop();
      await mqtt.stop();
      if (acknowledge) {
        clearTimeout(acknowledge);
        core.take({ type: 'acked', seq: acked });
      }
      core.stop();
      journal.close();
      release();
      sayFarewell(state.workers.size, log);
    },
  };
}

function maskingOf(secrets: GrowingMask): Masking {
  return secrets.size === 0 ? NO_MASKING : createMasking(secrets.mask);
}

/** Where the `plot2mqtt` command of this very program is, for the commands of jobs. */
function binDirectory(): string {
  return fileURLToPath(new URL('./bin', import.meta.url));
}

function warnOfRestart(before: LoadedConfig, after: LoadedConfig, log: Logger): void {
  for (const section of ['mqtt', 'homeassistant', 'data_dir', 'log_level'] as const)
    if (JSON.stringify(before.config[section]) !== JSON.stringify(after.config[section]))
      log.warn(`${section} has changed in config.yaml: this takes effect when the daemon is restarted`);
}

/** Plotters outlive the daemon, but not the container around it. */
function sayFarewell(workers: number, log: Logger): void {
  if (workers === 0) return log.info('stopped');
  const container = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  if (container) log.warn(`stopped; this container is ending, and with it the plots of ${workers} workers`);
  else log.info(`stopped; ${workers} workers go on, the next start finds them`);
}
