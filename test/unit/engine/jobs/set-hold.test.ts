import { describe, expect, it } from 'vitest';
import { type HoldWanted, MAX_HOLDS } from '../../../../src/contract/holds.ts';
import { codeOf } from '../answers.ts';
import { Bench, hour, minute } from '../bench.ts';

const TWO = { nightly: { max_workers: 2, starts: [{ on: 'next' }] }, other: {} };

function hold(bench: Bench, name: string, wanted: HoldWanted = {}, job: string | null = null) {
  return bench.command({ type: 'set_hold', job, name, wanted });
}

function release(bench: Bench, name: string, job: string | null = null) {
  return bench.command({ type: 'release_hold', job, name });
}

const changed = (value: boolean) => ({ status: 'ok', data: { changed: value } });
const iso = (at: number) => new Date(at).toISOString();

describe('a hold of the farm', () => {
  it('suspends the plotters of all jobs, and starts none, until it is released', () => {
    const bench = new Bench(TWO);
    const workers = [bench.startOne('nightly'), bench.startOne('other')];
    const suspended = () => workers.map(({ id }) => bench.farm.running(id)?.suspended);
    const since = bench.mark();
    expect(hold(bench, 'heat', { reason: '41 °C' })).toEqual(changed(true));
    expect(suspended()).toEqual([true, true]);
    expect(bench.told(since)).toEqual(['hold_set', 'worker_paused', 'worker_paused']);
    expect(bench.of('hold_set')).toMatchObject([
      { hold: 'heat', kind: 'pause', reason: '41 °C', until: null, job: null },
    ]);
    bench.command({ type: 'fire', name: 'next' });
    expect(bench.jobView()).toMatchObject({
      ...{ state: 'paused', paused: false, holds: ['heat'], pending: 1 },
      ...{ waiting_for: 'paused', waiting_text: "the farm's hold 'heat' stands (41 °C)" },
    });
    expect(bench.jobView('other')).toMatchObject({ state: 'paused', holds: ['heat'] });
    expect(release(bench, 'heat')).toEqual(changed(true));
    expect(suspended()).toEqual([false, false]);
    expect(bench.jobView()).toMatchObject({ state: 'running', holds: [], pending: 0, workers: 2 });
    expect(bench.of('hold_released')).toMatchObject([{ hold: 'heat', by: 'command', job: null }]);
  });

  it('of kind no_starts lets running plotters go on', () => {
    const bench = new Bench(TWO);
    const worker = bench.startOne();
    hold(bench, 'price', { kind: 'no_starts' });
    expect(bench.farm.running(worker.id)?.suspended).toBe(false);
    const answer = bench.command({ type: 'start', job: 'nightly', workers: 1 });
    expect(answer).toMatchObject({
      error: { code: 'job_paused', message: "the farm's hold 'price' stands" },
    });
  });

  it('that becomes another kind suspends, or has its plotters go on', () => {
    const bench = new Bench(TWO);
    const worker = bench.startOne();
    hold(bench, 'price', { kind: 'no_starts' });
    expect(hold(bench, 'price', { kind: 'pause' })).toEqual(changed(true));
    expect(bench.farm.running(worker.id)?.suspended).toBe(true);
    expect(hold(bench, 'price', { kind: 'no_starts' })).toEqual(changed(true));
    expect(bench.farm.running(worker.id)?.suspended).toBe(false);
  });

  it('does not undo a pause of the job, nor another hold', () => {
    const bench = new Bench(TWO);
    const worker = bench.startOne();
    const suspended = () => bench.farm.running(worker.id)?.suspended;
    bench.set({ paused: true });
    hold(bench, 'heat');
    hold(bench, 'heat', {}, 'nightly');
    expect(bench.jobView()).toMatchObject({ paused: true, holds: ['heat'] });
    release(bench, 'heat');
    bench.set({ paused: false });
    expect(suspended()).toBe(true);
    release(bench, 'heat', 'nightly');
    expect(suspended()).toBe(false);
  });

  it('stands for jobs that are made later', () => {
    const bench = new Bench(TWO);
    hold(bench, 'heat');
    bench.configure({ ...TWO, late: {} });
    expect(bench.jobView('late')).toMatchObject({ state: 'paused', holds: ['heat'] });
  });
});

