import type { LoadedConfig } from '../config/load.ts';
import type { GrowingMask } from '../config/mask.ts';
import type { CommandError } from '../contract/error-codes.ts';
import type { ClaimLostError } from '../storage/claim/held-claim.ts';
import { PlotHistory } from '../storage/plot-records.ts';
import type { Logger } from '../util/log.ts';
import { comeUp } from './come-up.ts';
import { createExecutor } from './commands/executor.ts';
import { createEventAnswers } from './commands/events.ts';
import { createHistoryAnswers } from './commands/history.ts';
import { Configuration } from './configuration/configuration.ts';
import { openDataDir } from './data-dir/open-data-dir.ts';
import { EventLog } from './events/event-log.ts';
import { logStop } from './log-stop.ts';
import { openMqtt, publishInfo } from './open-mqtt.ts';
import { openState } from './open-state.ts';
import { Acknowledgements } from './publishing/acknowledgements.ts';
import { nothingMeasured } from './publishing/figures.ts';
import { openInstallation } from './publishing/installation.ts';
import { OldPlotFigures } from './publishing/old-plot-figures.ts';
import { Renewal } from './publishing/renewal.ts';
import { takeServiceManager } from './systemd.ts';
import { movingNow } from '../engine/jobs/farm.ts';
import { eventsFile, historyFile } from './worker-directory/paths.ts';
import { openWorkingParts } from './working-parts.ts';

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
        working.meter.configure(engine.settings.energy);
        working.discovery.bridgeChanged();
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
    const events = new EventLog({
      path: eventsFile(loaded.config.data_dir),
      secrets,
      storage: () => engine.storage,
      log,
    });
    const execute = createExecutor({
      engine,
      admission: () => configuration.admission,
      reload: () => configuration.reload(),
      history: createHistoryAnswers({
        file: historyFile(loaded.config.data_dir),
        state: engine.state,
        log,
      }),
      events: createEventAnswers({ events, state: engine.state, log }),
    });
    const records = new PlotHistory(historyFile(loaded.config.data_dir));
    const oldPlots = new OldPlotFigures({ state: engine.state, settings: () => engine.settings, records });
    const measured = nothingMeasured();
    const mqttParts = { measured, engine, clock, secrets, acknowledgements, installation, execute, log };
    const mqtt = await openMqtt(loaded, mqttParts);
    const worked = { measured, engine, clock, mqtt, secrets, configuration, records, oldPlots, log };
    const working = openWorkingParts(loaded, worked);
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
      events.stop();
      journal.close();
    };
    const sayStopped = () => {
      const { state: last } = engine;
      logStop({ workers: last.workers.size, moves: movingNow(last) }, log);
    };
    // It may wait for long: for workers to be found again, and for a disk on which that can be written down.
    const parts = {
      engine,
      clock,
      measured,
      secrets,
      execute,
      events,
      mqtt,
      configuration,
      control,
      manager,
      working,
      renewal,
      signal,
      log,
    };
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
