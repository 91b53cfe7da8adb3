// The packages' bare import, connect, so many publishes, and one more: node publish-many.mjs URL TOPIC COUNT BYTES
import 'aedes';
import 'execa';
import 'node-os-utils';
import 'pino';
import 'yaml';
import 'zod';
import mqtt from 'mqtt';

const [url, topic, count, bytes] = process.argv.slice(2);
const client = mqtt.connect(url, { protocolVersion: 5 });
client.stream.setNoDelay(true);
client.on('connect', async () => {
  const payload = 'x'.repeat(Number(bytes));
  const published = Array.from({ length: Number(count) }, (_, index) =>
    client.publishAsync(`${topic}/some/topic/of/a/job/${index}`, payload, { qos: 1, retain: true }),
  );
  await Promise.all(published);
  client.publish(topic, 'online', { qos: 1, retain: true });
});
