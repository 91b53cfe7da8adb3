import type { MqttSettings } from '../../config/schema/mqtt.ts';
import type { MqttOptions } from '../../mqtt/service.ts';

type FromConfig = Pick<MqttOptions, 'broker' | 'baseTopic' | 'version' | 'progressIntervalMs'>;

/** What config.yaml says of MQTT, as the MQTT room takes it. */
export function mqttOptions(settings: MqttSettings): FromConfig {
  return {
    broker: brokerOf(settings),
    baseTopic: settings.base_topic,
    version: settings.version,
    progressIntervalMs: settings.progress_interval * 1000,
  };
}

function brokerOf(settings: MqttSettings): MqttOptions['broker'] {
  const { broker, embedded, username, password, ca, cert, key } = settings;
  if (broker !== 'embedded') return { external: { url: broker, username, password, ca, cert, key } };
  const { listen, tls, users } = embedded;
  return {
    embedded: { listen, users, ...(tls.cert && tls.key ? { tls: { cert: tls.cert, key: tls.key } } : {}) },
  };
}
