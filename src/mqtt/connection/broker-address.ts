import type { IClientOptions } from 'mqtt';

export type BrokerAddress = Pick<IClientOptions, 'protocol' | 'host' | 'hostname' | 'port' | 'path'>;

const PROTOCOLS = ['mqtt', 'mqtts', 'ws', 'wss'] as const;

/**
 * The address in a broker's URL as MQTT.js takes it: it makes a URL of a websocket's, in which an IPv6 address has
 * brackets, and hands all others to the system, where it has none.
 */
export function brokerAddress(broker: string): BrokerAddress {
  const { protocol: scheme, hostname, port, pathname, search } = new URL(broker);
  const protocol = PROTOCOLS.find((each) => `${each}:` === scheme) ?? 'mqtt';
  const websocket = protocol === 'ws' || protocol === 'wss';
  const host = websocket ? hostname : hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    protocol,
    host,
    hostname: host,
    path: pathname + search,
    ...(port === '' ? {} : { port: Number(port) }),
  };
}
