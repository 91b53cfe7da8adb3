import { chmodSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { AnswerMessage, Bus } from '../../support/e2e/bus.ts';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { allow, FAILING, QUICK, STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { CAN_MOUNT_EXT4, type Ext4Disk, mountExt4 } from '../support/ext4.ts';
import { fill } from '../support/fill.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

/** How soon a command is answered, whatever becomes of the disk, in milliseconds. */
const AT_ONCE_MS = 1_000;
const MIB = 1024 * 1024;
const BALLAST = 'ballast';

type Command = [topic: string, payload: string | Record<string, unknown>];

/** One of each command that would change something, on the jobs below. */
const CHANGES: Command[] = [
  ['job/free/set/enabled', 'ON'],
  ['job/busy/set/emit_events', 'OFF'],
  ['job/busy/set/max_workers', '7'],
  ['job/busy/set/plots_to_do', '7'],
  ['job/still/set/paused', 'OFF'],
  ['job/busy/set', { enabled: false, max_workers: 7 }],
  ['job/still/set', { paused: false }],
  ['job/free/do/start', ''],
  ['job/failed/do/reset', ''],
  ['job/still/worker/1/set/paused', 'OFF'],
  ['fire/anything', ''],
  ['bridge/request/job/create', { id: 'new', plotter: 'madmax' }],
  ['bridge/request/job/update', { id: 'made', title: 'Another' }],
  ['bridge/request/job/delete', { id: 'made' }],
  ['bridge/request/reload', ''],
];

const READS: Command[] = [
  ['bridge/request/job/list', {}],
  ['bridge/request/job/get', { id: 'busy' }],
  ['bridge/request/history', {}],
];

const JOBS = {
  busy: {
    ...STEPPING_JOB,
    max_workers: 3,
    starts: [{ on: 'next' }],
    events: [{ fire: 'next', on: 'worker_end' }],
  },
  held: STEPPING_JOB,
  goner: STEPPING_JOB,
  still: STEPPING_JOB,
  free: { ...QUICK, enabled: false },
  failed: FAILING,
};

/** Sends a command and says how long its answer took, in milliseconds. */
async function timed(bus: Bus, [topic, payload]: Command): Promise<AnswerMessage & { took: number }> {
  const began = performance.now();
  const answer = await bus.command(topic, payload);
  return { ...answer, took: performance.now() - began };
}

/** Fills the disk of `data_dir`: what is left of the journal's last block is used up by commands. */
async function fillUp(daemon: TestDaemon): Promise<void> {
  const { bus } = daemon;
  fill(daemon.path('data', BALLAST));
  for (let value = 1; ; value += 1) {
    const { status, error } = await bus.command('job/free/set/max_workers', String(1 + (value % 2)));
    if (status === 'ok') continue;
    expect(error).toMatchObject({ code: 'not_stored' });
    // What was refused is not shown, and what was not refused is.
    expect(bus.object('job/free')).toMatchObject({ max_workers: 2 - (value % 2) });
    return;
  }
}

/** Each changing command is refused, and each read answered, at once. */
async function expectRefused(bus: Bus): Promise<void> {
  for (const command of CHANGES) {
    const { took, ...answer } = await timed(bus, command);
    expect(answer, command.join(' ')).toMatchObject({ status: 'error', error: { code: 'not_stored' } });
    expect(took, command.join(' ')).toBeLessThan(AT_ONCE_MS);
  }
  for (const command of READS) {
    const { took, ...answer } = await timed(bus, command);
    expect(answer, command.join(' ')).toMatchObject({ status: 'ok' });
    expect(took, command.join(' ')).toBeLessThan(AT_ONCE_MS);
  }
}

/** A daemon on a small disk of its own, with plotters of four jobs at work, that of `still` paused with its job. */
async function atWorkOn<Disk>(mount: (path: string) => Disk): Promise<{ daemon: TestDaemon; disk: Disk }> {
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  await daemon.configure({ jobs: JOBS });
  const disk = mount(daemon.path('data'));
  chmodSync(daemon.path('data'), 0o700);
  const { bus } = await daemon.start();
  await bus.command('bridge/request/job/create', { id: 'made', ...{ plotter: 'madmax' } });
  await bus.command('job/failed/do/start');
  await bus.event('worker_end', { job: 'failed' });
  for (const job of ['busy', 'held', 'goner', 'still']) {
    await bus.command(`job/${job}/do/start`);
    // From here on the plot has a name.
    await bus.event('stage_started', { job, stage: '1.7' });
  }
  await bus.command('job/still/worker/1/set/paused', 'ON');
  await bus.command('job/still/set/paused', 'ON');
  return { daemon, disk };
}

/**
 * The states (`S`, `T`, …) that the processes of a worker's plotter are in, each once. Left out is `D`: a shell that was
 * just starting a child (vfork) waits so until that goes on, which it can't while it is stopped.
 */
function plotterStates(daemon: TestDaemon, worker: unknown): string[] {
  return daemon
    .workerProcesses(String(worker))
    .filter(({ command }) => command.includes('stepping-plotter.sh'))
    .map(({ state }) => state)
    .filter((state, index, all) => state !== 'D' && all.indexOf(state) === index);
}

function workerOf(bus: Bus, job: string): unknown {
  return bus.object(`job/${job}/worker/1`).worker;
}

/** Nothing of what was refused is there, nor comes later. */
async function expectNoEffect(bus: Bus): Promise<void> {
  const { data } = await bus.command('bridge/request/job/list', {});
  const text = JSON.stringify(data);
  expect(text).not.toContain('"id":"new"');
  expect(text).not.toContain('Another');
  expect(text).toContain('"id":"made"');
  expect(bus.object('job/busy')).toMatchObject({ max_workers: 3, plots_to_do: 0, emit_events: true });
  expect(bus.object('job/failed')).toMatchObject({ failures: 1 });
  expect(bus.events({ type: 'event_fired', name: 'anything' })).toEqual([]);
  expect(bus.events({ type: 'worker_started', job: 'free' })).toEqual([]);
}

function expectNoGap(bus: Bus): void {
  const numbers = bus.events().map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
}

test.skipIf(!CAN_MOUNT)(
  'data disk full: commands refused, stops carried out and written with the reserve, nothing starts until there is room',
  async () => {
    const { daemon } = await atWorkOn((path) => mountDisk(path, '4m'));
    const { bus } = daemon;
    expect(statSync(daemon.path('data', 'reserve'))).toMatchObject({ size: MIB });
    expect(statSync(daemon.path('data', 'reserve')).blocks * 512).toBeGreaterThanOrEqual(MIB);
    await bus.shows('bridge/health', { storage: 'ok' });
    await fillUp(daemon);
    await expectRefused(bus);
    await bus.shows('bridge/health', { storage: 'failing' });

    // What only stops is written down as ever.
    const goner = workerOf(bus, 'goner');
    expect(await bus.command('job/goner/do/dismiss')).toEqual({ status: 'ok', data: null });
    expect(daemon.workerProcesses(String(goner))).toEqual([]);
    expect(bus.events({ type: 'worker_dismissed' })).toHaveLength(1);
    const busy = workerOf(bus, 'busy');
    expect(await timed(bus, ['job/busy/set/paused', 'ON'])).toMatchObject({ status: 'ok', data: null });
    await expect.poll(() => plotterStates(daemon, busy)).toEqual(['T']);
    expect(await timed(bus, ['job/failed/set', { enabled: false, paused: true }])).toMatchObject({
      status: 'ok',
      data: null,
    });
    expect(bus.object('job/failed')).toMatchObject({ enabled: false, paused: true });

    // Room for an end, not for a start: the plot counts, the next worker waits.
    rmSync(daemon.path('data', BALLAST));
    await bus.shows('bridge/health', { storage: 'ok' });
    expect(await bus.command('job/busy/set/paused', 'OFF')).toMatchObject({ status: 'ok' });
    await fillUp(daemon);
    await allow(daemon, 'all');
    await bus.event('worker_end', { job: 'busy', result: 'done' });
    await bus.shows('job/busy', { plots_done: 1, workers: 0 });
    await bus.shows('bridge/health', { storage: 'failing' });
    await expectRefused(bus);
    expect(bus.events({ type: 'worker_started', job: 'busy' })).toHaveLength(1);

    rmSync(daemon.path('data', BALLAST));
    // The next one comes by itself, and no more of what was refused.
    await bus.event('worker_started', { job: 'busy' }, 2);
    await bus.shows('bridge/health', { storage: 'ok' });
    await expectNoEffect(bus);
    expect(statSync(daemon.path('data', 'reserve'))).toMatchObject({ size: MIB });
    expectNoGap(bus);
  },
);

test.skipIf(!CAN_MOUNT)(
  'a worker that is written down, and whose process can’t be started for lack of room: it waits and has not failed',
  async () => {
    const daemon = await prepareDaemon({ broker: 'mosquitto' });
    await daemon.configure({ jobs: { job: QUICK, busy: STEPPING_JOB } });
    mountDisk(daemon.path('data'), '4m');
    chmodSync(daemon.path('data'), 0o700);
    const { bus } = await daemon.start();
    // With it, what is written of the next worker is short: the plotter's definition is there.
    await bus.command('job/busy/do/start');
    await bus.event('stage_started', { stage: '1.7' });
    const journal = activeJournal(daemon);
    // Room in the journal's last block and one more for a worker, which takes both, and none for what its process writes.
    for (let value = 1; statSync(daemon.path('data', journal)).size % 4096 > 250; value += 1)
      await bus.command('job/job/set/max_workers', String(1 + (value % 2)));
    fill(daemon.path('data', BALLAST));
    truncateSync(daemon.path('data', BALLAST), statSync(daemon.path('data', BALLAST)).size - 4096);
    const blocks = () => Math.ceil(statSync(daemon.path('data', journal)).size / 4096);
    const before = blocks();
    expect(await bus.command('job/job/do/start')).toMatchObject({ status: 'ok' });
    expect(blocks()).toBe(before + 1);
    await bus.shows('bridge/health', { storage: 'failing' });
    expect(bus.events({ type: 'worker_failed' })).toEqual([]);
    // Nor does the next start begin it, with room for the process, and none for the whole reserve.
    await daemon.kill();
    truncateSync(daemon.path('data', BALLAST), statSync(daemon.path('data', BALLAST)).size - 48 * 1024);
    await daemon.start();
    await bus.event('worker_recovered', { job: 'busy' });
    await bus.shows('bridge/health', { storage: 'failing' });
    expect(bus.object('job/job')).toMatchObject({ workers: 1 });
    expect(bus.events({ type: 'plotter_started', job: 'job' })).toEqual([]);
    rmSync(daemon.path('data', BALLAST));
    await bus.event('worker_end', { job: 'job', result: 'done', error: null });
    await bus.shows('job/job', { plots_done: 1, failures: 0 });
  },
);

/** The journal that is written to: the one with the highest number. */
function activeJournal(daemon: TestDaemon): string {
  const numbers = readdirSync(daemon.path('data')).map((name) =>
    Number(/^journal\.(\d+)\.jsonl$/.exec(name)?.[1] ?? 0),
  );
  return `journal.${Math.max(...numbers)}.jsonl`;
}

/** The journals of `data_dir` take nothing any more, or take it again. */
function setImmutable(daemon: TestDaemon, disk: Ext4Disk, yes: boolean): void {
  for (const name of readdirSync(daemon.path('data')))
    if (name.startsWith('journal.')) disk.immutable(daemon.path('data', name), yes);
}

/** What only stops is carried out, and said not to be stored. */
async function expectStopsUnstored(daemon: TestDaemon): Promise<void> {
  const { bus } = daemon;
  const [goner, held, busy] = ['goner', 'held', 'busy'].map((job) => workerOf(bus, job));
  const stops: Command[] = [
    ['job/goner/worker/1/do/dismiss', ''],
    ['job/held/worker/1/set/paused', 'ON'],
    ['job/busy/set/paused', 'ON'],
    ['job/goner/set/enabled', 'OFF'],
    ['job/failed/set', { enabled: false, paused: true }],
  ];
  for (const command of stops) {
    const { took, ...answer } = await timed(bus, command);
    expect(answer, command.join(' ')).toMatchObject({ status: 'ok', data: { stored: false } });
    expect(took, command.join(' ')).toBeLessThan(AT_ONCE_MS);
  }
  // Its wrapper may go on trying to write down how it ended.
  await expect.poll(() => plotterStates(daemon, goner)).toEqual([]);
  await expect.poll(() => plotterStates(daemon, held)).toEqual(['T']);
  await expect.poll(() => plotterStates(daemon, busy)).toEqual(['T']);
  expect(await bus.command('job/busy/worker/7/do/dismiss')).toMatchObject({
    error: { code: 'unknown_worker' },
  });
  // Nothing is shown that isn't written down.
  expect(bus.object('job/busy')).toMatchObject({ paused: false });
  expect(bus.events({ type: 'worker_paused' })).toHaveLength(1);
  expect(bus.events({ type: 'worker_dismissed' })).toEqual([]);
}

test.skipIf(!CAN_MOUNT_EXT4)(
  'a journal that can’t be written: stops are carried out at once, and written down and told when it can',
  async () => {
    const { daemon, disk } = await atWorkOn(mountExt4);
    const { bus } = daemon;
    setImmutable(daemon, disk, true);
    await expectRefused(bus);
    await bus.shows('bridge/health', { storage: 'failing' });
    await expectStopsUnstored(daemon);
    await expectRefused(bus);
    expect(bus.object('bridge/health')).toMatchObject({ storage: 'failing' });

    setImmutable(daemon, disk, false);
    await bus.shows('bridge/health', { storage: 'ok' });
    await bus.event('worker_dismissed', { job: 'goner' });
    await bus.shows('job/held/worker/1', { paused: true, status: 'paused' });
    await bus.shows('job/busy', { paused: true, state: 'paused' });
    await bus.shows('job/goner', { enabled: false });
    await bus.shows('job/failed', { enabled: false, paused: true });
    expect(bus.events({ type: 'worker_dismissed' })).toHaveLength(1);
    expect(bus.events({ type: 'worker_paused' })).toHaveLength(3);
    await expectNoEffect(bus);

    // All goes on as ever.
    await allow(daemon, 'all');
    expect(await bus.command('job/busy/set/paused', 'OFF')).toEqual({ status: 'ok', data: null });
    await bus.event('worker_end', { job: 'busy', result: 'done' });
    expectNoGap(bus);
  },
);

test.skipIf(!CAN_MOUNT_EXT4)(
  'a disk gone read-only, and killed meanwhile: only what was said not to be stored is lost',
  async () => {
    const { daemon, disk } = await atWorkOn(mountExt4);
    const { bus } = daemon;
    const held = workerOf(bus, 'held');
    disk.abort();
    await expectRefused(bus);
    await expectStopsUnstored(daemon);
    await daemon.kill();
    for (const { pid } of daemon.alive()) process.kill(pid, 'SIGKILL');
    await expect.poll(() => daemon.alive()).toEqual([]);
    disk.repair();
    await daemon.start();
    await bus.event('worker_end', { worker: held, result: 'failed' });
    await bus.shows('job/busy', { paused: false });
    await expectNoEffect(bus);
    expectNoGap(bus);
  },
);
