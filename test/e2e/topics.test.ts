import { describe, expect, test } from 'vitest';
import { PUBLISHED } from '../../src/contract/published.ts';
import { objectSchema } from '../../src/contract/rows/carriers.ts';
import { ENVELOPE, EVENT_ROWS, type EventRow } from '../../src/contract/rows/events.ts';
import { JOB_ROWS } from '../../src/contract/rows/job.ts';
import { plainKeysOf, viewSchema } from '../../src/contract/rows/row.ts';
import { WORKER_ROWS } from '../../src/contract/rows/worker.ts';
import { retainedOn } from '../support/e2e/bus.ts';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, QUICK } from '../support/e2e/plotters.ts';

/** What is counted by a look that may take longer than the others. */
const noneKnown = (count: unknown) => count === null || count === 0;

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A plain value as it stands on its own topic. */
function plain(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  if (Array.isArray(value)) return String(value.length);
  return String(value);
}

describe.each(BROKERS)('topics, %s broker', (broker) => {
  test('show the bridge, the host, jobs and slots as the contract has them', async () => {
    const jobs = {
      night: { ...QUICK, title: 'Nightly', max_workers: 2 },
      day: { ...ENDLESS, plots_to_do: 3, enabled: false },
    };
    const daemon = await startDaemon({ broker, config: { jobs } });
    const { bus } = daemon;
    await bus.command('job/day/do/start');
    await bus.shows('job/day/worker/1', { status: 'plotting', stage: '1.1' });
    await bus.value('bridge/state', 'online');
    const retained = await retainedOn(daemon.url);
    const object = (topic: string) => JSON.parse(retained.get(`plot2mqtt/${topic}`)?.text ?? 'null');

    for (const message of retained.values()) expect(message).toMatchObject({ qos: 1, retain: true });
    expect([...retained.keys()].filter((topic) => !topic.startsWith('plot2mqtt/'))).toEqual([]);
    expect([...retained.keys()].filter((topic) => topic.includes('event')).toSorted()).toEqual(
      ['day', 'night'].map((id) => `plot2mqtt/job/${id}/emit_events`),
    );

    for (const { path, rows } of [
      PUBLISHED.bridgeInfo,
      PUBLISHED.bridgeHealth,
      PUBLISHED.bridgeStats,
      PUBLISHED.host,
      PUBLISHED.fileSystems,
    ])
      expect(viewSchema(rows).safeParse(object(path)).error).toBeUndefined();
    expect(object('bridge/info')).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      instance: expect.stringMatching(/^[0-9a-z]+$/),
      base_topic: 'plot2mqtt',
      contract: 2,
      plotters: [
        ...[
          'bladebit-cuda',
          'bladebit-disk',
          'bladebit-ram',
          'chia',
          'chia-v2',
          'gigahorse',
          'gigahorse-cuda',
        ],
        ...['madmax', 'pos2'],
      ].map((id) => ({ id, title: expect.any(String) })),
    });
    const figures = ['uptime_s', 'rss_mib', 'event_loop_lag_ms', 'workers', 'mqtt_queue', 'mqtt_dropped'];
    expect(object('bridge/health')).toEqual({
      ...Object.fromEntries(figures.map((key) => [key, expect.any(Number)])),
      ...{ storage: 'ok', started_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect(object('bridge/stats')).toEqual({ workers: 1, plots_done: 0, plots_today: 0 });
    const bytes = { free_bytes: expect.any(Number), total_bytes: expect.any(Number) };
    const disk = {
      ...{ ...bytes, filesystem: expect.stringMatching(/^\//), state: 'ok' },
      ...{ reserved_bytes: expect.any(Number), plots: 0, full_at: null },
      ...{ old_plots: expect.toSatisfy(noneKnown), old_bytes: expect.toSatisfy(noneKnown) },
    };
    expect(object('host')).toEqual({
      // Known from the second look on.
      cpu_percent: expect.toSatisfy((percent) => percent === null || typeof percent === 'number'),
      load: [expect.any(Number), expect.any(Number), expect.any(Number)],
      memory_used_mib: expect.any(Number),
      memory_total_mib: expect.any(Number),
      disks: expect.arrayContaining([
        { role: 'temp', path: daemon.path('tmp'), ...disk },
        { role: 'destination', path: daemon.path('plots'), ...disk },
      ]),
    });

    expect(object('job/night')).toMatchObject({
      ...{ id: 'night', title: 'Nightly', plotter: 'madmax', state: 'idle', blocked_reason: 'none' },
      ...{ enabled: true, emit_events: true, paused: false, max_workers: 2, plots_to_do: 0, plots_done: 0 },
      ...{ plots_remaining: null, workers: 0, pending: 0, progress: null, eta: null, failures: 0 },
      ...{ last_error: null, last_plot: null, last_plot_at: null, last_plot_duration_s: null },
      average_plot_duration_s: null,
      waiting_for: 'nothing',
      waiting_text: expect.stringMatching(/^nothing starts a worker but a start by hand/),
      next_start_at: null,
    });
    expect(object('job/day')).toMatchObject({
      state: 'running',
      enabled: false,
      workers: 1,
      plots_remaining: 3,
    });
    for (const id of ['night', 'day']) {
      expect(viewSchema(JOB_ROWS).safeParse(object(`job/${id}`)).error).toBeUndefined();
      for (const key of plainKeysOf(JOB_ROWS))
        expect([key, retained.get(`plot2mqtt/job/${id}/${key}`)?.text]).toEqual([
          key,
          plain(object(`job/${id}`)[key]),
        ]);
    }
    const worker = object('job/day/worker/1');
    expect(worker).toMatchObject({ status: 'plotting', paused: false, stage: '1.1', error: null });
    expect(worker).toMatchObject({ pid: expect.any(Number), started_at: expect.stringMatching(ISO) });
    expect(worker.plot).toMatch(new RegExp(`^${daemon.path('plots')}/plot-k32-.*[0-9a-f]{64}\\.plot$`));
    expect(worker.plot_id).toMatch(/^[0-9a-f]{64}$/);
    expect(worker).toMatchObject({
      cause: { kind: 'manual', event: null, seq: null },
      run: worker.worker,
      phase: '1',
      temp_dir: daemon.path('tmp'),
      dest_dir: daemon.path('plots'),
    });
    for (const slot of ['night/worker/1', 'night/worker/2', 'day/worker/1']) {
      const shown = object(`job/${slot}`);
      expect(viewSchema(WORKER_ROWS).safeParse(shown).error).toBeUndefined();
      for (const key of plainKeysOf(WORKER_ROWS))
        expect([key, retained.get(`plot2mqtt/job/${slot}/${key}`)?.text]).toEqual([key, plain(shown[key])]);
    }
    expect(object('job/night/worker/2')).toMatchObject({
      worker: null,
      status: 'idle',
      stage: null,
      progress: null,
    });
    expect([...retained.keys()].filter((topic) => topic.includes('day/worker/2'))).toEqual([]);
  });

  test("tell a worker's life in order, on both topics of each event", async () => {
    const job = {
      ...QUICK,
      plots_to_do: 1,
      pre_command: 'true',
      post_command: 'true',
      events: [{ fire: 'half', on: 'progress', percent: 50 }],
    };
    const { bus } = await startDaemon({ broker, config: { jobs: { one: job } } });
    await bus.command('job/one/do/start');
    await bus.message('job/one/event/job_end');

    const events = bus.events();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => (events[0]?.seq ?? 0) + index));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const event of events) {
      const row = Object.entries<EventRow>(EVENT_ROWS).find(([type]) => type === event.type)?.[1];
      const schema = objectSchema({ ...ENVELOPE, ...row?.keys });
      expect([event.type, schema.safeParse(event).error]).toEqual([event.type, undefined]);
      expect(event).toMatchObject({ event_type: event.type, at: expect.stringMatching(ISO), job: 'one' });
    }
    const own = bus.messages.filter(({ topic }) => topic.startsWith('plot2mqtt/job/one/event/'));
    expect(own.map(({ text }) => JSON.parse(text))).toEqual(events);
    for (const { topic, text } of own) expect(topic).toBe(`plot2mqtt/job/one/event/${JSON.parse(text).type}`);
    for (const message of bus.messages.filter(({ topic }) => /\/event($|\/)/.test(topic)))
      expect(message).toMatchObject({ retain: false, qos: 1 });

    const [started] = bus.events({ type: 'worker_started' });
    const story = bus.story(started?.worker ?? '', ['progress', 'stage_started', 'stage_finished']);
    expect(story).toEqual([
      ...['worker_started', 'pre_process_started', 'pre_process_finished', 'plotter_started', 'event_fired'],
      ...['plotter_finished', 'post_process_started', 'post_process_finished', 'worker_end', 'job_end'],
    ]);
    expect(started).toMatchObject({
      slot: 1,
      arguments: { k: 32, temp_dir: expect.any(String) },
      cause: { kind: 'manual', event: null, seq: null },
      run: started?.worker,
    });
    expect(bus.events({ type: 'event_fired' })).toMatchObject([
      { name: 'half', source: 'worker', on: 'progress', stage: null, percent: 50, target: null },
    ]);
    expect(bus.events({ type: 'job_end' })).toMatchObject([{ plots_done: 1 }]);
    const percents = bus.events({ type: 'progress' }).map(({ percent }) => Number(percent));
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    for (const type of ['stage_started', 'stage_finished']) {
      const stages = bus.events({ type }).map(({ stage }) => String(stage));
      expect(new Set(stages).size).toBe(stages.length);
      expect(stages.filter((stage) => stage.length === 1)).toEqual(['1', '2', '3', '4', '5']);
    }
    await bus.shows('job/one', { state: 'done', plots_done: 1, plots_remaining: 0, progress: 100 });
    expect(bus.object('job/one')).toMatchObject({
      last_plot: bus.events({ type: 'worker_end' })[0]?.plot,
      last_plot_at: expect.stringMatching(ISO),
      last_plot_duration_s: expect.any(Number),
      average_plot_duration_s: expect.any(Number),
    });
    await bus.shows('bridge/stats', { workers: 0, plots_done: 1, plots_today: 1 });
    await bus.shows('job/one/worker/1', { status: 'idle', worker: null, progress: null });
  });

  test('free slots above a lowered limit are cleared, slots in use stay until they are free', async () => {
    const daemon = await startDaemon({ broker, config: { jobs: { many: { ...ENDLESS, max_workers: 4 } } } });
    const { bus } = daemon;
    const slots = async () => {
      const found = [...(await retainedOn(daemon.url)).keys()].map(
        (topic) => topic.match(/worker\/(\d+)/)?.[1],
      );
      return [...new Set(found.filter((slot) => slot !== undefined))].toSorted();
    };
    await bus.command('job/many/do/start', '2');
    expect(await slots()).toEqual(['1', '2', '3', '4']);
    await bus.command('job/many/set/max_workers', '1');
    expect(await slots()).toEqual(['1', '2']);
    await bus.command('job/many/worker/2/do/dismiss');
    expect(await slots()).toEqual(['1']);
    await bus.command('job/many/set/max_workers', '3');
    expect(await slots()).toEqual(['1', '2', '3']);
  });

  test('nothing stays retained of a deleted job', async () => {
    const daemon = await startDaemon({ broker });
    const { bus } = daemon;
    await bus.command('bridge/request/job/create', { id: 'gone', plotter: 'madmax', max_workers: 2 });
    const before = [...(await retainedOn(daemon.url)).keys()].filter((topic) => topic.includes('/job/gone'));
    expect(before.length).toBeGreaterThan(plainKeysOf(JOB_ROWS).length);
    await bus.command('bridge/request/job/delete', { id: 'gone' });
    const after = [...(await retainedOn(daemon.url)).keys()].filter((topic) => topic.includes('/job/gone'));
    expect(after).toEqual([]);
    expect(bus.events({ job: 'gone' }).map(({ type }) => type)).toEqual(['job_created', 'job_deleted']);
  });
});

