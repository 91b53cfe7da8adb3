import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from './config/load.ts';
import type { GrowingMask } from './config/mask.ts';
import { Acknowledgements } from './daemon/acknowledgements.ts';
import { surroundings } from './daemon/clock.ts';
import { createExecutor } from './daemon/commands.ts';
import { Configuration } from './daemon/configuration.ts';
import { Core } from './daemon/core.ts';
import { sayFarewell } from './daemon/farewell.ts';
import { Figures } from './daemon/figures.ts';
import { createMasking, type Masking } from './daemon/masking.ts';
import { mqttOptions } from './daemon/mqtt-options.ts';
import { historyFile } from './daemon/paths.ts';
import { Performer } from './daemon/performer.ts';
import { refuseMoved } from './daemon/moved.ts';
import { Processes } from './daemon/processes.ts';
import { restoreState } from './daemon/restore.ts';
import { disksOf, settingsOf } from './daemon/settings.ts';
import { deviceReader, publishOutcome, resendEvents, stateReader } from './daemon/showing.ts';
import { type ServiceManager, takeServiceManager } from './daemon/systemd.ts';
import { Wakes } from './daemon/wakes.ts';
import { stateFormat } from './engine/snapshot.ts';
import { Discovery } from './homeassistant/discovery.ts';
import { type MqttService, startMqtt } from './mqtt/service.ts';
import { CONTRACT_VERSION } from './mqtt/topics.ts';
import { openHistory } from './storage/history.ts';
import { type Journal, openJournal } from './storage/journal.ts';
import { lockDataDir } from './storage/lock.ts';
import type { CommandError } from './util/errors.ts';
import type { Logger } from './util/log.ts';
import { VERSION } from './util/version.ts';

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
    refuseMoved(data_dir);
    const journal = openJournal(data_dir, { ...stateFormat, log });
    const core = await openCore(loaded, journal, log);
    const masking = createMasking(secrets);
    const configuration = new Configuration(loaded, {
      core,
      secrets,
      onChange: () => publishInfo(mqtt, core, loaded),
      log,
    });
    const acknowledgements = new Acknowledgements((seq) => core.take({ type: 'acked', seq }));
    const mqtt = await openMqtt(loaded, { core, masking, configuration, acknowledgements, log });
    const workshop = openWorkshop(loaded, { core, mqtt, masking, log });
    await comeUp({ core, mqtt, masking, configuration, manager, workshop, log });
    return {
      reload: () => configuration.reload(),
      stop: async () => {
        await manager.stopping();
        workshop.stop();
        await mqtt.stop();
        acknowledgements.flush();
        core.stop();
        journal.close();
        lock.release();
        sayFarewell(core.state.workers.size, log);
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openCore(loaded: LoadedConfig, journal: Journal, log: Logger): Promise<Core> {
  const settings = settingsOf(loaded);
  const { state } = await restoreState({
    dataDir: loaded.config.data_dir,
    journal,
    settings,
    jobs: new Map(Object.entries(loaded.config.jobs)),
    ...surroundings,
    newInstance: () => randomBytes(6).toString('hex'),
    log,
  });
  return new Core({ journal, state, settings, surroundings, log });
}

interface Speaking {
  core: Core;
  masking: Masking;
  configuration: Configuration;
  acknowledgements: Acknowledgements;
  log: Logger;
}

function openMqtt(loaded: LoadedConfig, parts: Speaking): Promise<MqttService> {
  const { core, masking, configuration, acknowledgements, log } = parts;
  const execute = createExecutor({
    core,
    admission: () => configuration.admission,
    reload: () => configuration.reload(),
  });
  return startMqtt({
    ...mqttOptions(loaded.config.mqtt),
    instance: core.state.instance,
    reader: stateReader(core.state, masking),
    execute: async (command) => masking.answer(await execute(command)),
    onAcked: (seq) => acknowledgements.upTo(seq),
    log,
  });
}

/** Whoever does what the engine asks for, and shows what comes of it. */
interface Workshop {
  performer: Performer;
  discovery: Discovery;
  figures: Figures;
  stop(): void;
}

function openWorkshop(
  loaded: LoadedConfig,
  parts: { core: Core; mqtt: MqttService; masking: Masking; log: Logger },
): Workshop {
  const { core, mqtt, masking, log } = parts;
  const { state } = core;
  const dataDir = loaded.config.data_dir;
  const take: Core['take'] = (input) => core.take(input);
  const wakes = new Wakes((keys) => take({ type: 'wake', keys }));
  const binDirectory = fileURLToPath(new URL('./bin', import.meta.url));
  const processes = new Processes({ state, dataDir, directory: loaded.directory, binDirectory, take, log });
  const history = openHistory(historyFile(dataDir));
  const performer = new Performer({
    state,
    dataDir,
    processes,
    wakes,
    history,
    mask: masking.text,
    take,
    log,
  });
  const disks = () => disksOf(state.jobs.values(), core.settings);
  const discovery = openDiscovery(loaded, { ...parts, directories: () => disks().map(({ path }) => path) });
  // What the state gives up from now on is still in the queue here, which counts it if it goes there too.
  const droppedBefore = state.dropped;
  const figures = new Figures({
    publisher: mqtt.publisher,
    workers: () => state.workers.size,
    mqtt: () => ({ ...mqtt.stats(), dropped: mqtt.stats().dropped + droppedBefore }),
    disks,
    onDisks: (looked) => discovery.directoriesChanged(looked.map(({ path }) => path)),
  });
  const stopping = [figures, discovery, wakes, processes];
  const stop = () => {
    for (const part of stopping) part.stop();
  };
  return { performer, discovery, figures, stop };
}

function openDiscovery(
  loaded: LoadedConfig,
  parts: { core: Core; mqtt: MqttService; masking: Masking; directories: () => string[]; log: Logger },
): Discovery {
  const { core, mqtt, masking, directories, log } = parts;
  const { discovery, discovery_prefix, status_topic } = loaded.config.homeassistant;
  return new Discovery({
    enabled: discovery,
    prefix: discovery_prefix,
    statusTopic: status_topic,
    base: loaded.config.mqtt.base_topic,
    instance: core.state.instance,
    version: VERSION,
    file: join(loaded.config.data_dir, 'homeassistant.json'),
    reader: deviceReader(core.state, masking, directories),
    broker: mqtt,
    log,
  });
}

interface ComingUp {
  core: Core;
  mqtt: MqttService;
  masking: Masking;
  configuration: Configuration;
  manager: ServiceManager;
  workshop: Workshop;
  log: Logger;
}

/** Live workers first, then today's jobs, then `@startup`; `online` is said when all of it is published. */
async function comeUp(parts: ComingUp): Promise<void> {
  const { core, mqtt, masking, configuration, manager, workshop, log } = parts;
  const { performer, discovery, figures } = workshop;
  resendEvents(core.state, mqtt, masking);
  core.start({
    perform: (effect) => performer.perform(effect),
    publish: (outcome) => publishOutcome(outcome, core.state, { mqtt, discovery }, masking, log),
  });
  core.take({ type: 'recover' });
  await performer.recovered();
  configuration.apply();
  core.take({ type: 'startup' });
  figures.start();
  discovery.start();
  mqtt.ready();
  manager.ready();
}

function publishInfo(mqtt: MqttService, core: Core, loaded: LoadedConfig): void {
  const plotters = [...core.settings.plotters].map(([id, { definition }]) => ({
    id,
    title: definition.title,
  }));
  mqtt.publisher.bridgeInfo({
    version: VERSION,
    instance: core.state.instance,
    base_topic: loaded.config.mqtt.base_topic,
    contract: CONTRACT_VERSION,
    plotters,
  });
}
