import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startBlackHole } from '../../../support/black-hole.ts';
import { makeCertificates } from '../../../support/certificates.ts';
import { freePort, startMosquitto } from '../../../support/mosquitto.ts';
import { connectClient } from '../../../support/mqtt-client.ts';
import { startDaemon } from '../support/fixture.ts';

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 });

async function mosquitto(config?: string) {
  const broker = await startMosquitto(config === undefined ? {} : { config });
  onTestFinished(() => broker.stop());
  return broker;
}
async function daemon(...args: Parameters<typeof startDaemon>) {
  const started = await startDaemon(...args);
  onTestFinished(() => started.service.stop());
  return started;
}
async function client(...args: Parameters<typeof connectClient>) {
  const connected = await connectClient(...args);
  onTestFinished(() => connected.end());
  return connected;
}

describe('the connection', () => {
  it('says in words that the password is wrong, once, without the password, and works once it is right', async () => {
    const passwords = join(tmpdir(), `passwords-${randomUUID()}`);
    const setPassword = async (password: string) => {
      await writeFile(passwords, `anna:${password}\n`);
      execFileSync('mosquitto_passwd', ['-U', passwords]);
    };
    await setPassword('other-secret');
    const broker = await mosquitto(`allow_anonymous false\npassword_file ${passwords}`);
    const { service, lines } = await daemon({
      external: { url: broker.url, username: 'anna', password: 'my-secret' },
    });
    await until(() =>
      expect(lines.join('')).toMatch(/it refuses: (wrong user or password|this user may not connect)/),
    );
    const attempts = () => lines.filter((line) => line.includes('Cannot connect'));
    await setPassword('my-secret');
    await broker.restart();
    await until(() => expect(service.stats().connected).toBe(true));
    expect(attempts().filter((line) => line.includes('mqtt.password'))).toHaveLength(1);
    expect(lines.join('')).not.toContain('my-secret');
  });

  it.each([
    ['nothing listens there', async () => `mqtt://127.0.0.1:${await freePort()}`],
    ['there is no host of this name|looked up', async () => 'mqtt://no-such-host.invalid:1883'],
  ])('says "%s"', async (text, url) => {
    const { lines, service } = await daemon({ external: { url: await url() } });
    await until(() => expect(lines.join('')).toMatch(new RegExp(text)));
    expect(service.stats().connected).toBe(false);
  });

  it.each(['mqtt', 'mqtts', 'ws', 'wss'])(
    'waits two seconds for a host that says nothing, not longer, with %s',
    async (scheme) => {
      const hole = await startBlackHole();
      onTestFinished(() => hole.close());
      const { lines } = await daemon({ external: { url: `${scheme}://127.0.0.1:${hole.port}` } });
      const began = performance.now();
      await until(() => expect(lines.join('')).toContain('no answer'));
      expect(performance.now() - began).toBeLessThan(4_000);
    },
  );

  it('speaks TLS with a client certificate, and says why where the authority is unknown', async () => {
    const files = await makeCertificates();
    const config = `cafile ${files.ca}\ncertfile ${files.cert}\nkeyfile ${files.key}\nrequire_certificate true\nallow_anonymous true`;
    const broker = await mosquitto(config);
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const good = await daemon({ external: { url, ...files } });
    await until(() => expect(good.service.stats().connected).toBe(true));
    const bad = await daemon({ external: { url } });
    await until(() => expect(bad.lines.join('')).toMatch(/unknown authority \(mqtt\.ca\)/));
    const missing = await daemon({ external: { url, ca: '/nowhere/ca.pem' } });
    await until(() => expect(missing.lines.join('')).toContain('mqtt.ca: cannot read /nowhere/ca.pem'));
  });

  it("says that the broker's certificate has expired, and connects once it is renewed", async () => {
    const files = await makeCertificates(-1);
    const broker = await mosquitto(`certfile ${files.cert}\nkeyfile ${files.key}\nallow_anonymous true`);
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const { service, lines } = await daemon({ external: { url, ca: files.ca } });
    await until(() => expect(lines.join('')).toContain('certificate has expired'));
    expect(service.stats().connected).toBe(false);
    await files.renew();
    await broker.restart();
    await until(() => expect(service.stats().connected).toBe(true));
  });

  it.each([
    ['refuses it as 3.1.1 does', (socket: net.Socket) => void socket.end(Buffer.from([0x20, 2, 0, 1]))],
    ['refuses it as 5 does', (socket: net.Socket) => void socket.end(Buffer.from([0x20, 3, 0, 0x84, 0]))],
    ['hangs up', (socket: net.Socket) => void socket.destroy()],
  ])('falls back to MQTT 3.1.1 where a broker %s', async (_what, refuse) => {
    const broker = await mosquitto();
    const proxy = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (connect) => {
        // The version is the byte behind the protocol's name.
        if (connect[connect.indexOf('MQTT') + 4] === 5) return refuse(socket);
        const there = net.connect(broker.port, '127.0.0.1');
        there.on('error', () => {});
        there.write(connect);
        socket.pipe(there).pipe(socket);
      });
    });
    const port = await freePort();
    await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const { service, lines } = await daemon({ external: { url: `mqtt://127.0.0.1:${port}` } });
    service.ready();
    const other = await client(broker.url);
    await until(() => expect(other.last('b/bridge/state')).toBe('online'));
    expect(lines.join('')).toContain('with MQTT 3.1.1');
  });

  it('loses no event and keeps their order over crashes of the broker', { timeout: 40_000 }, async () => {
    const broker = await mosquitto();
    const { service, acked } = await daemon({ external: { url: broker.url } });
    service.ready();
    const other = await client(broker.url, ['b/event']);
    let seq = 0;
    let crash: Promise<void> | undefined;
    for (let crashes = 0; crashes < 3; crashes += 1) {
      const before = seq;
      await until(() => expect(service.stats().connected).toBe(true));
      while (seq < before + 600) {
        seq += 1;
        service.event({ seq, topics: ['b/event', 'b/job/x/event/progress'], payload: `${seq}` });
        if (seq === before + 300) crash = broker.restart();
        if (seq % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await crash;
      // The other client has lost its subscription with the broker, and MQTT.js renews it.
      await until(() => expect(acked.at(-1)).toBe(seq));
    }
    expect(acked).toEqual(acked.toSorted((a, b) => a - b));
    // `online` comes after the last event.
    await until(() => expect(service.stats()).toMatchObject({ dropped: 0, queue: 0 }));
    // What it got is in order, repeats aside.
    const seen = [...new Set(other.on('b/event').map(Number))];
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('publishes everything again where the broker has lost it, events since then in order', async () => {
    const broker = await mosquitto();
    const { service, state, acked } = await daemon({ external: { url: broker.url } });
    state.set('nightly', { plots_done: 1 }, { 1: { status: 'plotting', progress: 10 } });
    service.ready();
    const first = await client(broker.url, ['b/bridge/state']);
    await until(() => expect(first.last('b/bridge/state')).toBe('online'));
    await broker.kill();
    await until(() => expect(service.stats().connected).toBe(false));
    for (let done = 2; done <= 50; done += 1) {
      state.set('nightly', { plots_done: done });
      service.publisher.jobChanged('nightly');
      service.publisher.flush();
      service.event({ seq: done, topics: ['b/event'], payload: `${done}` });
    }
    await broker.restart();
    await until(() => expect(acked.at(-1)).toBe(50));
    const late = await client(broker.url);
    await until(() => expect(late.last('b/bridge/state')).toBe('online'));
    expect(late.on('b/job/nightly/plots_done')).toEqual(['50']);
    expect(late.on('b/job/nightly/worker/1/status')).toEqual(['plotting']);
  });

  it('replaces a connection on which nothing is acknowledged any more', async () => {
    const broker = await mosquitto();
    const { service, lines } = await daemon({ external: { url: broker.url } }, { ackTimeoutMs: 300 });
    service.ready();
    const other = await client(broker.url);
    await until(() => expect(other.last('b/bridge/state')).toBe('online'));
    broker.freeze();
    service.retain('b/x', '1');
    await until(() => expect(lines.join('')).toContain('acknowledges nothing any more'));
    broker.thaw();
    await until(() => expect(service.stats().connected).toBe(true));
    await until(() => expect(other.last('b/x')).toBe('1'));
  });

  it.each(['auto', 4] as const)(
    'clears what a daemon that was killed left behind, in version %s',
    async (version) => {
      const broker = await mosquitto();
      const other = await client(broker.url, []);
      const left = [
        'job/gone',
        'job/gone/state',
        'job/gone/eta',
        'job/gone/worker/2',
        'job/gone/worker/2/status',
        'job/kept/worker/3',
      ];
      for (const topic of left) await other.publish(`b/${topic}`, 'old', { retain: true });
      for (const topic of ['job/kept', 'other/gone', 'job/gone/foreign/thing'])
        await other.publish(`b/${topic}`, 'old', { retain: true });
      const { service, state } = await daemon({ external: { url: broker.url } }, { version });
      state.set('kept', {}, { 1: {} });
      service.ready();
      const retained = async () => {
        const late = await connectClient(broker.url);
        await until(() => expect(late.last('b/bridge/state')).toBe('online'));
        await late.end();
        return late.messages.map(({ topic }) => topic);
      };
      await until(async () =>
        expect((await retained()).filter((topic) => left.includes(topic.slice(2)))).toEqual([]),
      );
      expect(await retained()).toEqual(
        expect.arrayContaining(['b/job/kept', 'b/other/gone', 'b/job/gone/foreign/thing']),
      );
      expect(await retained()).toContain('b/job/kept/worker/1');
    },
  );

  it('goes through WebSockets', async () => {
    const port = await freePort();
    const broker = await mosquitto(`allow_anonymous true\nlistener ${port} 127.0.0.1\nprotocol websockets`);
    const { service } = await daemon({ external: { url: `ws://127.0.0.1:${port}` } });
    service.ready();
    const other = await client(broker.url);
    await until(() => expect(other.last('b/bridge/state')).toBe('online'));
  });

  it.each(['auto', 4] as const)(
    'says what an access list forbids, once, and goes on, in version %s',
    async (version) => {
      const list = join(tmpdir(), `access-${randomUUID()}`);
      await writeFile(list, 'topic read #\ntopic write b/bridge/state\ntopic write b/bridge/stats\n', {
        mode: 0o600,
      });
      const broker = await mosquitto(`allow_anonymous true\nacl_file ${list}`);
      const { service, state, lines, acked } = await daemon({ external: { url: broker.url } }, { version });
      state.set('nightly', {}, { 1: {} });
      service.event({ seq: 1, topics: ['b/event'], payload: '1' });
      service.ready();
      const other = await client(broker.url);
      await until(() => expect(other.last('b/bridge/state')).toBe('online'));
      expect(acked).toEqual([1]);
      // MQTT 3.1.1 has no words for it.
      expect(lines.filter((line) => line.includes('Not authorized'))).toHaveLength(version === 4 ? 0 : 1);
    },
  );

  it('works with a broker that cuts the connection at large packets, and names them', async () => {
    const broker = await mosquitto('allow_anonymous true\nmax_packet_size 2048');
    const { service, state, lines, acked } = await daemon(
      { external: { url: broker.url } },
      { version: 4, execute: async () => ({ status: 'ok', data: 'x'.repeat(5000) }) },
    );
    for (let id = 1; id <= 20; id += 1) state.set(`job${id}`, {}, { 1: {} });
    state.set('large', { last_error: 'x'.repeat(3000) });
    service.retain('d/large', 'x'.repeat(10_000));
    service.event({ seq: 1, topics: ['b/event'], payload: 'x'.repeat(4000) });
    service.event({ seq: 2, topics: ['b/event'], payload: 'small' });
    service.ready();
    const other = await client(broker.url, ['b/#']);
    await until(() => expect(other.last('b/bridge/state')).toBe('online'));
    expect(lines.join('')).toMatch(/cuts the connection at this message/);
    expect(lines.join('')).not.toContain('refuses');
    expect(acked.at(-1)).toBe(2);
    expect(other.last('b/event')).toBe('small');
    expect(other.last('b/job/job20/worker/1/status')).toBe('idle');
    expect(service.stats().dropped).toBeGreaterThanOrEqual(3);
    const connections = () => lines.filter((line) => line.includes('Connected to')).length;
    const before = connections();
    state.set('large', { last_error: 'short', plots_done: 3 });
    service.publisher.jobChanged('large');
    await until(() => expect(other.last('b/job/large/last_error')).toBe('short'));
    expect(JSON.parse(other.last('b/job/large') ?? '')).toMatchObject({ plots_done: 3 });
    await other.publish('b/bridge/request/job/list', '{"transaction":8}');
    await until(() => expect(other.last('b/bridge/response/job/list')).toContain('larger than the broker'));
    expect(connections()).toBe(before);
  });

  it('uses all of the size that a broker names', async () => {
    const broker = await mosquitto('allow_anonymous true\nmax_packet_size 2048');
    const { service, lines } = await daemon({ external: { url: broker.url } });
    const longest = 2048 - (1 + 2 + 2 + 'd/fits'.length + 2 + 1);
    service.retain('d/fits', 'x'.repeat(longest));
    service.retain('d/more', 'x'.repeat(longest + 1));
    service.ready();
    const other = await client(broker.url);
    await until(() => expect(other.last('b/bridge/state')).toBe('online'));
    expect(other.last('d/fits')).toHaveLength(longest);
    expect(other.last('d/more')).toBeUndefined();
    expect(lines.filter((line) => line.includes('Connected to'))).toHaveLength(1);
  });

  it('listens to topics of others and clears what it is told to', async () => {
    const broker = await mosquitto();
    const { service } = await daemon({ external: { url: broker.url } });
    const seen: string[] = [];
    service.sub('homeassistant/status', ({ payload }) => seen.push(payload.toString()));
    const other = await client(broker.url);
    await other.publish('homeassistant/device/mine/config', '{}', { retain: true });
    await other.publish('homeassistant/device/other/config', '{}', { retain: true });
    service.sweep({
      filters: ['homeassistant/device/+/config'],
      stale: (topic) => (topic.includes('mine') ? [topic] : []),
    });
    service.ready();
    await until(() => expect(other.last('homeassistant/device/mine/config')).toBe(''));
    expect(other.on('homeassistant/device/other/config')).toEqual(['{}']);
    await until(() => expect(other.last('b/bridge/state')).toBe('online'));
    await other.publish('homeassistant/status', 'online');
    await until(() => expect(seen).toEqual(['online']));
  });
});