test('nothing stays retained of a job that went while the broker was away', async () => {
  const jobs = { stays: QUICK, goes: { ...QUICK, max_workers: 2 } };
  const daemon = await startDaemon({
    broker: 'mosquitto',
    mosquitto: 'allow_anonymous true\npersistence false',
    config: { jobs },
  });
  const { bus, mosquitto } = daemon;
  expect([...(await retainedOn(daemon.url)).keys()].some((topic) => topic.includes('/job/goes'))).toBe(true);
  // Frozen, the broker keeps what it retained; the daemon can't tell it anything.
  mosquitto?.freeze();
  await daemon.configure({ jobs: { stays: QUICK } });
  await daemon.kill();
  mosquitto?.thaw();
  await daemon.start();
  await bus.until('the clearing', () => bus.last('job/goes')?.text === '' || undefined);
  await bus.until('the clearing of slots', () => bus.last('job/goes/worker/2/eta')?.text === '' || undefined);
  expect([...(await retainedOn(daemon.url)).keys()].filter((topic) => topic.includes('/job/goes'))).toEqual(
    [],
  );
});

test('the last will says offline when the daemon is killed, and so does a clean stop', async () => {
  const daemon = await startDaemon({ broker: 'mosquitto' });
  const { bus } = daemon;
  await daemon.kill('SIGKILL');
  expect(await bus.value('bridge/state', 'offline')).toMatchObject({ qos: 1, retain: true });
  await daemon.start();
  expect(await daemon.stop()).toBe(0);
  await bus.value('bridge/state', 'offline');
  expect((await retainedOn(daemon.url)).get('plot2mqtt/bridge/state')?.text).toBe('offline');
});
