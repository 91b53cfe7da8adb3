import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from '../config/load.ts';
import type { GrowingMask } from '../config/mask.ts';
import { rulesFor } from '../config/schema/disks.ts';
import { Discovery, type DiscoveryOptions } from '../homeassistant/discovery.ts';
import { createHostFigures } from '../host/figures.ts';
import type { MqttService } from '../mqtt/service.ts';
import { openHistory } from '../storage/history.ts';
import type { PlotHistory } from '../storage/plot-records.ts';
import type { Logger } from '../util/log.ts';
import { VERSION } from '../util/version.ts';
import type { SteadyClock } from './clock.ts';
import type { Configuration } from './configuration/configuration.ts';
import { suffixesOf } from './configuration/settings.ts';
import { OldPlotsRemoval } from './effects/old-plots.ts';
import { EffectPerformer } from './effects/perform.ts';
import { Places } from './effects/places.ts';
import { Processes } from './effects/processes.ts';
import { RemoteFires } from './effects/remote-fires.ts';
import { Timers } from './effects/timers.ts';
import { Meter } from './energy/meter.ts';
import { Moving } from './moving/moving.ts';
import { quietTime } from './moving/quiet-time.ts';
import type { JournalledEngine } from './journalled-engine/journalled-engine.ts';
import { agedJobs } from './publishing/aged-jobs.ts';
import { deviceReader } from './publishing/device-reader.ts';
import { Figures, type Measured } from './publishing/figures.ts';
import { LooksAtDisks } from './publishing/looks-at-disks.ts';
import type { OldPlotFigures } from './publishing/old-plot-figures.ts';
import { PresentDiscovery } from './publishing/present-discovery.ts';
import { historyFile } from './worker-directory/paths.ts';

/** Whoever does what the engine asks for, and shows what comes of it. */
export interface WorkingParts {
  performer: EffectPerformer;
  discovery: PresentDiscovery;
  figures: Figures;
  meter: Meter;
}

/** Puts them together; `stop` lets go of timers and processes, which go on. */
export function openWorkingParts(
  loaded: LoadedConfig,
  parts: {
    engine: JournalledEngine;
    clock: SteadyClock;
    measured: Measured;
    mqtt: MqttService;
    secrets: GrowingMask;
    configuration: Configuration;
    records: PlotHistory;
    oldPlots: OldPlotFigures;
    log: Logger;
  },
): WorkingParts & { stop(): void } {
  const { engine, clock, measured, mqtt, secrets, configuration, records, log } = parts;
  const { state } = engine;
  const dataDir = loaded.config.data_dir;
  const take: JournalledEngine['take'] = (input) => engine.take(input);
  const timers = new Timers((due) => take({ type: 'wake', timers: due }));
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
  const keptFree = (directory: string) => rulesFor(engine.settings.disks, directory).keep_free;
  const suffixes = () => suffixesOf(engine.settings);
  const oldPlots = new OldPlotsRemoval({ state, records, allowance, keptFree, suffixes, log });
  const places = new Places({
    disks: () => engine.settings.disks,
    matched: () => state.matched,
    onMatched: (patterns) => take({ type: 'matched', patterns }),
  });
  const remoteFires = new RemoteFires({
    mqtt,
    delivered: (id) => take({ type: 'fired_elsewhere', id }),
    log,
  });
  const moving = new Moving({
    ...{ state, dataDir, clock, take, log, quietMs: quietTime() },
    program: fileURLToPath(new URL('./main.js', import.meta.url)),
    ...{ places, records },
    settings: () => engine.settings,
    putOff: (effect) => engine.putOff(effect),
    postpone: (effect) => engine.postpone(effect),
  });
  const performer = new EffectPerformer({
    state,
    dataDir,
    processes,
    moving,
    places,
    oldPlots,
    allowance,
    timers,
    history,
    remoteFires,
    mask: secrets.mask,
    take,
    log,
  });
  const onLeftOut = (problems: readonly string[]) => {
    measured.leftOut = problems;
    mqtt.publisher.statsChanged();
  };
  const shown = { fileSystems: () => measured.fileSystems, mask: secrets.mask };
  const discovery = new PresentDiscovery(() => makeDiscovery(loaded, { ...parts, shown, onLeftOut }));
  // What the state gives up from now on is still in the queue here, which counts it if it goes there too.
  const droppedBefore = state.dropped;
  const looks = new LooksAtDisks({ engine, places, clock });
  const aged = agedJobs(state, () => clock.now());
  const figures = new Figures({
    hostFigures: createHostFigures(),
    publisher: mqtt.publisher,
    workers: () => state.workers.size,
    mqtt: () => ({ ...mqtt.stats(), dropped: mqtt.stats().dropped + droppedBefore }),
    storage: () => engine.storage,
    disks: async () => {
      const { disks, farm } = await looks.look();
      measured.farm = farm;
      return disks;
    },
    oldPlots: parts.oldPlots,
    onDisks: () => discovery.bridgeChanged(),
    onLook: () => {
      for (const id of aged()) mqtt.publisher.jobChanged(id);
    },
    measured,
  });
  const meter = new Meter({ mqtt, take, storable: () => engine.storage === 'ok', log });
  const stopping = [meter, figures, discovery, timers, processes, moving, remoteFires];
  const stop = () => {
    for (const part of stopping) part.stop();
  };
  return { performer, discovery, figures, meter, stop };
}

function makeDiscovery(
  loaded: LoadedConfig,
  parts: {
    engine: JournalledEngine;
    mqtt: MqttService;
    shown: Parameters<typeof deviceReader>[1];
    onLeftOut: DiscoveryOptions['onLeftOut'];
    log: Logger;
  },
): Discovery {
  const { engine, mqtt, shown, onLeftOut, log } = parts;
  const { discovery, discovery_prefix, status_topic } = loaded.config.homeassistant;
  return new Discovery({
    enabled: discovery,
    prefix: discovery_prefix,
    statusTopic: status_topic,
    base: loaded.config.mqtt.base_topic,
    instance: engine.state.instance,
    version: VERSION,
    file: join(loaded.config.data_dir, 'homeassistant.json'),
    reader: deviceReader(engine, shown),
    onLeftOut,
    broker: mqtt,
    log,
  });
}
