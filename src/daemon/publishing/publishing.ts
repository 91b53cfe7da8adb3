import type { EngineEvent } from '../../contract/events.ts';
import type { KeptEvent } from '../../engine/model/kept-event.ts';
import type { State } from '../../engine/model/state.ts';
import type { Outcome } from '../../engine/outcome.ts';
import type { World } from '../../engine/starting/gates/gate.ts';
import { farmView } from '../../engine/views/farm-view.ts';
import { moveView } from '../../engine/views/move-view.ts';
import { jobView, slotsOf, statsView, workerView } from '../../engine/views/views.ts';
import { silenceInWords } from '../../engine/working/silence.ts';
import type { MqttService } from '../../mqtt/service.ts';
import type { StateReader } from '../../mqtt/states/state-reader.ts';
import type { Logger } from '../../util/log.ts';
import { dateOf, type SteadyClock } from '../clock.ts';
import { type Measured, nothingMeasured } from './figures.ts';
import type { PresentDiscovery } from './present-discovery.ts';

/** The state as topics show it, now. */
export function stateReader(
  engine: Pick<World, 'state' | 'memory'> & { readonly storage: 'ok' | 'failing' },
  clock: Pick<SteadyClock, 'now'>,
  measured: Measured = nothingMeasured(),
): StateReader {
  const { state, memory } = engine;
  const now = () => ({ state, memory, now: Date.now(), steady: clock.now() });
  return {
    jobIds: () => [...state.jobs.keys()],
    jobView: (id, lively) => {
      const job = state.jobs.get(id);
      return job && jobView(now(), job, lively);
    },
    slots: (id) => {
      const job = state.jobs.get(id);
      return job ? slotsOf(state, job) : [];
    },
    workerView: (id, slot) => {
      const job = state.jobs.get(id);
      return job && workerView(state, job, slot, now());
    },
    moveIds: () => [...state.moves.keys()],
    moveView: (id) => {
      const move = state.moves.get(id);
      return move && moveView(now(), move);
    },
    stats: () => statsView(state, dateOf(Date.now())),
    farm: (lively) => {
      const { host, farm: room, oldPlots, leftOut } = measured;
      const disks = host?.disks ?? [];
      const around = { today: dateOf(Date.now()), storage: engine.storage, disks, room, oldPlots, leftOut };
      return farmView(state, now(), around, lively);
    },
  };
}

/** Events of an earlier run that no broker has acknowledged: they come first. */
export function resendEvents(state: State, mqtt: MqttService): void {
  for (const event of state.unacked) sendEvent(event, mqtt);
}

function sendEvent(event: KeptEvent, mqtt: Pick<MqttService, 'publisher' | 'event'>): void {
  const topics = mqtt.publisher.topics.ofEvent(event);
  mqtt.event({ seq: event.seq, topics, payload: JSON.stringify(event) }, event);
}

/** Publishes what a step touched and told, in the same tick: states, then events; answers come after both. */
export function publishOutcome(
  outcome: Outcome,
  state: State,
  {
    mqtt,
    discovery,
  }: {
    mqtt: Pick<MqttService, 'publisher' | 'event'>;
    discovery: Pick<PresentDiscovery, 'jobChanged' | 'moveChanged'>;
  },
  log: Logger,
): void {
  const { publisher } = mqtt;
  for (const id of outcome.touched.jobs) {
    discovery.jobChanged(id);
    if (state.jobs.has(id)) publisher.jobChanged(id);
    else publisher.jobRemoved(id);
  }
  for (const [job, slots] of outcome.touched.slots)
    if (state.jobs.has(job)) for (const slot of slots) publisher.workerChanged(job, slot);
  for (const { job, slot } of outcome.touched.moved) publisher.workerMoved(job, slot);
  for (const id of outcome.touched.moves) {
    discovery.moveChanged(id);
    publisher.moveChanged(id);
  }
  if (outcome.entry !== null) publisher.statsChanged();
  for (const event of outcome.entry?.e ?? []) {
    logEvent(event, log);
    sendEvent(event, mqtt);
  }
}

/** Events that somebody who reads the log wants to see without looking for them. */
function logEvent(event: EngineEvent, log: Logger): void {
  const of = event.job === null ? '' : `${event.job}${event.slot === null ? '' : `/${event.slot}`}: `;
  switch (event.type) {
    case 'worker_started':
    case 'worker_recovered':
    case 'worker_dismissed':
    case 'job_end':
    case 'job_created':
    case 'job_deleted':
      return log.info(`${of}${event.type}`);
    case 'replot_would_remove':
      return log.info(`${of}${event.file} would be removed, were replotting no dry run`);
    case 'worker_end':
      return log.info(`${of}worker_end, ${event.result}${event.plot === null ? '' : `, ${event.plot}`}`);
    case 'worker_failed':
      return log.error(`${of}worker_failed: ${event.error}`);
    case 'worker_waiting':
      return log.warn(`${of}worker_waiting: ${event.error}`);
    case 'worker_stalled':
      return log.warn(`${of}worker_stalled: ${silenceInWords(event.silence_s)}`);
    case 'worker_goes_on':
    case 'worker_unstalled':
      return log.info(`${of}${event.type}`);
    case 'move_started':
      return log.info(`move ${event.move}: ${event.plot} goes to ${event.to}`);
    case 'move_finished':
      return log.info(`move ${event.move}: ${event.plot} has arrived`);
    case 'move_failed':
      return log.error(`move ${event.move}: ${event.plot} stays, try ${event.attempt}: ${event.error}`);
    case 'job_blocked':
      return log.warn(`${of}job_blocked: ${event.reason}`);
    case 'job_unblocked':
      return log.info(`${of}job_unblocked: ${event.reason}`);
    default:
      return log.debug(`${of}${event.type}`);
  }
}
