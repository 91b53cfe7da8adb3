// A bare reader of many files that publishes every line: node read-all.mjs URL QOS, then {files} as a message
import { openSync, readSync, watch } from 'node:fs';
import mqtt from 'mqtt';

const [url, qos] = process.argv.slice(2);
const client = mqtt.connect(url, { protocolVersion: 5 });
client.stream.setNoDelay(true);
const buffer = Buffer.alloc(64 * 1024);
let published = 0;

function follow(file, index) {
  const fd = openSync(file, 'r');
  const topic = `floor/worker/${index}`;
  watch(file, () => {
    const text = buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, null));
    for (const line of text.split('\n')) {
      if (line === '') continue;
      published += 1;
      client.publish(topic, line, { qos: Number(qos) });
    }
  });
}
process.on('message', ({ files }) => {
  if (files) files.forEach(follow);
  process.send(published);
});
client.on('connect', () => process.send('ready'));
