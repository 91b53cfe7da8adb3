import type { LoadedConfig } from '../config/load.ts';
import type { GrowingMask } from '../config/mask.ts';
import type { Answer, Command } from '../contract/commands.ts';
import { CONTRACT_VERSION, type HostFigures } from '../contract/views.ts';
import type { Installation } from '../mqtt/options.ts';
import { type MqttService, startMqtt } from '../mqtt/service.ts';
import type { Logger } from '../util/log.ts';
import { VERSION } from '../util/version.ts';
import type { SteadyClock } from './clock.ts';
import { mqttOptions } from './configuration/mqtt-options.ts';
import type { JournalledEngine } from './journalled-engine/journalled-engine.ts';
import type { Acknowledgements } from './publishing/acknowledgements.ts';
import { stateReader } from './publishing/publishing.ts';

/** What MQTT reads from, and whom it tells. */
export interface MqttParts {
  engine: JournalledEngine;
  clock: SteadyClock;
  secrets: GrowingMask;
  acknowledgements: Acknowledgements;
  installation: Installation;
  /** The host's latest figures; `null` before the first. */
  host(): HostFigures | null;
  /** Carries out the commands that come in. */
  execute(command: Command): Promise<Answer>;
  log: Logger;
}

/** Starts MQTT as config.yaml says. Throws where the embedded broker can't listen. */
export function openMqtt(loaded: LoadedConfig, parts: MqttParts): Promise<MqttService> {
  const { engine, clock, secrets, acknowledgements, installation, execute, log } = parts;
  return startMqtt({
    ...mqttOptions(loaded.config.mqtt),
    instance: () => engine.state.instance,
    installation,
    secrets,
    reader: stateReader(engine, clock, parts.host),
    execute,
    onAcked: (seq) => acknowledgements.upTo(seq),
    log,
  });
}

/** Publishes `B/bridge/info`. */
export function publishInfo(mqtt: MqttService, engine: JournalledEngine, loaded: LoadedConfig): void {
  const plotters = [...engine.settings.plotters].map(([id, { definition }]) => ({
    id,
    title: definition.title,
  }));
  mqtt.publisher.stand('bridgeInfo', {
    version: VERSION,
    instance: engine.state.instance,
    base_topic: loaded.config.mqtt.base_topic,
    contract: CONTRACT_VERSION,
    plotters,
  });
}
