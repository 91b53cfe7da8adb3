import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hasOwnPause } from '../../../../src/engine/jobs/holds.ts';
import { toSnapshot } from '../../../../src/engine/model/snapshot.ts';
import type { State } from '../../../../src/engine/model/state.ts';
import { canonical, MOVED_BY_THE_LOG } from '../../engine/canonical.ts';
import { type Happening, happening } from '../../engine/happenings.ts';
import { releases } from '../../engine/releases.ts';
import { type Disk, FullFarm } from '../full-farm.ts';

const RUNS = { numRuns: 40, interruptAfterTimeLimit: 8_000 };

beforeEach(() => {
  vi.useFakeTimers({
    now: Date.UTC(2026, 10, 23, 9),
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

type Weather = { do: 'weather'; disk: Disk };
const weather: fc.Arbitrary<Weather> = fc.record({
  do: fc.constant('weather' as const),
  disk: fc.constantFrom('fine', 'full', 'broken'),
});
const stories = fc.array(fc.oneof({ weight: 8, arbitrary: happening }, { weight: 1, arbitrary: weather }), {
  maxLength: 150,
  size: 'max',
});

function comparable(state: State): string {
  return canonical(toSnapshot(state), (key, value) => (MOVED_BY_THE_LOG.has(key) ? undefined : value));
}

async function happen(full: FullFarm, each: Happening | Weather): Promise<void> {
  const { farm, engine } = full;
  switch (each.do) {
    case 'weather':
      full.disk = each.disk;
      return;
    case 'perform':
      return full.work(each.which);
    case 'exit': {
      const running = farm.processes.filter(({ exit }) => exit === null);
      const process = running[each.which % Math.max(1, running.length)];
      return process && full.take(farm.exit(process.worker, each.code, Date.now(), {}, engine.state));
    }
    case 'log': {
      const running = farm.processes.filter(({ exit, kind }) => exit === null && kind === 'plotter');
      const run = running[each.which % Math.max(1, running.length)]?.worker;
      if (run === undefined) return;
      const offset = (engine.state.runs.get(run)?.log_offset ?? 0) + 10;
      return full.take({ type: 'log', run, offset, signals: [each.signal] });
    }
    case 'command':
      full.send(each.command);
      await vi.advanceTimersByTimeAsync(0);
      return;
    case 'pass':
      await vi.advanceTimersByTimeAsync(each.ms);
      return;
    case 'crash':
      return full.crash();
    default:
  }
}

function check(full: FullFarm): void {
  expect(full.begunUnstored).toEqual([]);
  for (const [index, { seq }] of full.published.entries()) expect(seq).toBe(index + 1);
  expect(comparable(full.engine.state) === comparable(full.written()), 'the state is what is written').toBe(
    true,
  );
  for (const { command, atOnce, answer } of full.sent)
    if (atOnce) expect(answer, command.type).not.toBeNull();
}

/** The disk is well again, nothing is started any more, and all that goes on comes to its end. */
async function windDown(full: FullFarm): Promise<void> {
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(6_000);
  expect(full.engine.storage).toBe('ok');
  for (const job of full.engine.state.jobs.keys())
    full.send({ type: 'set', job, settings: { enabled: false, paused: false } });
  for (const command of releases(full.engine.state)) full.send(command);
  for (let round = 0; round < 300; round += 1) {
    for (const { job, slot, paused } of [...full.engine.state.runs.values()])
      if (paused) full.send({ type: 'pause_worker', job, slot, paused: false });
    while (full.farm.outstanding.length > 0) full.work(0);
    await vi.advanceTimersByTimeAsync(1_000);
    const process = full.farm.processes.find(({ exit }) => exit === null);
    if (process) full.take(full.farm.exit(process.worker, 0, Date.now(), {}, full.engine.state));
    else if (full.engine.state.workers.size === 0 && full.farm.outstanding.length === 0) return;
  }
  throw new Error('the farm does not come to rest');
}

it('whatever becomes of the disk: nothing is lost or done twice, commands are answered at once, nothing is begun unstored', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      vi.clearAllTimers();
      const full = new FullFarm();
      for (const each of story) {
        await happen(full, each);
        check(full);
      }
      await windDown(full);
      check(full);

      const of = (type: string) => full.published.filter((event) => event.type === type);
      const ended = [...of('worker_end'), ...of('worker_dismissed')].map(({ worker }) => worker);
      expect(ended.sort()).toEqual(
        of('worker_started')
          .map(({ worker }) => worker)
          .sort(),
      );
      expect(full.sent.filter(({ answer }) => answer === null)).toEqual([]);
      const created = full.sent.filter(
        ({ command, answer }) => command.type === 'create_job' && answer?.status === 'ok',
      );
      expect(of('job_created').filter(({ job }) => job === 'made').length).toBeLessThanOrEqual(
        created.length,
      );
      const refused = full.sent.filter(
        ({ answer }) => answer?.status === 'error' && answer.error.code === 'internal',
      );
      expect(refused).toEqual([]);
      for (const kind of ['pre', 'plotter', 'post'] as const) {
        const keys = full.farm.processes.filter((each) => each.kind === kind).map(({ worker }) => worker);
        expect(new Set(keys).size).toBe(keys.length);
      }
    }),
    RUNS,
  );
});

