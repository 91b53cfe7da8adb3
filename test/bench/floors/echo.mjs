// A bare echo between two clients: node echo.mjs URL ASKED ANSWERED
import mqtt from 'mqtt';

const [url, asked, answered] = process.argv.slice(2);
const client = mqtt.connect(url, { protocolVersion: 5 });
client.stream.setNoDelay(true);
client.on('message', (_topic, payload) => client.publish(answered, payload, { qos: 1 }));
client.on('connect', () => client.subscribe(asked, { qos: 1 }, () => process.send('ready')));
