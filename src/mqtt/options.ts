import type { ListenAddress } from '../config/schema/mqtt.ts';
import type { Answer, Command } from '../contract/commands.ts';
import type { Logger } from '../util/log.ts';
import type { Backoff } from './connection/backoff.ts';
import type { TlsFiles } from './broker/listen.ts';
import type { Secrets } from './door.ts';
import type { EventLimits } from './sending/event-queue.ts';
import type { Whereabouts } from './instances/watch.ts';
import type { StateReader } from './states/state-reader.ts';
import type { ExternalBroker, ProtocolVersion } from './connection/transport.ts';

export type BrokerOptions =
  | { embedded: { listen: ListenAddress; users?: Record<string, string>; tls?: TlsFiles } }
  | { external: ExternalBroker };

/** An installation's own record of where on the broker it is, and what it has to know of that. */
export interface Installation {
  /** Where it may be alive or have left something, beside the base topic. */
  whereabouts(): Whereabouts;
  /** Another daemon of this instance is alive on another base topic: this one is a copy, and takes a new instance. */
  isCopy(base: string): void;
  /** All that is to be published stands from now on below the base topic; below these something stands still. */
  movedIn(abandoned: readonly string[]): void;
  /** Nothing of it is left below these. */
  cleared(bases: readonly string[]): void;
}

export interface MqttOptions {
  broker: BrokerOptions;
  baseTopic: string;
  version: 'auto' | ProtocolVersion;
  /** See `Publisher`. */
  progressIntervalMs: number;
  /** This installation's random id; another one once it was found to be a copy. */
  instance(): string;
  /** What it knows of itself; without it only the present base topic is looked at. */
  installation?: Installation;
  /** What no message may show. */
  secrets: Secrets;
  reader: StateReader;
  execute(command: Command): Promise<Answer>;
  /** All events up to `seq` are with the broker, or dropped. */
  onAcked(seq: number): void;
  log: Logger;
  eventLimits?: EventLimits;
  ackTimeoutMs?: number;
  backoff?: Backoff;
}

/** A broker's address for the log, without what may be secret in it. */
export function addressOf(broker: BrokerOptions): string {
  if (!('external' in broker)) return 'the embedded broker';
  if (!URL.canParse(broker.external.url)) return 'the broker';
  const { protocol, host } = new URL(broker.external.url);
  return `${protocol}//${host}`;
}
