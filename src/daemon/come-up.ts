import type { GrowingMask } from '../config/mask.ts';
import type { Answer, Command } from '../contract/commands.ts';
import type { MqttService } from '../mqtt/service.ts';
import type { Logger } from '../util/log.ts';
import type { SteadyClock } from './clock.ts';
import { answerCommand } from './commands/by-socket.ts';
import { hidden } from './commands/hidden.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { Control } from './data-dir/control.ts';
import type { EventLog } from './events/event-log.ts';
import { answerEvents } from './events/follow-events.ts';
import type { JournalledEngine } from './journalled-engine/journalled-engine.ts';
import type { OldPlotCount } from './publishing/old-plot-figures.ts';
import { publishOutcome, resendEvents, stateReader } from './publishing/publishing.ts';
import type { Renewal } from './publishing/renewal.ts';
import { answerStatus } from './status.ts';
import type { ServiceManager } from './systemd.ts';
import { answerWhy } from './why.ts';
import type { WorkingParts } from './working-parts.ts';

export interface ComingUp {
  engine: JournalledEngine;
  clock: SteadyClock;
  /** Hides what is secret. */
  secrets: GrowingMask;
  /** Carries out the commands that come in. */
  execute(command: Command): Promise<Answer>;
  events: EventLog;
  mqtt: MqttService;
  configuration: Configuration;
  control: Control;
  manager: ServiceManager;
  working: WorkingParts;
  oldPlots: { readonly farm: OldPlotCount | null };
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
  const { engine, clock, mqtt, configuration, control, manager, working, renewal, signal, log } = parts;
  const { performer, discovery, figures } = working;
  // Nothing is started where another daemon has the base topic.
  await mqtt.begun;
  signal.throwIfAborted();
  resendEvents(engine.state, mqtt);
  parts.events.start(engine.state.unacked);
  engine.start({
    perform: (effect) => performer.perform(effect),
    publish: (outcome) => {
      publishOutcome(outcome, engine.state, { mqtt, discovery }, log);
      parts.events.take(outcome.entry?.e ?? []);
      renewal.look();
    },
    storageChanged: () => {
      figures.healthChanged();
      parts.events.storageChanged();
      mqtt.publisher.statsChanged();
    },
  });
  engine.take({ type: 'recover' });
  await untilWritten(parts);
  await performer.recovered();
  signal.throwIfAborted();
  configuration.apply();
  engine.take({ type: 'startup' });
  figures.start();
  mqtt.onFree(() => discovery.start());
  mqtt.ready();
  control.runs(() => mqtt.stats().steppedBack, {
    why: (request) => {
      const { state, memory } = engine;
      return answerWhy({ state, memory, now: Date.now(), steady: clock.now() }, request, parts.secrets.mask);
    },
    status: (request) =>
      hidden(
        answerStatus(
          {
            reader: stateReader(engine, clock, { oldPlots: parts.oldPlots, host: () => figures.host }),
            host: () => figures.host,
          },
          request,
        ),
        parts.secrets,
      ),
    command: (request) => answerCommand(request, parts.execute, parts.secrets),
    events: (request, closed) =>
      answerEvents({ events: parts.events, state: engine.state, secrets: parts.secrets }, request, closed),
  });
  manager.ready();
}

/** That the daemon has come up again can't be written down where the disk doesn't even take that: it is waited for. */
async function untilWritten({ engine, control, manager, signal }: ComingUp): Promise<void> {
  if (!engine.isSettled) {
    const tell = (text: string | null) => {
      control.waits(text);
      manager.waiting(text);
    };
    tell("the start waits for data_dir: the state can't be written down, the log says why");
    await engine.settled();
    tell(null);
  }
  signal.throwIfAborted();
}