describe('what is said again', () => {
  it('changes nothing and tells nothing', () => {
    const bench = new Bench(TWO);
    hold(bench, 'heat', { reason: 'hot' });
    const since = bench.mark();
    expect(hold(bench, 'heat', { reason: 'hot' })).toEqual(changed(false));
    expect(release(bench, 'cold')).toEqual(changed(false));
    expect(release(bench, 'constructor')).toEqual(changed(false));
    expect(bench.told(since)).toEqual([]);
  });

  it('with another reason is told, and stands since it stood first', () => {
    const bench = new Bench(TWO);
    const since = bench.now;
    hold(bench, 'heat', { reason: 'hot' });
    bench.pass(minute);
    expect(hold(bench, 'heat', { reason: 'hotter' })).toEqual(changed(true));
    expect(bench.state.farm.holds.heat).toMatchObject({ reason: 'hotter', since });
  });
});

describe('the time of a hold', () => {
  const wanted = { for_s: 3600 };

  it('ends it', () => {
    const bench = new Bench(TWO);
    const worker = bench.startOne();
    hold(bench, 'price', wanted);
    expect(bench.of('hold_set')).toMatchObject([{ until: iso(bench.now + hour) }]);
    bench.pass(hour - minute);
    expect(bench.jobView().holds).toEqual(['price']);
    bench.pass(minute);
    expect(bench.jobView().holds).toEqual([]);
    expect(bench.farm.running(worker.id)?.suspended).toBe(false);
    expect(bench.of('hold_released')).toMatchObject([{ hold: 'price', by: 'time' }]);
  });

  it('begins anew where it is said again, and goes where it is said without', () => {
    const bench = new Bench(TWO);
    hold(bench, 'price', wanted);
    bench.pass(hour / 2);
    expect(hold(bench, 'price', wanted)).toEqual(changed(true));
    bench.pass(hour - minute);
    expect(bench.jobView().holds).toEqual(['price']);
    expect(hold(bench, 'price')).toEqual(changed(true));
    bench.pass(2 * hour);
    expect(bench.jobView().holds).toEqual(['price']);
  });

  it('that was noticed before it began anew ends nothing', () => {
    const bench = new Bench(TWO);
    hold(bench, 'price', wanted);
    bench.pass(hour - minute);
    hold(bench, 'price', wanted);
    bench.feed({ type: 'wake', timers: [{ kind: 'farm_hold', name: 'price' }] });
    expect(bench.jobView().holds).toEqual(['price']);
    bench.pass(hour);
    expect(bench.jobView().holds).toEqual([]);
  });

  it('is over once it was released by a command', () => {
    const bench = new Bench(TWO);
    hold(bench, 'price', wanted);
    release(bench, 'price');
    hold(bench, 'price');
    bench.pass(2 * hour);
    expect(bench.jobView().holds).toEqual(['price']);
  });

  it.each([null, 'nightly'])('goes on over a restart (of %s)', (job) => {
    const bench = new Bench(TWO);
    const worker = bench.startOne();
    hold(bench, 'price', wanted, job);
    bench.pass(minute);
    bench.restart();
    expect(bench.farm.running(worker.id)?.suspended).toBe(true);
    bench.pass(hour - 2 * minute);
    expect(bench.jobView().holds).toEqual(['price']);
    bench.pass(minute);
    expect(bench.jobView().holds).toEqual([]);
  });

  it('is what passed, whatever the clock was set to while the daemon was away', () => {
    const bench = new Bench(TWO);
    bench.timescale = { run: 'boot', base: 0 };
    bench.restart();
    hold(bench, 'price', wanted);
    bench.crash();
    bench.now += 10 * hour;
    bench.ahead -= 10 * hour;
    bench.comeUp();
    bench.pass(hour - minute);
    expect(bench.jobView().holds).toEqual(['price']);
    bench.pass(minute);
    expect(bench.jobView().holds).toEqual([]);
  });
});

