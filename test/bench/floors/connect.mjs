// A program that only connects with MQTT.js, as npm installs it, and publishes one message: node connect.mjs URL TOPIC
import mqtt from 'mqtt';

const [url, topic] = process.argv.slice(2);
const client = mqtt.connect(url, { protocolVersion: 5 });
client.stream.setNoDelay(true);
client.on('connect', () => client.publish(topic, 'online', { qos: 1, retain: true }));
