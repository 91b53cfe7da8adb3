import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BROKERS, startDaemon } from '../../support/e2e/daemon.ts';
import { rssOf } from '../support/processes.ts';
import { rounds } from '../support/size.ts';
import { CANARY, sent } from './payloads.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const MESSAGES = rounds(2_000, 100_000);
/** Sent before the answers of those before are waited for. */
const AT_ONCE = 200;
const CODES = [
  ...['invalid_payload', 'invalid_config', 'unknown_command', 'unknown_job', 'unknown_worker', 'job_exists'],
  ...['job_paused', 'not_allowed', 'limit_reached', 'missing_argument', 'missing_directory', 'no_space'],
];

test.each(BROKERS)(`${MESSAGES} hostile payloads on %s, seed ${SEED}`, async (broker) => {
  const victim = { plotter: 'madmax', arguments: { temp_dir: 'missing' }, check_space: false };
  const daemon = await startDaemon({
    broker,
    mosquitto: 'allow_anonymous true\nmax_queued_messages 0',
    config: { jobs: { victim } },
  });
  const { bus } = daemon;
  // Only answers: the rest would only fill the test's own memory.
  await bus.client.unsubscribeAsync('#');
  let answers = 0;
  const wrong: string[] = [];
  bus.client.on('message', (topic, payload) => {
    if (!topic.startsWith('plot2mqtt/bridge/response/')) return;
    answers += 1;
    if (answers < MESSAGES) bus.messages.length = 0;
    const { status, error } = JSON.parse(payload.toString());
    const right = status === 'ok' || (CODES.includes(error.code) && error.message !== '');
    if (!right) wrong.push(`${topic} ${payload}`);
  });
  await bus.client.subscribeAsync('plot2mqtt/bridge/response/#', { qos: 1 });
  let settled = 0;
  for (let from = 0; from < MESSAGES; from += AT_ONCE) {
    const messages = fc.sample(sent, { seed: SEED + from, numRuns: AT_ONCE });
    for (const { rest, payload } of messages) bus.client.publish(bus.topic(rest), payload, { qos: 1 });
    const wanted = from + AT_ONCE;
    await expect.poll(() => answers, { timeout: 30_000, interval: 5 }).toBeGreaterThanOrEqual(wanted);
    if (from >= MESSAGES / 4 && settled === 0) settled = rssOf(daemon.pid);
  }
  expect(wrong).toEqual([]);
  expect(answers).toBe(Math.ceil(MESSAGES / AT_ONCE) * AT_ONCE);
  expect(rssOf(daemon.pid) - settled, 'MiB more').toBeLessThan(60);
  expect(await bus.command('bridge/request/job/get', { id: 'victim' })).toMatchObject({ status: 'ok' });
  expect(existsSync(daemon.path(CANARY))).toBe(false);
  expect((await readdir(daemon.dir)).sort()).toEqual(['config.yaml', 'data', 'plots', 'tmp']);
  expect(await readdir(daemon.path('tmp'))).toEqual([]);
  expect(daemon.said.filter((line) => /A command failed|could not be handled|rror:/.test(line))).toEqual([]);
});
