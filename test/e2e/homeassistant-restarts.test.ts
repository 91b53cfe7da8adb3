import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { BROKERS, type BrokerKind, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS } from '../support/e2e/plotters.ts';
import { startHomeAssistant } from '../support/homeassistant/home.ts';
import { inStep, SOON } from '../support/homeassistant/in-step.ts';

/** What Home Assistant says where the broker or the daemon goes, as it must. */
const CONNECTION =
  /components\.mqtt\..*(Disconnected|disconnected|connect to MQTT|not currently connected|Error returned from MQTT)|Error talking to MQTT|No ACK from MQTT server|paho\.mqtt\.client: failed to receive/;

async function start(broker: BrokerKind) {
  const folder = mkdtempSync(join(tmpdir(), 'retained-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const keeping = `persistence true\npersistence_location ${folder}/\nautosave_on_changes true\nautosave_interval 1`;
  const daemon = await startDaemon({
    ...{ broker, mosquitto: `allow_anonymous true\n${keeping}` },
    config: {
      homeassistant: { discovery: true },
      security: { allow_commands_over_mqtt: true },
      jobs: { nightly: { ...ENDLESS, max_workers: 2 } },
    },
  });
  const home = await startHomeAssistant({ port: Number(new URL(daemon.url).port) });
  onTestFinished(() => home.destroy());
  return { daemon, home, database: join(folder, 'mosquitto.db') };
}

async function answered(daemon: TestDaemon, rest: string, payload: string | object): Promise<void> {
  expect(
    await daemon.bus.command(rest, typeof payload === 'string' ? payload : { ...payload }),
  ).toMatchObject({
    status: 'ok',
  });
}

/** Waits until the daemon answers again. */
async function reachable({ bus }: TestDaemon): Promise<void> {
  const mark = bus.mark();
  await vi.waitFor(async () => {
    await bus.publish('bridge/request/job/list', {});
    expect(bus.messages.slice(mark).map(({ topic }) => topic)).toContain(
      bus.topic('bridge/response/job/list'),
    );
  }, SOON);
}

describe.each(BROKERS)('restarts, %s broker', (broker) => {
  test('of each leave nothing unavailable, doubled or wrong', { timeout: 420_000 }, async () => {
    const { daemon, home, database } = await start(broker);
    await answered(daemon, 'job/nightly/do/start', '1');
    await inStep(home, daemon, { nightly: 2 });
    const registered = async () => {
      const entities = (await home.entities()).map(({ entity_id, unique_id, device_id }) => ({
        ...{ entity_id, unique_id, device_id },
      }));
      return entities.sort((one, other) => one.entity_id.localeCompare(other.entity_id));
    };
    const before = await registered();
    expect(await home.warnings()).toEqual([]);

    await home.restart();
    await inStep(home, daemon, { nightly: 2 });
    expect(await home.warnings()).toEqual([]);

    // A crash of the daemon, and a clean stop: what changes meanwhile shows afterwards.
    await daemon.restart('SIGKILL');
    await inStep(home, daemon, { nightly: 2 });
    await daemon.stop();
    if (broker === 'mosquitto')
      await vi.waitFor(async () => {
        expect(await home.state('sensor.plot2mqtt_nightly_state')).toBe('unavailable');
        expect(await home.state('binary_sensor.plot2mqtt_connection')).toBe('off');
      }, SOON);
    await daemon.start();
    await inStep(home, daemon, { nightly: 2 });

    const { mosquitto } = daemon;
    if (mosquitto) {
      await mosquitto.restart();
      await reachable(daemon);
      await answered(daemon, 'job/nightly/set/plots_to_do', '7');
      await inStep(home, daemon, { nightly: 2 });
      await mosquitto.kill();
      await rm(database);
      await mosquitto.restart();
      await reachable(daemon);
      await inStep(home, daemon, { nightly: 2 });
    }
    await answered(daemon, 'job/nightly/set/plots_to_do', '3');
    await inStep(home, daemon, { nightly: 2 });
    expect(await registered()).toEqual(before);
    expect(await home.warnings(CONNECTION)).toEqual([]);

    // Home Assistant away while a job goes and another one comes.
    await home.act('switch.turn_on', 'switch.plot2mqtt_nightly_worker_1_paused');
    await inStep(home, daemon, { nightly: 2 });
    const restarted = home.restart();
    await answered(daemon, 'bridge/request/job/create', { id: 'extra', ...ENDLESS });
    await restarted;
    await inStep(home, daemon, { nightly: 2, extra: 1 });
    const again = home.restart();
    await answered(daemon, 'bridge/request/job/delete', { id: 'extra' });
    await again;
    await inStep(home, daemon, { nightly: 2 });
    expect(await registered()).toEqual(before);
    expect(await home.warnings(CONNECTION)).toEqual([]);
  });

  test('find a device deleted in Home Assistant, a renamed and an unwanted job', {
    timeout: 420_000,
  }, async () => {
    const { daemon, home } = await start(broker);
    await inStep(home, daemon, { nightly: 2 });
    const names = async () => (await home.devices()).map(({ name }) => name).sort();
    const entry = (await home.command<{ entry_id: string }[]>('config_entries/get', { domain: 'mqtt' }))[0];
    const worker = (await home.devices()).find(({ name }) => name === 'nightly worker 2');
    await home.command('config/device_registry/remove_config_entry', {
      ...{ device_id: worker?.id, config_entry_id: entry?.entry_id },
    });
    await vi.waitFor(
      async () => expect(await names()).toEqual(['nightly', 'nightly worker 1', 'plot2mqtt']),
      SOON,
    );
    await answered(daemon, 'job/nightly/do/start', '2');
    await vi.waitFor(
      async () => expect(await home.state('sensor.plot2mqtt_nightly_running_workers')).toBe('2'),
      SOON,
    );
    expect(await names()).toEqual(['nightly', 'nightly worker 1', 'plot2mqtt']);
    await daemon.restart('SIGTERM');
    await inStep(home, daemon, { nightly: 2 });

    // Taken out of config.yaml while the daemon is down; its devices go, and come back as they were.
    await answered(daemon, 'job/nightly/do/dismiss', '');
    const entities = (await home.entities()).map(({ entity_id }) => entity_id).sort();
    await daemon.stop();
    await daemon.configure({ homeassistant: { discovery: true }, jobs: {} });
    await daemon.start();
    await inStep(home, daemon, {});
    await daemon.stop();
    await daemon.configure({
      homeassistant: { discovery: true },
      jobs: { nightly: { ...ENDLESS, title: 'By night', max_workers: 2 } },
    });
    await daemon.start();
    await inStep(home, daemon, { nightly: 2 });
    expect(await names()).toEqual(['By night', 'By night worker 1', 'By night worker 2', 'plot2mqtt']);
    expect((await home.entities()).map(({ entity_id }) => entity_id).sort()).toEqual(entities);

    // Another base topic: the same devices and entities; then none at all.
    await daemon.stop();
    await daemon.configure({
      mqtt: { base_topic: 'farm' },
      homeassistant: { discovery: true },
      jobs: { nightly: { ...ENDLESS, max_workers: 2 } },
    });
    daemon.launch();
    await vi.waitFor(async () => {
      const states = await home.states();
      const enabled = (await home.entities()).filter(({ disabled_by }) => disabled_by === null);
      const shown = enabled.map(({ entity_id }) => states.get(entity_id)?.state ?? 'unavailable');
      expect(shown.length).toBeGreaterThan(60);
      expect(shown.filter((state) => state === 'unavailable')).toEqual([]);
      expect(await names()).toEqual(['farm', 'nightly', 'nightly worker 1', 'nightly worker 2']);
    }, SOON);
    expect((await home.entities()).map(({ entity_id }) => entity_id).sort()).toEqual(entities);
    await daemon.stop();
    await daemon.configure({ homeassistant: { discovery: false }, jobs: { nightly: ENDLESS } });
    await daemon.start();
    await vi.waitFor(async () => expect(await home.devices()).toEqual([]), SOON);
    expect(await home.entities()).toEqual([]);
    // Of the deletion by hand: Home Assistant clears the document once for each entity, and hears itself.
    const own =
      /No device components to cleanup for plot2mqtt__\w+__nightly__worker__2|remove_config_entry is deprecated/;
    const seen = await home.warnings(CONNECTION);
    expect(seen.filter((line) => !own.test(line))).toEqual([]);
  });
});
