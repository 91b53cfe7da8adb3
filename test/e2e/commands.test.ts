import { describe, expect, test } from 'vitest';
import { OK, refused } from '../support/e2e/answers.ts';
import { Bus, retainedOn } from '../support/e2e/bus.ts';
import { BROKERS, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, QUICK } from '../support/e2e/plotters.ts';

describe.each(BROKERS)('commands, %s broker', (broker) => {
  test('take values in each form that may be typed, and states change before the answer', async () => {
    const { bus } = await startDaemon({ broker, config: { jobs: { j: QUICK } } });
    const states = {
      ON: ['ON', 'on', 'true', 'TRUE', '1', { value: true }, { value: 'on' }, { value: 1 }],
      OFF: ['OFF', 'Off', 'false', '0', { value: false }, { value: 'OFF' }, { value: '0' }],
    };
    for (const field of ['enabled', 'emit_events', 'paused'])
      for (const [index] of states.ON.entries())
        for (const [shown, forms] of Object.entries(states)) {
          const form = forms[index];
          if (form === undefined) continue;
          const from = bus.mark();
          expect(await bus.command(`job/j/set/${field}`, form)).toMatchObject(OK);
          expect(bus.last(`job/j/${field}`)?.text).toBe(shown);
          expect(bus.object('job/j')[field]).toBe(shown === 'ON');
          const since = bus.messages.slice(from).map(({ topic }) => topic);
          const answer = since.indexOf(`plot2mqtt/bridge/response/job/j/set/${field}`);
          expect(since.lastIndexOf(`plot2mqtt/job/j/${field}`)).toBeLessThan(answer);
        }
    for (const field of ['max_workers', 'plots_to_do'])
      for (const [form, shown] of [
        ['7', '7'],
        [' 3 ', '3'],
        [{ value: 5 }, '5'],
        [{ value: '6' }, '6'],
        ['0', '0'],
      ] as const) {
        expect(await bus.command(`job/j/set/${field}`, form)).toMatchObject(OK);
        expect(bus.last(`job/j/${field}`)?.text).toBe(shown);
      }
    const all = { max_workers: 2, plots_to_do: '9', enabled: 'off', emit_events: true, paused: 0 };
    expect(await bus.command('job/j/set', all)).toMatchObject(OK);
    expect(bus.object('job/j')).toMatchObject({
      ...{ max_workers: 2, plots_to_do: 9, enabled: false, emit_events: true, paused: false },
    });
    // All or none.
    expect(await bus.command('job/j/set', { max_workers: 5, plots_to_do: -1 })).toMatchObject(
      refused('invalid_payload', 'plots_to_do'),
    );
    expect(bus.object('job/j').max_workers).toBe(2);
  });

  test('start, pause, dismiss and reset', async () => {
    const jobs = { j: { ...ENDLESS, max_workers: 3, enabled: false } };
    const { bus } = await startDaemon({ broker, config: { jobs } });
    const one = await bus.command('job/j/do/start');
    expect(one).toEqual({
      status: 'ok',
      data: { workers: [{ slot: 1, worker: bus.object('job/j/worker/1').worker }] },
    });
    const rest = await bus.command('job/j/do/start', { value: 5 });
    expect(rest).toMatchObject({
      data: { workers: [{ slot: 2 }, { slot: 3 }] },
      transaction: expect.any(String),
    });
    expect(await bus.command('job/j/do/start', '1')).toMatchObject(refused('limit_reached'));

    expect(await bus.command('job/j/worker/2/set/paused', 'ON')).toMatchObject(OK);
    expect(bus.last('job/j/worker/2/paused')?.text).toBe('ON');
    expect(bus.last('job/j/worker/2/status')?.text).toBe('paused');
    expect(await bus.command('job/j/worker/2/set/paused', { value: false })).toMatchObject(OK);
    expect(bus.last('job/j/worker/2/status')?.text).toBe('plotting');

    expect(await bus.command('job/j/worker/2/do/dismiss')).toMatchObject(OK);
    expect(bus.last('job/j/worker/2/status')?.text).toBe('idle');
    expect(bus.object('job/j').workers).toBe(2);
    expect(await bus.command('job/j/do/dismiss', 'whatever')).toMatchObject(OK);
    expect(bus.object('job/j')).toMatchObject({ workers: 0, state: 'disabled' });
    expect(bus.events({ type: 'worker_dismissed' })).toHaveLength(3);
    expect(bus.events({ type: 'worker_end' })).toHaveLength(0);
    expect(await bus.command('job/j/do/reset')).toMatchObject(OK);

    await bus.command('job/j/set/paused', 'ON');
    expect(await bus.command('job/j/do/start')).toMatchObject(refused('job_paused'));
  });

  test('reset sets what was made to 0, but not what was made of all time', async () => {
    const { bus } = await startDaemon({ broker, config: { jobs: { j: { ...QUICK, plots_to_do: 1 } } } });
    await bus.command('job/j/do/start');
    await bus.event('job_end');
    await bus.shows('job/j', { plots_done: 1, state: 'done' });
    expect(await bus.command('job/j/do/start')).toMatchObject(refused('limit_reached'));
    expect(await bus.command('job/j/do/reset')).toMatchObject(OK);
    expect(bus.object('job/j')).toMatchObject({ plots_done: 0, failures: 0, state: 'idle' });
    await bus.shows('bridge/stats', { workers: 0, plots_done: 1, plots_today: 1 });
  });

  test('a named event is fired from outside', async () => {
    const job = { ...QUICK, starts: [{ on: 'now', workers: 2 }], max_workers: 2, plots_to_do: 2 };
    const { bus } = await startDaemon({ broker, config: { jobs: { j: job } } });
    expect(await bus.command('fire/now', 'anything')).toMatchObject({ status: 'ok', data: { jobs: 1 } });
    await bus.event('job_end');
    expect(bus.events({ type: 'event_fired' })).toMatchObject([{ name: 'now', source: 'mqtt', job: null }]);
    expect(bus.events({ type: 'worker_started' })).toHaveLength(2);
    expect(await bus.command('fire/NOT A NAME')).toMatchObject(refused('unknown_command'));
  });

  test('what there is not is refused with its code', async () => {
    const { bus } = await startDaemon({ broker, config: { jobs: { j: QUICK } } });
    for (const [topic, payload, code] of [
      ['job/nobody/do/start', '', 'unknown_job'],
      ['job/nobody/set/enabled', 'ON', 'unknown_job'],
      ['job/nobody/worker/1/do/dismiss', '', 'unknown_job'],
      ['job/j/worker/7/do/dismiss', '', 'unknown_worker'],
      ['job/j/worker/one/do/dismiss', '', 'unknown_worker'],
      ['job/j/worker/1/set/paused', 'ON', 'unknown_worker'],
      ['job/j/set/colour', 'red', 'unknown_command'],
      ['job/j/do/dance', '', 'unknown_command'],
      ['bridge/request/job/clone', '', 'unknown_command'],
      ['bridge/request/format', '', 'unknown_command'],
      ['job/j/set/max_workers', '-1', 'invalid_payload'],
      ['job/j/set/max_workers', '1001', 'invalid_payload'],
      ['job/j/set/max_workers', '1.5', 'invalid_payload'],
      ['job/j/set/plots_to_do', '1000001', 'invalid_payload'],
      ['job/j/set/enabled', 'maybe', 'invalid_payload'],
      ['job/j/set/enabled', '', 'invalid_payload'],
      ['job/j/set', 'ON', 'invalid_payload'],
      ['job/j/set', { colour: 'red' }, 'invalid_payload'],
      ['job/j/do/start', '0', 'invalid_payload'],
      ['job/j/do/start', 'many', 'invalid_payload'],
    ] as const)
      expect([topic, payload, await bus.command(topic, payload)]).toEqual([
        ...[topic, payload, expect.objectContaining(refused(code))],
      ]);
  });

  test('answers go to the response topic of MQTT 5 too, with the transaction and the correlation data', async () => {
    const { bus } = await startDaemon({ broker, config: { jobs: { j: QUICK } } });
    const correlationData = Buffer.from([1, 2, 255]);
    const transaction = { any: ['thing', 1] };
    await bus.publish(
      'job/j/set/paused',
      { value: 'ON', transaction },
      { properties: { responseTopic: 'reply/here', correlationData } },
    );
    const reply = await bus.until('the reply', () =>
      bus.messages.find(({ topic }) => topic === 'reply/here'),
    );
    expect(JSON.parse(reply.text)).toEqual({ ...OK, transaction });
    expect(Buffer.from(reply.packet.properties?.correlationData ?? [])).toEqual(correlationData);
    expect(reply).toMatchObject({ retain: false, qos: 1 });
    const usual = await bus.message('bridge/response/job/j/set/paused');
    expect(JSON.parse(usual.text)).toEqual({ ...OK, transaction });
  });

  test('clients of MQTT 3.1.1 are served as well', async () => {
    const daemon = await startDaemon({ broker, config: { jobs: { j: QUICK } } });
    const old = await Bus.connect(daemon.url, 'plot2mqtt', { protocolVersion: 4 });
    expect(await old.command('job/j/set/paused', { value: true })).toMatchObject(OK);
    await old.value('job/j/state', 'paused');
    await old.end();
  });

  test('a retained command is refused and cleared', async () => {
    const daemon = await startDaemon({ broker, config: { jobs: { j: QUICK } } });
    await daemon.bus.publish('job/j/do/start', { transaction: 'r' }, { retain: true });
    await expectRefusedAndCleared(daemon);
  });
});

