import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from '../config/load.ts';
import type { GrowingMask } from '../config/mask.ts';
import { Acknowledgements } from './publishing/acknowledgements.ts';
import { dateOf, realSurroundings, SteadyClock } from './clock.ts';
import { createExecutor } from './commands/executor.ts';
import { comeUp, type WorkingParts } from './come-up.ts';
import { Configuration } from './configuration/configuration.ts';
import { JournalledEngine } from './journalled-engine/journalled-engine.ts';
import { openDataDir } from './data-dir/open-data-dir.ts';
import { logStop } from './log-stop.ts';
import { Figures } from './publishing/figures.ts';
import { guardedJournal } from './data-dir/guarded-journal.ts';
import { openInstallation } from './publishing/installation.ts';
import { mqttOptions } from './configuration/mqtt-options.ts';
import { historyFile } from './worker-directory/paths.ts';
import { EffectPerformer } from './effects/perform.ts';
import { refuseMoved } from './data-dir/moved.ts';
import { PresentDiscovery } from './publishing/present-discovery.ts';
import { Processes } from './effects/processes.ts';
import { newInstance, Renewal } from './publishing/renewal.ts';
import { restoreState } from './restoring/restore.ts';
import { disksOf, settingsOf } from './configuration/settings.ts';
import { deviceReader, shownDirectories, stateReader } from './publishing/publishing.ts';
import { takeServiceManager } from './systemd.ts';
import { Timers } from './effects/timers.ts';
import { OldPlotsRemoval } from './effects/old-plots.ts';
import { stateFormat } from '../engine/model/snapshot.ts';
import type { DeviceReader } from '../homeassistant/devices.ts';
import { Discovery } from '../homeassistant/discovery.ts';
import type { Installation } from '../mqtt/options.ts';
import { type MqttService, startMqtt } from '../mqtt/service.ts';
import { CONTRACT_VERSION } from '../contract/views.ts';
import type { ClaimLostError, HeldClaim } from '../storage/claim/held-claim.ts';
import { openHistory } from '../storage/history.ts';
import type { FoundState, JournalWriter } from '../storage/journal-types.ts';
import { openJournal } from '../storage/journal.ts';
import { PlotHistory } from '../storage/plot-records.ts';
import { openReserve, type Reserve } from '../storage/reserve.ts';
import type { CommandError } from '../contract/error-codes.ts';
import type { Logger } from '../util/log.ts';
import { VERSION } from '../util/version.ts';

export interface Daemon {
  /** Reads config.yaml again; an error changes nothing. */
  reload(): Promise<CommandError | null>;
  /** Says `offline` and lets go of everything; plotters go on. */
  stop(): Promise<void>;
}

export interface StartOptions {
  loaded: LoadedConfig;
  log: Logger;
  secrets: GrowingMask;
  /** Ends the waiting for `data_dir`. */
  signal: AbortSignal;
  /** Ends this program at once: another daemon has `data_dir`. */
  onLost(error: ClaimLostError): never;
}

/**
 * Starts the daemon: takes `data_dir`, waiting for its disk where that doesn't work, finds its live workers again, then
 * goes online. Throws what keeps it from running: a locked data directory, a state that is too new, a port or a
 * base topic that is taken; and the signal's reason.
 */
