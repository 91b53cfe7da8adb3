import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { generate } from 'mqtt-packet';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificates } from '../../support/certificates.ts';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { connectPacket, rawClient } from '../../support/raw-mqtt.ts';
import { LONG, size } from '../support/size.ts';

const SILENT = 500;

/** Each of them takes the ten seconds that silent connections have. */
const LISTENERS = LONG ? ['TCP', 'TLS'] : ['TLS'];

/** What silent connections do. */
const KINDS = [
  'say nothing',
  'shake hands and say nothing',
  'send half a CONNECT',
  'drip a CONNECT',
] as const;

function portOf(daemon: TestDaemon): number {
  return Number(new URL(daemon.url).port);
}

/** Starts a daemon that nobody but its users may see. */
async function startGuarded(embedded: Record<string, unknown>): Promise<TestDaemon> {
  const daemon = await prepareDaemon({ config: { mqtt: { embedded } } });
  daemon.launch();
  await expect
    .poll(() => daemon.said.join('\n'), { timeout: 20_000 })
    .toContain('Connected to the embedded broker');
  return daemon;
}

async function startEncrypted(): Promise<TestDaemon> {
  const { cert, key } = await makeCertificates();
  return startGuarded({ tls: { cert, key } });
}

async function silent(port: number, kind: (typeof KINDS)[number], secure: boolean): Promise<net.Socket> {
  const handshake = secure && kind !== 'say nothing';
  const socket: net.Socket = handshake
    ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : net.connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await Promise.race([once(socket, handshake ? 'secureConnect' : 'connect').catch(() => {}), closed]);
  socket.resume();
  if (kind === 'send half a CONNECT') socket.write(Buffer.from([0x10, 0x20, 0x00, 0x04]));
  if (kind === 'drip a CONNECT') {
    socket.write(Buffer.from([0x10, 0xff, 0x7f, 0x00, 0x04]));
    const drip = setInterval(() => socket.write(Buffer.from([0x4d])), 500);
    closed.then(() => clearInterval(drip));
  }
  return socket;
}

test.each(LISTENERS)('500 silent connections, %s', async (listener) => {
  const secure = listener === 'TLS';
  const daemon = secure ? await startEncrypted() : await startDaemon();
  const port = portOf(daemon);
  const since = performance.now();
  const sockets: net.Socket[] = [];
  // The system's own queue of new connections is short.
  for (let at = 0; at < SILENT; at += 50)
    sockets.push(
      ...(await Promise.all(
        Array.from({ length: 50 }, (_, index) => silent(port, KINDS[index % 4] ?? 'say nothing', secure)),
      )),
    );
  const began = performance.now();
  const url = `${secure ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`;
  const honest = await connectClient(url, ['plot2mqtt/bridge/state'], { rejectUnauthorized: false });
  onTestFinished(() => honest.end());
  await expect.poll(() => honest.last('plot2mqtt/bridge/state')).toBe('online');
  expect(performance.now() - began).toBeLessThan(3_000);
  const open = () => sockets.filter((socket) => !socket.closed).length;
  expect(open()).toBeGreaterThan(0);
  await expect.poll(open, { timeout: 20_000, interval: 100 }).toBe(0);
  // From the first connection to the last one, and then 10 s.
  expect(performance.now() - since).toBeLessThan(10_000 + (began - since) + 1_000);
  expect(honest.client.connected).toBe(true);
});

test('passwords guessed as fast as it goes', async () => {
  const daemon = await startGuarded({ users: { home: 'right' } });
  const port = portOf(daemon);
  const until = performance.now() + size(5_000, 30_000);
  let answers = 0;
  const guesser = async (number: number) => {
    for (let count = 0; performance.now() < until; count += 1) {
      const client = await rawClient(port);
      const password = Buffer.from(`guess ${number} ${count}`);
      client.write(generate(connectPacket(`guesser-${number}`, { username: 'home', password })));
      await client.answered();
      if (client.received().length > 0) answers += 1;
      client.socket.destroy();
    }
  };
  const guessers = Promise.all(Array.from({ length: 100 }, (_, number) => guesser(number)));
  await sleep(2_000);
  const began = performance.now();
  const home = await connectClient(`mqtt://127.0.0.1:${port}`, ['plot2mqtt/bridge/state'], {
    username: 'home',
    password: 'right',
  });
  onTestFinished(() => home.end());
  await expect.poll(() => home.last('plot2mqtt/bridge/state')).toBe('online');
  expect(performance.now() - began).toBeLessThan(1_000);
  await guessers;
  // 100 guessers that each wait for 5 s in the end.
  expect(answers / size(5, 30)).toBeLessThan(LONG ? 40 : 100);
  expect(daemon.said.filter((line) => line.includes('refused')).length).toBeLessThan(5);
});
