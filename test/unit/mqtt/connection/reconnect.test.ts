import { expect, it, onTestFinished, vi } from 'vitest';
import { startMosquitto } from '../../../support/mosquitto.ts';
import { connectClient } from '../../../support/mqtt-client.ts';
import { startProxy } from '../../../support/proxy.ts';
import { startDaemon } from '../support/fixture.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 20 });

it.each(['auto', 4] as const)(
  'says offline where its connection is cut, then publishes everything, then says online, in version %s',
  async (version) => {
    const broker = await startMosquitto();
    onTestFinished(() => broker.stop());
    const proxy = await startProxy(broker.port);
    onTestFinished(() => proxy.close());
    const url = `mqtt://127.0.0.1:${proxy.port}`;
    const { service, state, commands } = await startDaemon({ external: { url } }, { version });
    onTestFinished(() => service.stop());
    state.set('nightly', {}, { 1: {} });
    service.ready();
    const client = await connectClient(broker.url, ['b/#']);
    onTestFinished(() => client.end());
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));

    client.messages.length = 0;
    proxy.cut();
    const events = Array.from({ length: 200 }, (_, index) => index + 1);
    for (const seq of events) service.event({ seq, topics: ['b/event'], payload: `${seq}` });
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    const said = client.messages.map(({ topic, text }) =>
      text.startsWith('{') ? topic : `${topic} ${text}`,
    );
    expect(said[0]).toBe('b/bridge/state offline');
    expect(said.at(-1)).toBe('b/bridge/state online');
    expect(said).toEqual(
      expect.arrayContaining(['b/job/nightly', 'b/job/nightly/worker/1/status idle', 'b/bridge/stats']),
    );
    expect(said.filter((line) => line === 'b/bridge/state online')).toHaveLength(1);
    expect(client.on('b/event').map(Number)).toEqual(events);
    await client.publish('b/job/nightly/do/reset', '');
    await until(() => expect(commands).toEqual([{ type: 'reset', job: 'nightly' }]));
  },
);
