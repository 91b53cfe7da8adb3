import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, startMosquitto } from '../../support/mosquitto.ts';
import { check } from './support.ts';

describe('plot2mqtt check, of a broker', () => {
  it('asks a broker in the version of MQTT that the configuration names', async () => {
    const broker = net.createServer((socket) =>
      // The ninth byte of CONNECT is the version; CONNACK with MQTT 3.1.1's "unacceptable protocol version", or yes.
      socket.once('data', (connect) =>
        socket.write(Buffer.from(connect[8] === 5 ? [32, 3, 0, 0, 0] : [32, 2, 0, 1])),
      ),
    );
    const port = await freePort();
    await new Promise<void>((resolve) => broker.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void broker.close());
    const text = (version: string) => `mqtt: { broker: "mqtt://127.0.0.1:${port}", version: ${version} }\n`;
    expect((await check(text('5'))).code).toBe(0);
    const refused = await check(text('4'));
    expect(refused.code).toBe(2);
    expect(refused.lines[0]).toContain('it does not speak this version of MQTT');
  });

  it('a broker that refuses is an error, one that is away a warning', async () => {
    const broker = await startMosquitto({ config: 'allow_anonymous false' });
    const text = `mqtt: { broker: "${broker.url}", username: me, password: hunter22 }\n`;
    try {
      const refused = await check(text);
      expect(refused.code).toBe(2);
      expect(refused.lines[0]).toMatch(
        /mqtt\.broker: the broker can be reached, but it refuses: .*mqtt\.username, mqtt\.password/,
      );
      expect(refused.lines.join()).not.toContain('hunter22');
    } finally {
      await broker.stop();
    }
    const away = await check(text);
    expect(away.code).toBe(0);
    expect(away.lines[0]).toMatch(
      /warning: mqtt\.broker: the broker can't be reached now: nothing listens there/,
    );
  });
});
