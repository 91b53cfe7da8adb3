import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Bus } from '../support/e2e/bus.ts';
import { prepareDaemon, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { freePort } from '../support/mosquitto.ts';

const LOOPBACK = `${'0'.repeat(31)}1`;

function hasIpv6(): boolean {
  try {
    return readFileSync('/proc/net/if_inet6', 'utf8').includes(LOOPBACK);
  } catch {
    return process.platform === 'darwin';
  }
}

async function answers(daemon: TestDaemon): Promise<void> {
  const check = await daemon.run(['check', '--config', daemon.configFile]);
  expect(check.stdout).not.toContain('mqtt.broker');
  expect(check.code).toBe(0);
  const health = await daemon.run(['health', '--config', daemon.configFile]);
  expect(health).toMatchObject({ code: 0, stdout: 'the daemon answers\n' });
}

test.runIf(hasIpv6()).each(['mqtt', 'ws'])(
  'a broker at an IPv6 address is reached by all: %s://[::1]',
  async (scheme) => {
    const port = await freePort();
    const protocol = scheme === 'ws' ? '\nprotocol websockets' : '';
    const daemon = await startDaemon({
      broker: 'mosquitto',
      mosquitto: `allow_anonymous true\nlistener ${port} ::1${protocol}`,
      config: { mqtt: { broker: `${scheme}://[::1]:${port}` } },
    });
    await answers(daemon);
  },
);

test.runIf(hasIpv6()).each(['[::1]', '[::]', '0.0.0.0'])(
  'the embedded broker is reached where it listens on %s',
  async (address) => {
    const port = await freePort();
    const users = { me: 'long-password' };
    const daemon = await prepareDaemon({
      config: { mqtt: { embedded: { listen: `${address}:${port}`, users } } },
    });
    daemon.launch();
    const here = address === '[::1]' ? '[::1]' : '127.0.0.1';
    const login = { username: 'me', password: users.me };
    const bus = await Bus.connect(`mqtt://${here}:${port}`, 'plot2mqtt', login);
    onTestFinished(() => bus.end());
    await bus.message('bridge/state', (state) => state === 'online');
    await answers(daemon);
  },
);
