import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type EmbeddedBrokerOptions, startBroker } from '../../../src/mqtt/broker/broker.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { collectingLog, startDaemon } from './support/fixture.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});

async function start(options: Partial<EmbeddedBrokerOptions> = {}) {
  const broker = await startBroker({
    listen: { host: '127.0.0.1', port: 0 },
    log: collectingLog().log,
    ...options,
  });
  onTestFinished(() => broker.close());
  return broker;
}

describe('the embedded broker', () => {
  it.each([4, 5] as const)(
    'keeps retained messages and delivers wills, in MQTT version %i',
    async (protocolVersion) => {
      const { port } = await start();
      const url = `mqtt://127.0.0.1:${port}`;
      const will = { topic: 'will', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
      const one = await connectClient(url, [], { protocolVersion, will });
      await one.publish('kept', 'here', { retain: true });
      const two = await connectClient(url, ['#'], { protocolVersion });
      onTestFinished(() => two.end());
      await vi.waitFor(() =>
        expect(two.messages).toMatchObject([{ topic: 'kept', text: 'here', retain: true }]),
      );
      one.client.stream.destroy();
      one.client.end(true);
      await vi.waitFor(() => expect(two.last('will')).toBe('gone'));
    },
  );

  it('ends sessions with their connection, and says so', async () => {
    const { port } = await start();
    const url = `mqtt://127.0.0.1:${port}`;
    const four = { protocolVersion: 4, clean: false, clientId: 'four' } as const;
    const five = {
      protocolVersion: 5,
      clean: false,
      clientId: 'five',
      properties: { sessionExpiryInterval: 3600 },
    } as const;
    for (const options of [four, five]) {
      const one = await connectClient(url, ['a'], options);
      await one.publish('a', '1', { qos: 2 });
      await vi.waitFor(() => expect(one.on('a')).toEqual(['1']));
      await one.end();
      const two = await connectClient(url, [], options);
      onTestFinished(() => two.end());
      await two.publish('a', '2');
      await two.publish('done', '');
      expect(two.messages).toEqual([]);
    }
  });

  it('says by which setting to move it when its port is taken', async () => {
    const { port } = await start();
    await expect(startDaemon({ embedded: { listen: { host: '127.0.0.1', port } } })).rejects.toThrow(
      `The embedded broker cannot listen on 127.0.0.1:${port}: another program has this port: stop it, or give the ` +
        'embedded broker another one (mqtt.embedded.listen).',
    );
  });

  it('lets in users with their password only', async () => {
    const { port } = await start({ users: { anna: 'secret' }, limits: { guessDelayMs: 10 } });
    const url = `mqtt://127.0.0.1:${port}`;
    const anna = await connectClient(url, [], { username: 'anna', password: 'secret' });
    onTestFinished(() => anna.end());
    const wrong = [
      { username: 'anna', password: 'Secret' },
      { username: 'anna' },
      { username: 'bob', password: 'secret' },
      {},
    ];
    for (const credentials of wrong)
      for (const [protocolVersion, code] of [
        [4, 4],
        [5, 134],
      ] as const)
        await expect(connectClient(url, [], { ...credentials, protocolVersion })).rejects.toMatchObject({
          code,
        });
  });

  it('needs no password for the daemon itself', async () => {
    const daemon = await startDaemon({
      embedded: { listen: { host: '127.0.0.1', port: 0 }, users: { anna: 'secret' } },
    });
    onTestFinished(() => daemon.service.stop());
    daemon.service.ready();
    const anna = await connectClient(`mqtt://127.0.0.1:${daemon.service.port}`, ['#'], {
      username: 'anna',
      password: 'secret',
    });
    onTestFinished(() => anna.end());
    await vi.waitFor(() => expect(anna.last('b/bridge/state')).toBe('online'));
  });

  it('speaks TLS', async () => {
    const { port } = await start({ tls: certificates });
    const ca = await readFile(certificates.ca);
    const client = await connectClient(`mqtts://127.0.0.1:${port}`, ['#'], { ca });
    onTestFinished(() => client.end());
    await client.publish('a', 'b');
    await vi.waitFor(() => expect(client.last('a')).toBe('b'));
  });

  it('names the file of a certificate that it cannot read', async () => {
    const tls = { ...certificates, cert: '/nowhere/cert.pem' };
    await expect(start({ tls })).rejects.toThrow('mqtt.embedded.tls.cert: cannot read /nowhere/cert.pem');
  });
});
