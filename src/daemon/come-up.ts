import type { MqttService } from '../mqtt/service.ts';
import type { Logger } from '../util/log.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { Control } from './data-dir/control.ts';
import type { Core } from './journalled-engine/journalled-engine.ts';
import type { Figures } from './publishing/figures.ts';
import type { Performer } from './effects/perform.ts';
import type { PresentDiscovery } from './publishing/present-discovery.ts';
import type { Renewal } from './publishing/renewal.ts';
import { publishOutcome, resendEvents } from './publishing/publishing.ts';
import type { ServiceManager } from './systemd.ts';

/** Whoever does what the engine asks for, and shows what comes of it. */
export interface Workshop {
  performer: Performer;
  discovery: PresentDiscovery;
  figures: Figures;
}

export interface ComingUp {
  core: Core;
  mqtt: MqttService;
  configuration: Configuration;
  control: Control;
  manager: ServiceManager;
  workshop: Workshop;
  renewal: Renewal;
  /** Ends it. */
  signal: AbortSignal;
  log: Logger;
}

/** Begins the work and goes online. Throws BaseTopicTakenError, and the signal's reason. */
export async function comeUp(parts: ComingUp): Promise<void> {
  await Promise.race([begin(parts), aborted(parts.signal)]);
}

/** Rejects when the signal does, with its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Live workers first, then today's jobs, then `@startup`; `online` is said when all of it is published. */
async function begin(parts: ComingUp): Promise<void> {
  const { core, mqtt, configuration, control, manager, workshop, renewal, signal, log } = parts;
  const { performer, discovery, figures } = workshop;
  // Nothing is started where another daemon has the base topic.
  await mqtt.begun;
  signal.throwIfAborted();
  resendEvents(core.state, mqtt);
  core.start({
    perform: (effect) => performer.perform(effect),
    publish: (outcome) => {
      publishOutcome(outcome, core.state, { mqtt, discovery }, log);
      renewal.look();
    },
    storageChanged: () => figures.healthChanged(),
  });
  core.take({ type: 'recover' });
  await untilWritten(parts);
  await performer.recovered();
  signal.throwIfAborted();
  configuration.apply();
  core.take({ type: 'startup' });
  figures.start();
  mqtt.onFree(() => discovery.start());
  mqtt.ready();
  control.runs(() => mqtt.stats().steppedBack);
  manager.ready();
}

/** That the daemon has come up again can't be written down where the disk doesn't even take that: it is waited for. */
async function untilWritten({ core, control, manager, signal }: ComingUp): Promise<void> {
  if (!core.isSettled) {
    const tell = (text: string | null) => {
      control.waits(text);
      manager.waiting(text);
    };
    tell("the start waits for data_dir: the state can't be written down, the log says why");
    await core.settled();
    tell(null);
  }
  signal.throwIfAborted();
}