describe('a hold of a job', () => {
  it('holds that job alone, and is told as its event', () => {
    const bench = new Bench(TWO);
    const [mine, others] = [bench.startOne('nightly'), bench.startOne('other')];
    expect(hold(bench, 'disk', { reason: 'swapping disks' }, 'nightly')).toEqual(changed(true));
    expect(bench.farm.running(mine.id)?.suspended).toBe(true);
    expect(bench.farm.running(others.id)?.suspended).toBe(false);
    expect(bench.jobView()).toMatchObject({
      holds: ['disk'],
      waiting_text: "the job's hold 'disk' stands (swapping disks)",
    });
    release(bench, 'disk', 'nightly');
    expect(bench.events.slice(-2)).toMatchObject([
      { type: 'hold_released', job: 'nightly', hold: 'disk' },
      { type: 'worker_resumed' },
    ]);
  });

  it('is taken away by its own name alone, and not by the farm’s', () => {
    const bench = new Bench(TWO);
    hold(bench, 'disk', {}, 'nightly');
    expect(release(bench, 'disk')).toEqual(changed(false));
    expect(bench.jobView().holds).toEqual(['disk']);
  });

  it('goes with the job', () => {
    const bench = new Bench(TWO);
    hold(bench, 'disk', { for_s: 60 }, 'other');
    bench.configure({ nightly: TWO.nightly });
    bench.pass(hour);
    bench.configure(TWO);
    expect(bench.jobView('other').holds).toEqual([]);
  });
});

describe('what is refused', () => {
  it('holds of a job that is not there', () => {
    const bench = new Bench(TWO);
    expect(codeOf(hold(bench, 'disk', {}, 'nobody'))).toBe('unknown_job');
    expect(codeOf(release(bench, 'disk', 'nobody'))).toBe('unknown_job');
  });

  it('more than there may be, of farm and jobs together; pause and drain always can be set', () => {
    const bench = new Bench(TWO);
    hold(bench, 'drain');
    bench.set({ paused: true });
    for (let index = 0; index < MAX_HOLDS; index += 1)
      expect(hold(bench, `h${index}`, {}, index % 2 === 0 ? null : 'nightly')).toEqual(changed(true));
    expect(codeOf(hold(bench, 'more'))).toBe('limit_reached');
    expect(codeOf(hold(bench, 'more', {}, 'other'))).toBe('limit_reached');
    expect(hold(bench, 'h0', { reason: 'it stands already' })).toEqual(changed(true));
    expect(hold(bench, 'pause')).toEqual(changed(true));
    release(bench, 'h1', 'nightly');
    expect(hold(bench, 'more')).toEqual(changed(true));
  });

  it.each<[string, HoldWanted, string]>([
    ['pause', { kind: 'no_starts' }, 'kind'],
    ['pause', { moves: false }, 'moves'],
    ['drain', { kind: 'pause' }, 'kind'],
  ])('what the farm’s %s is not', (name, wanted, path) => {
    const bench = new Bench(TWO);
    expect(hold(bench, name, wanted)).toMatchObject({ error: { code: 'invalid_payload', path } });
  });
});

describe('pause and drain', () => {
  it('are always of their kind', () => {
    const bench = new Bench(TWO);
    const worker = bench.startOne();
    hold(bench, 'drain', { moves: true });
    expect(bench.state.farm.holds.drain).toMatchObject({ kind: 'no_starts', moves: true });
    expect(bench.farm.running(worker.id)?.suspended).toBe(false);
    hold(bench, 'pause', { kind: 'pause' });
    expect(bench.state.farm.holds.pause).toMatchObject({ kind: 'pause', moves: true });
    expect(bench.farm.running(worker.id)?.suspended).toBe(true);
    hold(bench, 'drain', {}, 'nightly');
    expect(bench.job().holds.drain).toMatchObject({ kind: 'pause', moves: false });
  });
});
