import { readFile } from 'node:fs/promises';
import type { MqttSettings } from '../config/schema/mqtt.ts';

/** Nearly every broker speaks it; a question and its answer need nothing newer. */
const OLDER = 4 as const;

/** How the daemon's broker is reached from this machine, for MQTT.js. Throws where a certificate can't be read. */
export async function connection(settings: MqttSettings) {
  const { broker, embedded, ca, cert, key } = settings;
  if (broker !== 'embedded')
    return {
      ...urlParts(broker),
      protocolVersion: settings.version === 5 ? (5 as const) : OLDER,
      ...(settings.username === undefined ? {} : { username: settings.username }),
      ...(settings.password === undefined ? {} : { password: settings.password }),
      ...(ca === undefined ? {} : { ca: await readFile(ca) }),
      ...(cert === undefined ? {} : { cert: await readFile(cert) }),
      ...(key === undefined ? {} : { key: await readFile(key) }),
    };
  const { host, port } = embedded.listen;
  const [user] = Object.entries(embedded.users);
  const everywhere = host === '0.0.0.0' || host === '::';
  return {
    protocolVersion: OLDER,
    protocol: embedded.tls.cert ? ('mqtts' as const) : ('mqtt' as const),
    host: everywhere ? 'localhost' : host,
    port,
    ...(user ? { username: user[0], password: user[1] } : {}),
    // The certificate is for the names by which others reach this host.
    ...(embedded.tls.cert ? { rejectUnauthorized: false } : {}),
  };
}

function urlParts(broker: string) {
  const url = new URL(broker);
  const protocol = (['mqtt', 'mqtts', 'ws', 'wss'] as const).find((each) => `${each}:` === url.protocol);
  return {
    protocol: protocol ?? ('mqtt' as const),
    host: url.hostname,
    path: url.pathname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
  };
}