export async function startDaemon({ loaded, log, secrets, signal, onLost }: StartOptions): Promise<Daemon> {
  const manager = takeServiceManager(process.env, log);
  const dataDir = await openDataDir({ loaded, manager, log, signal, onLost }, (claim) =>
    openState(loaded, claim, log),
  );
  try {
    const { control, state } = dataDir;
    const { journal, engine, clock } = state;
    control.knows(engine.state.instance);
    const configuration = new Configuration(loaded, {
      engine,
      secrets,
      onChange: () => {
        mqtt.secretsLearned();
        publishInfo(mqtt, engine, loaded);
      },
      log,
    });
    const acknowledgements = new Acknowledgements((seq) => engine.take({ type: 'acked', seq }));
    const installation = openInstallation({
      dataDir: loaded.config.data_dir,
      baseTopic: loaded.config.mqtt.base_topic,
      prefix: loaded.config.homeassistant.discovery_prefix,
      instance: () => engine.state.instance,
      renew: (whenTaken) => renewal.begin(whenTaken),
      log,
    });
    const mqttParts = { engine, clock, secrets, configuration, acknowledgements, installation, log };
    const mqtt = await openMqtt(loaded, mqttParts);
    const working = openWorkingParts(loaded, { engine, clock, mqtt, secrets, configuration, log });
    const renewal = new Renewal({
      dataDir: loaded.config.data_dir,
      instance: () => engine.state.instance,
      take: (instance) => engine.take({ type: 'instance_taken', instance }),
      leave: () => working.discovery.leave(),
      changed: () => {
        control.knows(engine.state.instance);
        working.discovery.instanceChanged();
        publishInfo(mqtt, engine, loaded);
      },
      log,
    });
    const letGo = async () => {
      working.stop();
      // A connection that just ends would have the broker say `offline` of another daemon on the base topic.
      await mqtt.stop();
      acknowledgements.flush();
      engine.stop();
      journal.close();
    };
    const sayStopped = () => logStop(engine.state.workers.size, log);
    // It may wait for long: for workers to be found again, and for a disk on which that can be written down.
    const parts = { engine, mqtt, configuration, control, manager, working, renewal, signal, log };
    await comeUp(parts).catch(async (error: unknown) => {
      await letGo();
      if (signal.aborted) sayStopped();
      throw error;
    });
    return {
      reload: () => configuration.reload(),
      stop: async () => {
        await manager.stopping();
        await letGo();
        await dataDir.release();
        sayStopped();
      },
    };
  } catch (error) {
    await dataDir.release();
    throw error;
  }
}

interface OpenState {
  journal: JournalWriter;
  engine: JournalledEngine;
  clock: SteadyClock;
}

/** The state in `data_dir`; where it can't be opened whole, nothing of it stays open. */
async function openState(loaded: LoadedConfig, claim: HeldClaim, log: Logger): Promise<OpenState> {
  const { data_dir } = loaded.config;
  refuseMoved(data_dir);
  const found = openJournal(data_dir, { ...stateFormat, log });
  const journal = guardedJournal(found.writer, claim);
  try {
    const clock = new SteadyClock();
    const reserve = openReserve(data_dir);
    return { journal, clock, engine: await openEngine(loaded, { found, journal, clock, reserve, log }) };
  } catch (error) {
    journal.close();
    throw error;
  }
}

interface EngineParts {
  found: FoundState;
  journal: JournalWriter;
  clock: SteadyClock;
  reserve: Reserve;
  log: Logger;
}

async function openEngine(
  loaded: LoadedConfig,
  { found, journal, clock, reserve, log }: EngineParts,
): Promise<JournalledEngine> {
  const settings = settingsOf(loaded);
  const { state } = await restoreState({
    dataDir: loaded.config.data_dir,
    found,
    journal,
    settings,
    jobs: new Map(Object.entries(loaded.config.jobs)),
    clock,
    now: () => Date.now(),
    dateOf,
    newInstance,
    log,
  });
  return new JournalledEngine({
    journal,
    reserve,
    state,
    settings,
    surroundings: realSurroundings(clock),
    log,
  });
}

interface MqttParts {
  engine: JournalledEngine;
  clock: SteadyClock;
  secrets: GrowingMask;
  configuration: Configuration;
  acknowledgements: Acknowledgements;
  installation: Installation;
  log: Logger;
}