/** Does all that was asked for, but for these. */
function workAll(full: FullFarm, ...but: string[]): void {
  const { outstanding } = full.farm;
  for (let index = 0; index < outstanding.length; ) {
    if (but.includes(outstanding[index]?.type ?? '')) index += 1;
    else full.work(index);
  }
}

function dismissals(full: FullFarm) {
  return full.published.filter(({ type }) => type === 'worker_dismissed');
}

it('a start whose look at the disks ends when the state can’t be written follows later', () => {
  const full = new FullFarm();
  full.disk = 'full';
  workAll(full);
  expect(full.engine.storage).toBe('failing');
  expect(full.engine.state.workers.size).toBe(0);
  full.disk = 'fine';
  vi.advanceTimersByTime(5_000);
  workAll(full);
  expect(full.engine.storage).toBe('ok');
  expect([...full.engine.state.workers.values()]).toMatchObject([{ job: 'first', step: 'pre' }]);
});

it('a start by hand is refused for the state, not for starts on their way that can’t be written down', async () => {
  const full = new FullFarm();
  full.send({ type: 'fire', name: 'again' });
  full.disk = 'full';
  workAll(full);
  expect(full.engine.state.jobs.get('first')).toMatchObject({ wanted: 2 });
  full.send({ type: 'start', job: 'first', workers: 1 });
  await vi.advanceTimersByTimeAsync(0);
  expect(full.sent.at(-1)).toMatchObject({ answer: { error: { code: 'not_stored' } } });
});

it('a start by hand that waits for that look is refused', async () => {
  const full = new FullFarm();
  workAll(full);
  full.send({ type: 'start', job: 'second', workers: 1 });
  full.disk = 'broken';
  workAll(full);
  await vi.advanceTimersByTimeAsync(0);
  expect(full.sent).toMatchObject([{ answer: { error: { code: 'not_stored' } } }]);
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(5_000);
  workAll(full);
  expect([...full.engine.state.workers.values()].map(({ job }) => job)).toEqual(['first']);
});

it('a dismissal that is written, and whose worker ends when nothing can be, is answered then', async () => {
  const full = new FullFarm();
  workAll(full);
  full.send({ type: 'dismiss_job', job: 'first' });
  await vi.advanceTimersByTimeAsync(0);
  expect(full.sent).toMatchObject([{ answer: null }]);
  full.disk = 'broken';
  workAll(full);
  await vi.advanceTimersByTimeAsync(0);
  expect(full.sent).toMatchObject([{ answer: { status: 'ok', data: null } }]);
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(5_000);
  workAll(full);
  expect(dismissals(full)).toHaveLength(1);
});

it('a worker whose next process is put off ends at once when it is dismissed', async () => {
  const full = new FullFarm(10);
  workAll(full);
  const [worker] = full.engine.state.workers.values();
  full.disk = 'full';
  // The end of its pre-command waits, as its plotter does; a stop takes both in with the reserve.
  full.take(full.farm.exit(worker?.id ?? '', 0, Date.now(), {}, full.engine.state));
  expect(full.engine.storage).toBe('failing');
  full.send({ type: 'dismiss_worker', job: 'first', slot: 1 });
  workAll(full);
  await vi.advanceTimersByTimeAsync(0);
  expect(full.sent).toMatchObject([{ answer: { status: 'ok', data: null } }]);
  expect(dismissals(full)).toHaveLength(1);
  expect(full.begunUnstored).toEqual([]);
});

it('the same stop, asked for again and again, is kept once', async () => {
  const full = new FullFarm();
  workAll(full);
  full.disk = 'broken';
  for (let times = 0; times < 3; times += 1) {
    full.send({ type: 'set', job: 'first', settings: { paused: true } });
    full.send({ type: 'set', job: 'none', settings: { paused: true } });
    await vi.advanceTimersByTimeAsync(0);
  }
  const answers = full.sent.map(({ answer }) => answer);
  expect(answers.filter((answer) => answer?.status === 'ok')).toEqual(
    Array.from({ length: 3 }, () => ({ status: 'ok', data: { stored: false } })),
  );
  expect(answers.filter((answer) => answer?.status === 'error')).toMatchObject(
    Array.from({ length: 3 }, () => ({ error: { code: 'unknown_job' } })),
  );
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(5_000);
  const job = full.engine.state.jobs.get('first');
  expect(job && hasOwnPause(job)).toBe(true);
  expect(full.published.filter(({ type }) => type === 'worker_paused')).toHaveLength(1);
});

