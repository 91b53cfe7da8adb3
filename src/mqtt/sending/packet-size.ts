import type { Publication } from '../connection/session.ts';

/** How many bytes a variable byte integer takes (MQTT 5, section 1.5.5). */
function lengthOf(value: number): number {
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  return value < 2_097_152 ? 3 : 4;
}

/** The bytes of a QoS 1 PUBLISH packet (MQTT 5, section 3.3); in 3.1.1 it is one byte less. */
export function packetBytes({ topic, payload, correlationData }: Publication): number {
  const properties = correlationData ? 3 + correlationData.length : 0;
  const rest =
    2 + Buffer.byteLength(topic) + 2 + lengthOf(properties) + properties + Buffer.byteLength(payload);
  return 1 + lengthOf(rest) + rest;
}
