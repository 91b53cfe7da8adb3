import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createGrowingMask } from '../../../src/config/mask.ts';
import { Door } from '../../../src/mqtt/door.ts';
import { MaskedMessage } from '../../../src/mqtt/masked-message.ts';
import type { Publication, Session } from '../../../src/mqtt/connection/session.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { startDaemon } from './support/fixture.ts';

const src = fileURLToPath(new URL('../../../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const holding = (words: RegExp) =>
  files.filter((file) => words.test(readFileSync(join(src, file), 'utf8'))).toSorted();

it('is all that a connection publishes, and has been through the door', () => {
  const session: Pick<Session, 'publish'> = { publish: () => {} };
  const open: Publication = { topic: 'b/job/a/title', payload: 'a canary', retain: true };
  const door = new Door(createGrowingMask(['canary']), 'b');
  const masked = new MaskedMessage(open, door);
  expect(masked).toMatchObject({ topic: 'b/job/a/title', payload: 'a ***', retain: true });
  session.publish(masked, () => {});
  // @ts-expect-error: one that has not been through the door.
  session.publish(open, () => {});
  // @ts-expect-error: nor one that only looks like it.
  session.publish({ ...masked, payload: 'a canary' }, () => {});
});

it('is what the last will is, and MQTT.js is spoken to by nobody else', () => {
  expect(holding(/from 'mqtt'|import\('mqtt'\)/)).toEqual([
    ...['cli/connection.ts', 'cli/forget/clear-retained.ts', 'mqtt/connection/broker-address.ts'],
    ...['mqtt/connection/connection.ts', 'mqtt/connection/session.ts', 'mqtt/connection/transport.ts'],
  ]);
  // The terminal's own question to a daemon has nothing in it but a random mark, and what it clears nothing at all;
  // the others publish on a session.
  const publishing = holding(/\.publish(?:Async)?\(/).filter((file) =>
    /^(mqtt|cli|homeassistant)\//.test(file),
  );
  expect(publishing).toEqual([
    ...['cli/forget/clear-retained.ts', 'cli/health-mqtt.ts', 'mqtt/connection/session.ts'],
    ...['mqtt/instances/base-topic.ts', 'mqtt/instances/rounds.ts', 'mqtt/sending/outbox.ts'],
  ]);
  expect(holding(/client\.publish(?:Async)?\(/)).toEqual([
    ...['cli/forget/clear-retained.ts', 'cli/health-mqtt.ts', 'mqtt/connection/session.ts'],
  ]);
  expect(holding(/will: MaskedMessage/)).toEqual([
    'mqtt/connection/connection.ts',
    'mqtt/connection/transport.ts',
  ]);
  // One door, which knows this daemon's secrets.
  expect(holding(/new Door\(/)).toEqual(['mqtt/running-service.ts']);
});

it('hides a secret in whatever the daemon says', async () => {
  const broker = { embedded: { listen: { host: '127.0.0.1', port: 0 } } };
  const { service, state } = await startDaemon(broker, {
    secrets: createGrowingMask(['canary']),
    execute: async () => ({ status: 'ok', data: { jobs: [{ id: 'a', title: 'canary 5' }] } }),
  });
  onTestFinished(() => service.stop());
  const client = await connectClient(`mqtt://127.0.0.1:${service.port}`, ['#']);
  onTestFinished(() => client.end());
  state.set(
    'a',
    { title: 'canary 1', last_error: 'canary 2' },
    { 1: { plot: '/canary/3', error: 'canary' } },
  );
  service.retain('others/config', '{"name":"canary 4"}');
  service.publisher.stand('host', {
    ...{ cpu_percent: null, load: [0, 0, 0], memory_used_mib: null, memory_total_mib: null },
    disks: [
      {
        ...{ role: 'temp', path: '/canary/6', free_bytes: null, total_bytes: null, filesystem: '/canary' },
        ...{ reserved_bytes: null, state: 'missing', plots: null, full_at: null },
        ...{ old_plots: null, old_bytes: null },
      },
    ],
  });
  service.event({ seq: 1, topics: ['b/event'], payload: '{"type":"worker_failed","error":"canary 7"}' });
  service.ready();
  await vi.waitFor(() => expect(client.last('b/bridge/state')).toBe('online'), { timeout: 10_000 });
  client.publish('b/bridge/request/job/list', '{"transaction":"canary"}');
  await vi.waitFor(() => expect(client.last('b/bridge/response/job/list')).toBeDefined(), {
    timeout: 10_000,
  });
  for (const topic of ['job/a', 'job/a/title', 'job/a/last_error', 'job/a/worker/1', 'host', 'event'])
    expect(client.last(`b/${topic}`), topic).toContain('***');
  expect(client.last('others/config')).toBe('{"name":"*** 4"}');
  expect(client.last('b/bridge/response/job/list')).toContain('"title":"*** 5"');
  const theirs = ['b/bridge/request/job/list', 'b/bridge/response/job/list'];
  const said = client.messages.filter(({ topic }) => !theirs.includes(topic));
  expect(said.filter(({ text }) => text.includes('canary'))).toEqual([]);
});
