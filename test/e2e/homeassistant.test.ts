import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { BROKERS, type BrokerKind, startDaemon } from '../support/e2e/daemon.ts';
import { allow, ENDLESS, STEPPING_JOB } from '../support/e2e/plotters.ts';
import { expectedEntities } from '../support/homeassistant/expected.ts';
import { startHomeAssistant } from '../support/homeassistant/home.ts';
import { inStep, SOON } from '../support/homeassistant/in-step.ts';

async function start(broker: BrokerKind, jobs: object) {
  const daemon = await startDaemon({
    broker,
    config: { homeassistant: { discovery: true }, security: { allow_commands_over_mqtt: true }, jobs },
  });
  const home = await startHomeAssistant({ port: Number(new URL(daemon.url).port) });
  onTestFinished(() => home.destroy());
  return { daemon, home, bus: daemon.bus };
}

describe.each(BROKERS)('Home Assistant, %s broker', (broker) => {
  test('shows the jobs and drives them', { timeout: 300_000 }, async () => {
    const nightly = { ...STEPPING_JOB, title: 'Nightly plots', max_workers: 2 };
    const { daemon, home, bus } = await start(broker, { nightly });
    const job = 'plot2mqtt_nightly';
    const shows = (entity: string, state: string) =>
      vi.waitFor(async () => expect(await home.state(entity)).toBe(state), SOON);

    await inStep(home, daemon, { nightly: 2 });
    const devices = await home.devices();
    const idOf = (name: string) => devices.find((device) => device.name === name)?.id;
    expect(
      devices.map(({ name, manufacturer, model, via_device_id }) => ({
        name,
        manufacturer,
        model,
        via_device_id,
      })),
    ).toEqual(
      expect.arrayContaining([
        { name: 'plot2mqtt', manufacturer: 'plot2mqtt', model: 'Bridge', via_device_id: null },
        { name: 'Nightly plots', manufacturer: 'plot2mqtt', model: 'Job', via_device_id: idOf('plot2mqtt') },
        ...[1, 2].map((slot) => ({
          ...{ name: `Nightly plots worker ${slot}`, manufacturer: 'plot2mqtt', model: 'Worker' },
          via_device_id: idOf('Nightly plots'),
        })),
      ]),
    );
    expect(devices).toHaveLength(4);
    const names = [...(await home.states()).values()].map(({ attributes }) => attributes.friendly_name);
    expect(names).toEqual(expect.arrayContaining(['Nightly plots worker 1 Progress', 'Nightly plots ETA']));
    const triggers = await home.command<{ domain: string; type: string }[]>(
      'device_automation/trigger/list',
      {
        device_id: idOf('Nightly plots'),
      },
    );
    const own = triggers.filter(({ domain }) => domain === 'mqtt').map(({ type }) => type);
    expect(own.sort()).toEqual(['job_blocked', 'job_end', 'worker_end', 'worker_failed']);
    expect(await home.warnings()).toEqual([]);

    await home.act('button.press', `button.${job}_start_worker`);
    await vi.waitFor(() => expect(bus.object('job/nightly/worker/1').stage).toBe('1.7'), SOON);
    await inStep(home, daemon, { nightly: 2 });
    await home.act('switch.turn_on', `switch.${job}_worker_1_paused`);
    await shows(`sensor.${job}_worker_1_status`, 'paused');
    await home.act('switch.turn_off', `switch.${job}_worker_1_paused`);
    await shows(`sensor.${job}_worker_1_status`, 'plotting');
    await home.act('switch.turn_on', `switch.${job}_paused`);
    await shows(`sensor.${job}_state`, 'paused');
    await home.act('switch.turn_off', `switch.${job}_paused`);
    await home.act('switch.turn_off', `switch.${job}_enabled`);
    await home.act('switch.turn_off', `switch.${job}_emit_events`);
    await home.act('number.set_value', `number.${job}_max_workers`, { value: 4 });
    await home.act('number.set_value', `number.${job}_plots_to_do`, { value: 1 });
    await inStep(home, daemon, { nightly: 4 });
    expect(bus.object('job/nightly')).toMatchObject({
      ...{ enabled: false, emit_events: false, max_workers: 4, plots_to_do: 1, state: 'running' },
    });
    // 0 is no limit: where there is none the number says so, where there is one it begins at 1.
    const limit = async () => {
      const { state, attributes } = (await home.states()).get(`number.${job}_max_workers`) ?? {};
      return { state, min: attributes?.min };
    };
    await bus.command('job/nightly/set/max_workers', '0');
    await vi.waitFor(async () => expect(await limit()).toEqual({ state: '0', min: 0 }), SOON);
    await home.act('number.set_value', `number.${job}_max_workers`, { value: 1 });
    await vi.waitFor(async () => expect(await limit()).toEqual({ state: '1', min: 1 }), SOON);
    await inStep(home, daemon, { nightly: 1 });
    await home.act('switch.turn_on', 'switch.plot2mqtt_drain');
    await shows('switch.plot2mqtt_drain', 'on');
    await shows(`sensor.${job}_held_by`, 'drain');
    await home.act('switch.turn_off', 'switch.plot2mqtt_drain');
    await home.act('number.set_value', 'number.plot2mqtt_max_workers', { value: 7 });
    await inStep(home, daemon, { nightly: 1 });
    await bus.shows('farm', { max_workers: 7, holds: [] });

    await allow(daemon, 'all');
    await shows(`sensor.${job}_state`, 'done');
    await inStep(home, daemon, { nightly: 1 });
    const event = (await home.states()).get(`event.${job}_event`);
    expect(event?.attributes).toMatchObject({ event_type: 'job_end', job: 'nightly', plots_done: 1 });
    const bridge = (await home.states()).get('event.plot2mqtt_event');
    expect(bridge?.attributes).toMatchObject({ event_type: 'job_end', job: 'nightly' });
    await home.act('button.press', `button.${job}_reset`);
    await shows(`sensor.${job}_plots_done`, '0');
    await shows('sensor.plot2mqtt_plots_done', '1');
    expect(await home.warnings()).toEqual([]);
  });

  test('keeps up with jobs that come, change and go', { timeout: 300_000 }, async () => {
    const { daemon, home, bus } = await start(broker, {});
    await inStep(home, daemon, {});
    const made = (id: string, change: object = {}) =>
      bus.command('bridge/request/job/create', { id, ...ENDLESS, ...change });
    const jobs = Array.from({ length: 50 }, (_, index) => `farm-${index}`);
    for (const id of jobs) expect(await made(id)).toMatchObject({ status: 'ok' });
    const entityOf = (id: string) => id.replace('-', '_');
    const all = Object.fromEntries(jobs.map((id) => [entityOf(id), 1]));
    await vi.waitFor(async () => expect(await home.devices()).toHaveLength(101), SOON);
    const entities = (await home.entities()).filter(
      ({ entity_id }) => !/_(free_space|used|full_at)(_|$)/.test(entity_id),
    );
    expect(entities.map(({ entity_id }) => entity_id).sort()).toEqual(expectedEntities('plot2mqtt', all, []));

    for (const id of jobs.slice(1))
      expect(await bus.command('bridge/request/job/delete', { id })).toMatchObject({ status: 'ok' });
    await vi.waitFor(async () => expect(await home.devices()).toHaveLength(3), SOON);
    const before = (await home.entities()).map(({ entity_id }) => entity_id).sort();
    expect(before.filter((id) => id.includes('farm_')).every((id) => id.includes('farm_0_'))).toBe(true);

    await bus.command('bridge/request/job/update', { id: 'farm-0', title: 'Renamed plots' });
    const names = async () => (await home.devices()).map(({ name }) => name).sort();
    const renamed = ['Renamed plots', 'Renamed plots worker 1', 'plot2mqtt'];
    await vi.waitFor(async () => expect(await names()).toEqual(renamed), SOON);
    await bus.command('bridge/request/job/delete', { id: 'farm-0' });
    await made('farm-0', { title: 'Made again', max_workers: 0 });
    await vi.waitFor(async () => expect(await names()).toEqual(['Made again', 'plot2mqtt']), SOON);
    await bus.command('job/farm-0/do/start', '2');
    const again = ['Made again', 'Made again worker 1', 'Made again worker 2', 'plot2mqtt'];
    await vi.waitFor(async () => expect(await names()).toEqual(again), SOON);
    const after = (await home.entities()).map(({ entity_id }) => entity_id);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.filter((id) => /_2$/.test(id))).toEqual([]);
    expect(await home.warnings()).toEqual([]);
  });
});
