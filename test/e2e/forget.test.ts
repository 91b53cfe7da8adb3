import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { retainedOn } from '../support/e2e/bus.ts';
import { prepareDaemon, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { QUICK } from '../support/e2e/plotters.ts';

const forget = (daemon: TestDaemon) => daemon.run(['forget', '--config', daemon.configFile]);
const left = async (daemon: TestDaemon) => [...(await retainedOn(daemon.url)).keys()].sort();
const DISCOVERY = { homeassistant: { discovery: true }, jobs: { quick: { ...QUICK, max_workers: 2 } } };

test('forget clears what a stopped daemon has left on its broker, and nothing of others', async () => {
  const daemon = await startDaemon({ broker: 'mosquitto', config: DISCOVERY });
  const { bus } = daemon;
  await bus.command('job/quick/do/start');
  await bus.event('worker_end');
  await expect
    .poll(async () => (await left(daemon)).filter((topic) => topic.startsWith('homeassistant/')))
    .toHaveLength(4);
  // Of a daemon elsewhere, of another program, and of nobody's topics below the base topic.
  const foreign = [
    'homeassistant/device/plot2mqtt__0123456789ab__bridge/config',
    'homeassistant/device/other/config',
    'plot2mqtt/mine',
    'rig2/bridge/state',
  ];
  for (const topic of foreign) await bus.client.publishAsync(topic, 'online', { qos: 1, retain: true });
  expect(await forget(daemon)).toMatchObject({
    ...{ code: 1, stdout: '' },
    stderr: expect.stringMatching(/is in use by another daemon, process \d+: stop that one/),
  });
  await daemon.stop();
  const files = async () =>
    (await readdir(daemon.path('data'))).filter((name) => !name.startsWith('lock.')).sort();
  const before = await files();
  const all = await left(daemon);
  expect(all.length).toBeGreaterThan(50);
  expect(await forget(daemon)).toMatchObject({
    code: 0,
    stdout: `cleared: ${all.length - 4 - foreign.length} topics, and 4 devices of Home Assistant\n`,
    stderr: '',
  });
  expect(await left(daemon)).toEqual([...foreign].sort());
  expect(await files()).toEqual(before);
  expect(await forget(daemon)).toMatchObject({ code: 0, stdout: 'there was nothing to clear\n' });

  // What was is there again with the next start.
  await daemon.start();
  await expect.poll(() => left(daemon), { timeout: 20_000 }).toEqual(all);
  expect(bus.object('job/quick')).toMatchObject({ plots_done: 1 });
});

test('forget leaves what another daemon has published on the base topic', async () => {
  const daemon = await startDaemon({ broker: 'mosquitto', config: DISCOVERY });
  const { bus } = daemon;
  await daemon.stop();
  const say = (topic: string, text: string) => bus.client.publishAsync(topic, text, { qos: 1, retain: true });
  await say('plot2mqtt/bridge/state', 'online');
  expect(await forget(daemon)).toMatchObject({
    code: 1,
    stderr: 'a daemon is online on the base topic "plot2mqtt": stop it first\n',
  });
  await say('plot2mqtt/bridge/info', '{"instance":"0123456789ab"}');
  const ended = await forget(daemon);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(
    /^cleared: 0 topics, and \d devices .*; what is below "plot2mqtt" is of another daemon/,
  );
  expect(await left(daemon)).toContain('plot2mqtt/job/quick');
});

test('forget says why it can not', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto', config: DISCOVERY });
  expect(await forget(daemon)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^nothing in \S+\/data says what its daemon has published/),
  });
  expect(await readdir(daemon.dir)).not.toContain('data');
  await daemon.start();
  await daemon.stop();
  await daemon.mosquitto?.stop();
  expect(await forget(daemon)).toMatchObject({
    ...{ code: 1, stdout: '' },
    stderr: expect.stringMatching(/^the broker does not let us in: /),
  });
  const embedded = await startDaemon({ config: DISCOVERY });
  await embedded.stop();
  expect(await forget(embedded)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^the embedded broker keeps nothing/),
  });
});
