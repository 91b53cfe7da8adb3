// A bare connected client: node idle.mjs URL
import mqtt from 'mqtt';

const client = mqtt.connect(process.argv[2], { protocolVersion: 5 });
client.on('connect', () => process.send('ready'));
