import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startMosquitto } from '../../support/mosquitto.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { startDaemon } from './support/fixture.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

async function start(version: 5 | 4) {
  const mosquitto = await startMosquitto();
  onTestFinished(() => mosquitto.stop());
  const { service } = await startDaemon({ external: { url: mosquitto.url } }, { version });
  onTestFinished(() => service.stop());
  const client = await connectClient(mosquitto.url, ['d/#'], { resubscribe: true });
  onTestFinished(() => client.end());
  return { mosquitto, service, client };
}

/** What the daemon publishes for others, and hears from them. */
describe.each([5, 4] as const)('with MQTT %i', (version) => {
  it('says when what was handed over is with the broker, though it was away', async () => {
    const { mosquitto, service } = await start(version);
    service.ready();
    await until(() => expect(service.stats().connected).toBe(true));
    await mosquitto.kill();
    await until(() => expect(service.stats().connected).toBe(false));
    const settled = vi.fn();
    const connected = vi.fn();
    service.onConnected(connected);
    service.retain('d/one', '1');
    service.settled(settled);
    expect(settled).not.toHaveBeenCalled();
    await mosquitto.restart();

    await until(() => expect(settled).toHaveBeenCalledTimes(1));
    expect(connected).toHaveBeenCalledTimes(1);
    const late = await connectClient(mosquitto.url, ['d/#']);
    onTestFinished(() => late.end());
    await until(() => expect(late.on('d/one')).toEqual(['1']));
    service.settled(settled);
    await until(() => expect(settled).toHaveBeenCalledTimes(2));
  });

  it('publishes once more what is asked for, and nothing that was forgotten', async () => {
    const { service, client } = await start(version);
    service.ready();
    for (const topic of ['d/one', 'd/two', 'd/three']) service.retain(topic, 'x');
    await until(() => expect(client.last('d/three')).toBe('x'));
    service.forget('d/three');
    service.again((topic) => topic !== 'd/two');
    service.retain('d/end', 'x');
    await until(() => expect(client.last('d/end')).toBe('x'));
    expect(client.on('d/one')).toEqual(['x', 'x']);
    expect(client.on('d/two')).toEqual(['x']);
    expect(client.on('d/three')).toEqual(['x']);
  });

  it('hears the news of others, in MQTT 5 neither its own nor what is retained', async () => {
    const { service, client } = await start(version);
    await client.publish('d/old', 'retained', { retain: true });
    const heard: string[] = [];
    service.sub('d/+', ({ topic }) => heard.push(topic), { news: true });
    service.ready();
    const spoken = () => client.publish('d/ready', '?');
    await vi.waitFor(
      async () => {
        await spoken();
        expect(heard).toContain('d/ready');
      },
      { timeout: 10_000, interval: 50 },
    );
    service.retain('d/own', 'x');
    await until(() => expect(client.last('d/own')).toBe('x'));
    await client.publish('d/news', 'x');
    await until(() => expect(heard).toContain('d/news'));

    const others = heard.filter((topic) => topic !== 'd/ready');
    expect(new Set(others)).toEqual(new Set(version === 5 ? ['d/news'] : ['d/old', 'd/own', 'd/news']));
  });

  it('hears a topic for each who wants it, until nobody does', async () => {
    const { service, client } = await start(version);
    const [one, other, last] = [vi.fn(), vi.fn(), vi.fn()];
    service.sub('d/a', one);
    service.ready();
    await until(() => expect(service.stats().connected).toBe(true));
    service.sub('d/a', other, { news: true });
    service.sub('d/last', last);
    const said = async (text: string) => {
      await client.publish('d/a', text);
      await client.publish('d/last', text);
      await until(() => expect(last).toHaveBeenLastCalledWith(withPayload(text)));
    };
    await vi.waitFor(
      async () => {
        await client.publish('d/last', 'ready');
        expect(last).toHaveBeenCalled();
      },
      { timeout: 10_000, interval: 50 },
    );
    await said('1');
    expect([one, other].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    service.unsub('d/a', one);
    await said('2');
    expect([one, other].map(({ mock }) => mock.calls.length)).toEqual([1, 2]);
    service.unsub('d/a', other);
    await said('3');
    expect([one, other].map(({ mock }) => mock.calls.length)).toEqual([1, 2]);
    service.sub('d/a', one);
    await vi.waitFor(
      async () => {
        await said('4');
        expect(one.mock.calls.length).toBeGreaterThan(1);
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(other.mock.calls.length).toBe(2);
  });
});

const withPayload = (text: string) => expect.objectContaining({ payload: Buffer.from(text) });