function openMqtt(loaded: LoadedConfig, parts: MqttParts): Promise<MqttService> {
  const { engine, clock, secrets, configuration, acknowledgements, installation, log } = parts;
  const execute = createExecutor({
    engine,
    admission: () => configuration.admission,
    reload: () => configuration.reload(),
  });
  return startMqtt({
    ...mqttOptions(loaded.config.mqtt),
    instance: () => engine.state.instance,
    installation,
    secrets,
    reader: stateReader(engine.state, clock),
    execute,
    onAcked: (seq) => acknowledgements.upTo(seq),
    log,
  });
}

function openWorkingParts(
  loaded: LoadedConfig,
  parts: {
    engine: JournalledEngine;
    clock: SteadyClock;
    mqtt: MqttService;
    secrets: GrowingMask;
    configuration: Configuration;
    log: Logger;
  },
): WorkingParts & { stop(): void } {
  const { engine, clock, mqtt, secrets, configuration, log } = parts;
  const { state } = engine;
  const dataDir = loaded.config.data_dir;
  const take: JournalledEngine['take'] = (input) => engine.take(input);
  const timers = new Timers((keys) => take({ type: 'wake', keys }));
  const binDirectory = fileURLToPath(new URL('./bin', import.meta.url));
  const allowance = () => configuration.admission;
  const processes = new Processes({
    state,
    dataDir,
    directory: loaded.directory,
    binDirectory,
    allowance,
    clock,
    take,
    putOff: (effect) => engine.putOff(effect),
    postpone: (effect) => engine.postpone(effect),
    log,
  });
  const history = openHistory(historyFile(dataDir));
  const records = new PlotHistory(historyFile(dataDir));
  const oldPlots = new OldPlotsRemoval({ state, records, allowance, log });
  const performer = new EffectPerformer({
    state,
    dataDir,
    processes,
    oldPlots,
    allowance,
    timers,
    history,
    mask: secrets.mask,
    take,
    log,
  });
  const disks = () => disksOf(state.jobs.values(), engine.settings);
  const directories = (looked: { path: string }[]) => shownDirectories(looked, secrets.mask);
  const discovery = new PresentDiscovery(() =>
    makeDiscovery(loaded, { ...parts, directories: () => directories(disks()) }),
  );
  // What the state gives up from now on is still in the queue here, which counts it if it goes there too.
  const droppedBefore = state.dropped;
  const figures = new Figures({
    publisher: mqtt.publisher,
    workers: () => state.workers.size,
    mqtt: () => ({ ...mqtt.stats(), dropped: mqtt.stats().dropped + droppedBefore }),
    storage: () => engine.storage,
    disks,
    onDisks: (looked) => discovery.directoriesChanged(directories(looked)),
  });
  const stopping = [figures, discovery, timers, processes];
  const stop = () => {
    for (const part of stopping) part.stop();
  };
  return { performer, discovery, figures, stop };
}

function makeDiscovery(
  loaded: LoadedConfig,
  parts: {
    engine: JournalledEngine;
    mqtt: MqttService;
    directories: DeviceReader['directories'];
    log: Logger;
  },
): Discovery {
  const { engine, mqtt, directories, log } = parts;
  const { discovery, discovery_prefix, status_topic } = loaded.config.homeassistant;
  return new Discovery({
    enabled: discovery,
    prefix: discovery_prefix,
    statusTopic: status_topic,
    base: loaded.config.mqtt.base_topic,
    instance: engine.state.instance,
    version: VERSION,
    file: join(loaded.config.data_dir, 'homeassistant.json'),
    reader: deviceReader(engine.state, directories),
    broker: mqtt,
    log,
  });
}

function publishInfo(mqtt: MqttService, engine: JournalledEngine, loaded: LoadedConfig): void {
  const plotters = [...engine.settings.plotters].map(([id, { definition }]) => ({
    id,
    title: definition.title,
  }));
  mqtt.publisher.bridgeInfo({
    version: VERSION,
    instance: engine.state.instance,
    base_topic: loaded.config.mqtt.base_topic,
    contract: CONTRACT_VERSION,
    plotters,
  });
}
