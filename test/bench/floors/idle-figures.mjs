// A connected client that publishes as many messages a minute as the contract asks of an idle daemon, and looks at
// its host for them: node idle-figures.mjs URL
import { readFile, statfs } from 'node:fs/promises';
import mqtt from 'mqtt';

const client = mqtt.connect(process.argv[2], { protocolVersion: 5 });
client.on('connect', () => process.send('ready'));
setInterval(async () => {
  const figures = [
    await readFile('/proc/stat', 'utf8'),
    await readFile('/proc/meminfo', 'utf8'),
    await statfs('/tmp'),
  ];
  client.publish('floor/host', JSON.stringify(figures).slice(0, 400), { qos: 1, retain: true });
}, 30_000);
setInterval(
  () => client.publish('floor/health', JSON.stringify(process.memoryUsage.rss()), { qos: 1, retain: true }),
  60_000,
);
