import type { IConnackPacket, IPublishPacket, MqttClient } from 'mqtt';
import type { MaskedMessage } from '../masked-message.ts';
import type { ProtocolVersion } from './transport.ts';

/** A message that came in. */
export interface Message {
  topic: string;
  payload: Buffer;
  /** Whether the broker says it was retained (or, with Retain As Published, sent to be). */
  retained: boolean;
  responseTopic: string | undefined;
  correlationData: Buffer | undefined;
}

export interface Publication {
  topic: string;
  payload: string;
  retain: boolean;
  correlationData?: Buffer | undefined;
}

export interface SubscribeOptions {
  qos: 0 | 1;
  /** MQTT 5: tell live messages that are sent to be retained from others. */
  retainAsPublished?: boolean;
  /** MQTT 5: not what this connection publishes itself. */
  noLocal?: boolean;
  /** MQTT 5: not what is retained. */
  noRetained?: boolean;
}

/** The largest packet that MQTT can express. */
const MAX_PACKET_BYTES = 268_435_455;

/**
 * Whether an error is the broker's own word (MQTT 5, section 3.4.2.1; a SUBACK's reason): MQTT.js also fails what is
 * in flight when a connection ends.
 */
function isBrokers(error: Error): boolean {
  if ('code' in error && typeof error.code === 'number') return true;
  return 'packet' in error && error.packet !== undefined;
}

/** One connection, from the broker's yes until it ends. */
export class Session {
  readonly version: ProtocolVersion;
  /** The largest packet that the broker takes, in bytes. */
  readonly maximumPacketSize: number;
  /** How many QoS 1 messages the broker lets us have unacknowledged. */
  readonly receiveMaximum: number;
  readonly #client: MqttClient;

  constructor(client: MqttClient, connack: IConnackPacket) {
    this.#client = client;
    this.version = client.options.protocolVersion === 5 ? 5 : 4;
    this.maximumPacketSize = connack.properties?.maximumPacketSize ?? MAX_PACKET_BYTES;
    this.receiveMaximum = connack.properties?.receiveMaximum ?? 65_535;
  }

  /** Publishes with QoS 1; `done` comes with the acknowledgement, and never where the connection ends before. */
  publish(message: MaskedMessage, done: (error?: Error | null) => void): void {
    const { correlationData } = message;
    this.#client.publish(
      message.topic,
      message.payload,
      {
        qos: 1,
        retain: message.retain,
        ...(correlationData && { properties: { correlationData } }),
      },
      (error) => {
        if (!error || isBrokers(error)) done(error);
      },
    );
  }

  /** `done` gets an error where the broker refuses any of the filters; it is never called where the connection ends. */
  subscribe(filters: string[], options: SubscribeOptions, done: (error?: Error | null) => void): void {
    const { qos, retainAsPublished = false, noLocal = false, noRetained = false } = options;
    const extra = this.version === 5 ? { rap: retainAsPublished, nl: noLocal, rh: noRetained ? 2 : 0 } : {};
    this.#client.subscribe(filters, { qos, ...extra }, (error) => {
      if (!error || isBrokers(error)) done(error);
    });
  }

  unsubscribe(filters: string[]): void {
    this.#client.unsubscribe(filters, () => {});
  }
}

/** What matters of an incoming packet. */
export function messageOfPacket(topic: string, payload: Buffer, packet: IPublishPacket): Message {
  return {
    topic,
    payload,
    retained: packet.retain,
    responseTopic: packet.properties?.responseTopic,
    correlationData: packet.properties?.correlationData,
  };
}
