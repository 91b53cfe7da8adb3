import { randomUUID } from 'node:crypto';
import { createMask } from '../config/mask.ts';
import { formatProblem } from '../config/problems.ts';
import type { MqttSettings } from '../config/schema/mqtt.ts';
import { readConfig } from '../daemon/settings.ts';
import { refusalOf } from '../mqtt/refusals.ts';
import { topics } from '../mqtt/topics.ts';
import { messageOf } from '../util/errors.ts';
import { connectOnce } from './connection.ts';

/** The daemon must answer within this time (contract, section 1). */
const ANSWER_MS = 5_000;

/**
 * `plot2mqtt health`: asks the running daemon over MQTT.
 * @returns the exit code: 0 where it answered in time, else 1
 */
export async function runHealth(file: string): Promise<0 | 1> {
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
    const why = createMask(loaded.secrets)(messageOf(error));
    process.stderr.write(`the daemon does not answer: ${why}\n`);
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
