import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, startMosquitto } from '../../../support/mosquitto.ts';
import { check } from '../support.ts';

describe('plot2mqtt check, of a broker', () => {
  it.each([5, 4])(
    'asks a broker that speaks only version %i in the one that the configuration names',
    async (spoken) => {
      const broker = net.createServer((socket) =>
        // The ninth byte of CONNECT is the version; CONNACK with yes, or "unacceptable protocol version".
        socket.once('data', ({ 8: asked }) => {
          const yes = asked === 5 ? [32, 3, 0, 0, 0] : [32, 2, 0, 0];
          const no = asked === 5 ? [32, 3, 0, 132, 0] : [32, 2, 0, 1];
          socket.write(Buffer.from(asked === spoken ? yes : no));
        }),
      );
      const port = await freePort();
      await new Promise<void>((resolve) => broker.listen(port, '127.0.0.1', resolve));
      onTestFinished(() => void broker.close());
      const text = (version: string) => `mqtt: { broker: "mqtt://127.0.0.1:${port}", version: ${version} }\n`;
      const named = await check(text(String(spoken)));
      expect(named.lines.filter((line) => line.includes('mqtt.broker'))).toEqual([]);
      const auto = await check(text('auto'));
      expect(auto.lines.filter((line) => line.includes('mqtt.broker'))).toEqual([]);
      const refused = await check(text(String(9 - spoken)));
      expect(refused.code).toBe(2);
      expect(refused.lines.join('\n')).toContain('it does not speak this version of MQTT');
    },
  );

  it('a broker that refuses is an error, one that is away a warning', async () => {
    const broker = await startMosquitto({ config: 'allow_anonymous false' });
    const text = `mqtt: { broker: "${broker.url}", username: me, password: hunter22 }\n`;
    try {
      const refused = await check(text);
      expect(refused.code).toBe(2);
      expect(refused.lines.join('\n')).toMatch(
        /mqtt\.broker: the broker can be reached, but it refuses: .*mqtt\.username, mqtt\.password/,
      );
      expect(refused.lines.join()).not.toContain('hunter22');
    } finally {
      await broker.stop();
    }
    const away = await check(text);
    expect(away.code).toBe(0);
    expect(away.lines.join('\n')).toMatch(
      /warning: mqtt\.broker: the broker can't be reached now: nothing listens there/,
    );
  });
});
