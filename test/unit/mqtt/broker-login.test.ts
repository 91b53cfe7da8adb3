import tls from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type EmbeddedBrokerOptions, startBroker } from '../../../src/mqtt/broker/broker.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { rawClient, rawConnected } from '../../support/raw-mqtt.ts';
import { collectingLog } from './support/fixture.ts';

const LOGIN_MS = 500;
const LIMITS = { loginMs: LOGIN_MS, arrivals: 20 };

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});

async function start(options: Partial<EmbeddedBrokerOptions> = {}) {
  const { log, lines } = collectingLog();
  const broker = await startBroker({
    listen: { host: '127.0.0.1', port: 0 },
    log,
    limits: LIMITS,
    ...options,
  });
  onTestFinished(() => broker.close());
  return { port: broker.port, lines };
}

/** A connection with TLS that says this. On a busy machine it may be closed as silent before its handshake is over. */
function encrypted(port: number, said: Buffer): Promise<void> {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => {});
  socket.once('secureConnect', () => socket.write(said));
  return new Promise((resolve) => socket.resume().once('close', () => resolve()));
}

/** Connections that don't log in; each resolves when it is closed. */
const SILENT = {
  'TCP, nothing said': async (port: number) => (await rawClient(port)).closed,
  'TCP, half a CONNECT': async (port: number) => {
    const client = await rawClient(port);
    client.write(Buffer.from([0x10, 0x20, 0x00, 0x04]));
    return client.closed;
  },
  'TCP, byte by byte': async (port: number) => {
    const client = await rawClient(port);
    client.write(Buffer.from([0x10, 0xff, 0x7f, 0x00, 0x04]));
    const drip = setInterval(() => client.write(Buffer.from([0x4d])), 20);
    return client.closed.then(() => clearInterval(drip));
  },
  'TLS, no handshake': async (port: number) => (await rawClient(port)).closed,
  'TLS, nothing said': (port: number) => encrypted(port, Buffer.alloc(0)),
  'TLS, half a CONNECT': (port: number) => encrypted(port, Buffer.from([0x10, 0x20, 0x00, 0x04])),
};

describe.each(Object.entries(SILENT))('silent connections: %s', (name, connect) => {
  it('are closed in time, and nobody else waits for them', async () => {
    const secure = name.startsWith('TLS');
    const { port } = await start(secure ? { tls: certificates } : {});
    const url = `${secure ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`;
    const options = { rejectUnauthorized: false };
    const early = await connectClient(url, ['#'], options);
    onTestFinished(() => early.end());
    const closed = Array.from({ length: 2 * LIMITS.arrivals }, () => connect(port));
    const late = await connectClient(url, [], options);
    onTestFinished(() => late.end());
    const since = performance.now();
    await Promise.all(closed);
    expect(performance.now() - since).toBeLessThan(2 * LOGIN_MS);
    await late.publish('a', 'b');
    await vi.waitFor(() => expect(early.last('a')).toBe('b'));
  });
});

it('places are shared among users', async () => {
  const users = { anna: 'a', bert: 'b' };
  const { port, lines } = await start({ users, limits: { connections: 4 } });
  const connect = async (username: keyof typeof users) => {
    const client = await connectClient(`mqtt://127.0.0.1:${port}`, [], {
      username,
      password: users[username],
    });
    onTestFinished(() => client.end());
    return client;
  };
  const annas = [await connect('anna'), await connect('anna')];
  await expect(connect('anna')).rejects.toMatchObject({ code: 136 });
  await connect('bert');
  expect(lines.filter((line) => line.includes('too many connections have logged in'))).toHaveLength(1);
  for (const client of annas) await client.end();
  await vi.waitFor(() => connect('anna'));
});

it('a right password is let in at once while others guess at the same address', async () => {
  const { port, lines } = await start({ users: { anna: 'secret' }, limits: { guessDelayMs: 300 } });
  const url = `mqtt://127.0.0.1:${port}`;
  const wrong = { username: 'anna', password: 'wrong', reconnectPeriod: 0 };
  const since = performance.now();
  const guesses = Array.from({ length: 25 }, () =>
    connectClient(url, [], wrong).catch(() => performance.now()),
  );
  const anna = await connectClient(url, [], { username: 'anna', password: 'secret' });
  onTestFinished(() => anna.end());
  expect(performance.now() - since).toBeLessThan(280);
  for (const refusedAt of await Promise.all(guesses)) expect(Number(refusedAt) - since).toBeGreaterThan(290);
  expect(lines.filter((line) => line.includes('refused a client'))).toHaveLength(1);
});

it('a client that is let in may send more than it might before', async () => {
  const { port } = await start();
  const client = await rawConnected(port, 'large');
  onTestFinished(() => void client.socket.destroy());
  const payload = Buffer.alloc(1024 * 1024);
  client.send({ cmd: 'publish', topic: 't', payload, qos: 1, messageId: 1, retain: false, dup: false });
  await client.answered();
  expect(client.received().at(-4)).toBe(0x40);
});
