import type { ListenAddress } from '../config/schema/mqtt.ts';
import type { Answer, Command } from '../engine/commands.ts';
import type { Logger } from '../util/log.ts';
import type { Backoff } from './backoff.ts';
import type { TlsFiles } from './broker/listen.ts';
import type { Secrets } from './door.ts';
import type { EventLimits } from './event-queue.ts';
import type { StateReader } from './publisher.ts';
import type { ExternalBroker, ProtocolVersion } from './transport.ts';

export type BrokerOptions =
  | { embedded: { listen: ListenAddress; users?: Record<string, string>; tls?: TlsFiles } }
  | { external: ExternalBroker };

export interface MqttOptions {
  broker: BrokerOptions;
  baseTopic: string;
  version: 'auto' | ProtocolVersion;
  /** See `Publisher`. */
  progressIntervalMs: number;
  /** This installation's random id, for the client id. */
  instance: string;
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
