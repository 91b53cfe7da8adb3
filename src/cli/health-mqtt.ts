import { randomUUID } from 'node:crypto';
import { formatProblem } from '../config/problems.ts';
import type { MqttSettings } from '../config/schema/mqtt.ts';
import { topics } from '../contract/topics.ts';
import { ANSWER_MS } from '../control/protocol.ts';
import { readConfig } from '../daemon/configuration/settings.ts';
import { refusalOf } from '../mqtt/connection/refusals.ts';
import { messageOf } from '../util/errors.ts';
import { connectOnce } from './connection.ts';

/**
 * `plot2mqtt health --mqtt`: asks the running daemon over MQTT, so that its broker and the way there are tried too.
 * @returns the exit code: 0 where it answered in time, else 1
 */
export async function runHealthOverMqtt(file: string): Promise<0 | 1> {
  const loaded = await readConfig(file);
  if (!loaded.ok) {
    for (const problem of loaded.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    return 1;
  }
  try {
    await ask(loaded.config.mqtt);
    process.stdout.write('the daemon answers\n');
    return 0;
  } catch (error) {
    process.stderr.write(`the daemon does not answer: ${messageOf(error)}\n`);
    return 1;
  }
}

async function ask(settings: MqttSettings): Promise<void> {
  const began = performance.now();
  const { request, response } = topics(settings.base_topic);
  const transaction = randomUUID();
  const client = await connectOnce(settings, ANSWER_MS).catch((error: unknown) => {
    throw new Error(refusalOf(error).text);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const late = () => reject(new Error(`no answer within ${ANSWER_MS / 1000} s`));
      setTimeout(late, ANSWER_MS - (performance.now() - began)).unref();
      client.on('error', reject);
      client.on('close', () => reject(new Error('the broker closed the connection')));
      client.on('message', (_topic, payload) => {
        if (payload.toString().includes(transaction)) resolve();
      });
      client.subscribe(response('job/list'), { qos: 1 }, (error) => {
        if (error) reject(error);
        else client.publish(request('job/list'), JSON.stringify({ transaction }), { qos: 1 });
      });
    });
  } finally {
    client.end(true);
  }
}
