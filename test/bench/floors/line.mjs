// A bare file watch and one MQTT.js publish for each line: node line.mjs FILE URL TOPIC
import { openSync, readSync, watch } from 'node:fs';
import mqtt from 'mqtt';

const [file, url, topic] = process.argv.slice(2);
const client = mqtt.connect(url, { protocolVersion: 5 });
client.stream.setNoDelay(true);
const fd = openSync(file, 'r');
const buffer = Buffer.alloc(64 * 1024);
watch(file, () => {
  const text = buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, null));
  for (const line of text.split('\n')) if (line !== '') client.publish(topic, line, { qos: 1 });
});
client.on('connect', () => process.send('ready'));