it('a hold is set at once, and told when it can be written down; it is released only then', async () => {
  const full = cameUpOn('fine');
  workAll(full);
  full.disk = 'broken';
  full.send({ type: 'set_hold', job: null, name: 'price', wanted: { kind: 'no_starts' } });
  full.send({ type: 'set_hold', job: null, name: 'drain', wanted: {} });
  workAll(full);
  expect(full.farm.processes.some(({ suspended }) => suspended)).toBe(false);
  full.send({ type: 'set_hold', job: 'second', name: 'heat', wanted: {} });
  workAll(full);
  expect(full.farm.processes.some(({ suspended }) => suspended)).toBe(false);
  full.send({ type: 'set_hold', job: null, name: 'heat', wanted: { reason: 'hot' } });
  full.send({ type: 'set_hold', job: null, name: 'pause', wanted: { kind: 'no_starts' } });
  full.send({ type: 'release_hold', job: null, name: 'heat' });
  workAll(full);
  await vi.advanceTimersByTimeAsync(0);
  expect(full.farm.processes.filter(({ exit }) => exit === null)).toMatchObject([{ suspended: true }]);
  const unstored = { status: 'ok', data: { stored: false } };
  expect(full.sent.map(({ answer }) => answer)).toMatchObject([
    ...Array.from({ length: 4 }, () => unstored),
    { error: { code: 'invalid_payload' } },
    { error: { code: 'not_stored' } },
  ]);
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(Object.keys(full.engine.state.farm.holds)).toEqual(['price', 'drain', 'heat']);
  expect(full.published.filter(({ type }) => type === 'hold_set')).toHaveLength(4);
});

it('a stop of the farm ends its workers at once, and is told when that can be written down', async () => {
  const full = cameUpOn('fine');
  workAll(full);
  full.disk = 'broken';
  full.send({ type: 'stop_farm' });
  await vi.advanceTimersByTimeAsync(0);
  workAll(full);
  expect(full.farm.processes.every(({ exit }) => exit !== null)).toBe(true);
  expect(full.sent).toMatchObject([{ answer: { status: 'ok', data: { stored: false } } }]);
  expect(full.published.filter(({ type }) => type === 'hold_set')).toEqual([]);
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(5_000);
  workAll(full);
  await vi.advanceTimersByTimeAsync(0);
  expect(full.published.map(({ type }) => type).filter((type) => /hold|farm|dismissed/.test(type))).toEqual([
    'hold_set',
    'worker_dismissed',
    'farm_drained',
  ]);
});

it('a stop of the farm that is written down, asked for again when nothing can be, is answered at once', async () => {
  const full = cameUpOn('fine');
  workAll(full);
  full.send({ type: 'stop_farm' });
  await vi.advanceTimersByTimeAsync(0);
  expect(full.sent).toMatchObject([{ answer: null }]);
  full.disk = 'broken';
  full.send({ type: 'reset', job: 'second' });
  expect(full.engine.storage).toBe('failing');
  full.send({ type: 'stop_farm' });
  await vi.advanceTimersByTimeAsync(0);
  expect(full.sent.map(({ answer }) => answer?.status)).toEqual(['ok', 'error', 'ok']);
});

/** A farm with a plotter at work, whose daemon comes up again on such a disk. */
function cameUpOn(disk: Disk): FullFarm {
  const full = new FullFarm(10);
  workAll(full);
  const [worker] = full.engine.state.workers.values();
  full.take(full.farm.exit(worker?.id ?? '', 0, Date.now(), {}, full.engine.state));
  workAll(full);
  full.crash(disk);
  expect(full.engine.storage).toBe(disk === 'fine' ? 'ok' : 'failing');
  return full;
}

it('coming up on a full disk, what runs already is looked for at once', async () => {
  const full = cameUpOn('full');
  expect(full.engine.isSettled).toBe(true);
  expect(full.farm.outstanding).toMatchObject([{ type: 'run', kind: 'plotter' }]);
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(full.engine.isSettled).toBe(true);
  expect(full.farm.outstanding).toMatchObject([{ type: 'run', kind: 'plotter' }]);
});

it('coming up where not even that can be written down is waited for', async () => {
  const full = cameUpOn('broken');
  expect(full.engine.isSettled).toBe(false);
  expect(full.farm.outstanding).toEqual([]);
  let settled = false;
  void full.engine.settled().then(() => {
    settled = true;
  });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(settled).toBe(false);
  full.disk = 'fine';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(settled).toBe(true);
  expect(full.farm.outstanding).toMatchObject([{ type: 'run', kind: 'plotter' }]);
});

it('what patterns match keeps nothing waiting that can’t be written: it is told again with the next look', () => {
  const full = new FullFarm();
  workAll(full);
  const patterns = new Map([['/mnt/*', [{ path: '/mnt/a', mount: true }]]]);
  full.disk = 'broken';
  full.take({ type: 'matched', patterns });
  full.take({ type: 'matched', patterns });
  expect(full.engine.storage).toBe('failing');
  expect(full.engine.state.matched).toEqual({});
  expect(full.engine.isSettled).toBe(true);
  full.disk = 'fine';
  vi.advanceTimersByTime(5_000);
  full.take({ type: 'matched', patterns });
  expect(full.engine.state.matched).toEqual(Object.fromEntries(patterns));
});
