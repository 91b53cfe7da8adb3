import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BrokerOptions } from '../../../src/mqtt/service.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { startDaemon } from './support/fixture.ts';

afterEach(() => vi.restoreAllMocks());

/** The same daemon on both brokers, and in both versions of MQTT. */
const SETTINGS = [
  { name: 'the embedded broker', embedded: true, version: 'auto' },
  { name: 'Mosquitto with MQTT 5', embedded: false, version: 'auto' },
  { name: 'Mosquitto with MQTT 3.1.1', embedded: false, version: 4 },
] as const;

async function start(setting: (typeof SETTINGS)[number], change: Parameters<typeof startDaemon>[1] = {}) {
  let broker: BrokerOptions = { embedded: { listen: { host: '127.0.0.1', port: 0 } } };
  let url = '';
  if (!setting.embedded) {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    url = mosquitto.url;
    broker = { external: { url } };
  }
  const daemon = await startDaemon(broker, { version: setting.version, ...change });
  onTestFinished(() => daemon.service.stop());
  if (setting.embedded) url = `mqtt://127.0.0.1:${daemon.service.port}`;
  const client = await connectClient(url, ['b/#']);
  onTestFinished(() => client.end());
  return { ...daemon, client, url };
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

describe.each(SETTINGS)('on $name', (setting) => {
  it('publishes all state, then says online', async () => {
    const { service, state, client } = await start(setting);
    state.set(
      'nightly',
      { max_workers: 2 },
      { 1: { status: 'plotting', stage: '3.2', progress: 41.5 }, 2: {} },
    );
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));

    expect(
      client.messages.filter(({ topic }) => topic.startsWith('b/job') || topic.startsWith('b/bridge')).at(-1)
        ?.text,
    ).toBe('online');
    expect(JSON.parse(client.last('b/job/nightly') ?? '')).toEqual(state.jobView('nightly'));
    expect(client.last('b/job/nightly/max_workers')).toBe('2');
    expect(client.last('b/job/nightly/enabled')).toBe('ON');
    expect(client.last('b/job/nightly/eta')).toBe('None');
    expect(client.last('b/job/nightly/worker/1/stage')).toBe('3.2');
    expect(JSON.parse(client.last('b/job/nightly/worker/1') ?? '')).toMatchObject({
      status: 'plotting',
      progress: 41.5,
    });
    expect(JSON.parse(client.last('b/bridge/stats') ?? '')).toEqual({
      workers: 0,
      plots_done: 0,
      plots_today: 0,
    });
  });

  it('tells what an earlier run has left over only behind the state of this one', async () => {
    const { service, state, client } = await start(setting);
    service.event({ seq: 1, topics: ['b/event'], payload: 'left over' });
    await until(() => expect(service.stats().connected).toBe(true));
    state.set('nightly', { plots_done: 7 });
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    const seen = client.messages.map(({ topic }) => topic);
    expect(seen).toContain('b/event');
    expect(seen.indexOf('b/event')).toBeGreaterThan(seen.indexOf('b/job/nightly/plots_done'));
  });

  it('answers a command after the state and the event that it made', async () => {
    const { service, state, client } = await start(setting, {
      execute: async (command) => {
        if (command.type !== 'set') throw new Error('unexpected');
        const { max_workers } = command.settings;
        if (typeof max_workers !== 'number') throw new Error('unexpected');
        state.set(command.job, { max_workers });
        service.event({ seq: 1, topics: ['b/event'], payload: 'updated' });
        service.publisher.jobChanged(command.job);
        return { status: 'ok', data: null };
      },
    });
    state.set('nightly');
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    const before = client.messages.length;
    await client.publish('b/job/nightly/set/max_workers', '{"value":"4","transaction":"t1"}');
    await until(() => expect(client.last('b/bridge/response/job/nightly/set/max_workers')).toBeDefined());

    const seen = client.messages.slice(before).map(({ topic, text }) => `${topic} ${text}`);
    expect(seen).toEqual([
      expect.stringMatching(/^b\/job\/nightly\/set\/max_workers /),
      expect.stringMatching(/^b\/job\/nightly \{.*"max_workers":4/),
      'b/job/nightly/max_workers 4',
      'b/event updated',
      'b/bridge/response/job/nightly/set/max_workers {"status":"ok","data":null,"transaction":"t1"}',
    ]);
  });

  it('clears what is retained of a deleted job and of slots beyond the limit', async () => {
    const { service, state, client, url } = await start(setting);
    state.set('one', {}, { 1: {}, 2: {} });
    state.set('two', {}, { 1: {} });
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    state.jobs.get('one')?.slots.delete(2);
    state.set('one', { max_workers: 1, title: 'Less' });
    service.publisher.jobChanged('one');
    state.jobs.delete('two');
    service.publisher.jobRemoved('two');
    await until(() => expect(client.last('b/job/two')).toBe(''));

    const late = await connectClient(url, ['b/job/#']);
    onTestFinished(() => late.end());
    await until(() => expect(late.last('b/job/one/worker/1/eta')).toBe('None'));
    expect(
      late.messages.filter(({ topic }) => topic.startsWith('b/job/two') || topic.includes('worker/2')),
    ).toEqual([]);
  });

  it('says offline when it stops', async () => {
    const { service, client } = await start(setting);
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    await service.stop();
    await until(() => expect(client.on('b/bridge/state').at(-1)).toBe('offline'));
  });

  it('says online again where the will of a connection that it gave up comes late', async () => {
    const { service, client } = await start(setting);
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    await client.publish('b/bridge/state', 'offline', { retain: true });
    await until(() => expect(client.on('b/bridge/state')).toEqual(['online', 'offline', 'online']));
    await service.stop();
    await until(() =>
      expect(client.on('b/bridge/state')).toEqual(['online', 'offline', 'online', 'offline']),
    );
  });

  it('does not execute a retained command, clears it and answers not_allowed', async () => {
    const { service, state, client, url, commands, lines } = await start(setting);
    state.set('nightly');
    await client.publish('b/job/nightly/do/start', '2', { retain: true });
    service.ready();
    const response = 'b/bridge/response/job/nightly/do/start';
    await until(() => expect(client.last(response)).toContain('not_allowed'));
    await until(() => expect(client.last('b/job/nightly/do/start')).toBe(''));
    // A command behind it shows that the echo of the clearing was no command either.
    await client.publish('b/job/nightly/do/reset', '');
    await until(() => expect(commands).toEqual([{ type: 'reset', job: 'nightly' }]));
    expect(lines.join('')).toContain('retained command');
    const late = await connectClient(url, ['b/job/nightly/do/start', 'b/bridge/state']);
    onTestFinished(() => late.end());
    await until(() => expect(late.last('b/bridge/state')).toBe('online'));
    expect(late.on('b/job/nightly/do/start')).toEqual([]);
  });

  it('does not execute a command that is sent to be retained while it listens, where MQTT tells', async () => {
    const { service, client, commands } = await start(setting);
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    await client.publish('b/fire/again', '{"transaction":5}', { retain: true });
    const response = () => client.last('b/bridge/response/fire/again');
    await until(() => expect(response()).toBeDefined());
    if (setting.version === 4) return expect(commands).toEqual([{ type: 'fire', name: 'again' }]);
    expect(JSON.parse(response() ?? '')).toMatchObject({ error: { code: 'not_allowed' }, transaction: 5 });
    await until(() => expect(client.last('b/fire/again')).toBe(''));
    expect(commands).toEqual([]);
  });

  it('answers what lies too deep or has no meaning', async () => {
    const { service, client } = await start(setting);
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    const rests = ['job/x/set/enabled/extra', 'job/x/worker/one/do/dismiss', 'fire/a/b', 'job/X!/do/start'];
    for (const rest of [...rests, 'bridge/request/nothing/here']) await client.publish(`b/${rest}`, 'ON');
    const code = (rest: string) => JSON.parse(client.last(`b/bridge/response/${rest}`) ?? '{}').error?.code;
    await until(() =>
      expect([...rests, 'nothing/here'].map(code)).toEqual([
        'unknown_command',
        'unknown_worker',
        'unknown_command',
        'unknown_job',
        'unknown_command',
      ]),
    );
  });

  it('replaces an answer that is larger than the broker takes', async () => {
    const { service, client } = await start(setting, {
      execute: async () => ({ status: 'ok', data: 'x'.repeat(5_000_000) }),
    });
    service.ready();
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    await client.publish('b/bridge/request/job/list', '{"transaction":8}');
    const answer = () => client.last('b/bridge/response/job/list');
    await until(() => expect(answer()).toBeDefined());
    if (setting.embedded)
      expect(JSON.parse(answer() ?? '')).toMatchObject({ error: { code: 'internal' }, transaction: 8 });
    else expect(answer()).toHaveLength('{"status":"ok","data":"","transaction":8}'.length + 5_000_000);
    expect(service.stats().connected).toBe(true);
  });

  it('acknowledges events in order', async () => {
    const { service, client, acked } = await start(setting);
    service.ready();
    for (let seq = 1; seq <= 500; seq += 1)
      service.event({ seq, topics: ['b/event', 'b/job/x/event/progress'], payload: `{"seq":${seq}}` });
    await until(() => expect(acked.at(-1)).toBe(500));
    await until(() => expect(client.on('b/job/x/event/progress')).toHaveLength(500));
    const wanted = Array.from({ length: 500 }, (_, index) => `{"seq":${index + 1}}`);
    expect(client.on('b/event')).toEqual(wanted);
    expect(acked).toEqual(acked.toSorted((a, b) => a - b));
  });
});