test('in MQTT 3.1.1 a command that was retained before the daemon came is refused and cleared', async () => {
  const daemon = await startDaemon({
    broker: 'mosquitto',
    config: { mqtt: { version: 4 }, jobs: { j: QUICK } },
  });
  await daemon.stop();
  await daemon.bus.publish('job/j/do/start', { transaction: 'r' }, { retain: true });
  await daemon.start();
  await expectRefusedAndCleared(daemon);
});

async function expectRefusedAndCleared(daemon: TestDaemon): Promise<void> {
  const { bus } = daemon;
  const { text } = await bus.message('bridge/response/job/j/do/start');
  expect(JSON.parse(text)).toEqual({ ...refused('not_allowed'), transaction: 'r' });
  await bus.until('the clearing', () => bus.last('job/j/do/start')?.text === '' || undefined);
  expect([...(await retainedOn(daemon.url)).keys()]).not.toContain('plot2mqtt/job/j/do/start');
  // One more command, answered: nothing of the retained one can still be under way.
  await bus.command('job/j/set/max_workers', '3');
  expect(bus.events({ type: 'worker_started' })).toEqual([]);
  expect(bus.messages.filter(({ topic }) => topic.endsWith('response/job/j/do/start'))).toHaveLength(1);
  expect(daemon.said.join('\n')).toMatch(/retained command/i);
}
