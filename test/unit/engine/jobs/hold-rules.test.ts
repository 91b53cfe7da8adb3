import { describe, expect, it } from 'vitest';
import { holdEntriesSchema } from '../../../../src/config/schema/hold.ts';
import type { HoldWanted } from '../../../../src/contract/holds.ts';
import { Bench, hour, minute } from '../bench.ts';
import { jobOf } from '../plotter.ts';

type Entries = Record<string, Record<string, unknown>>;
const JOBS = { cpu1: { max_workers: 3 }, gpu: { max_workers: 3 } };

/** Stories begin on Monday at 09:00 UTC. */
function bench(holds: Entries): Bench {
  return new Bench(JOBS, { settings: { holds: new Map(Object.entries(holdEntriesSchema.parse(holds))) } });
}

/** config.yaml is read again. */
function reload(farm: Bench, holds: Entries, jobs: Record<string, object> = JOBS): void {
  const entries = new Map(Object.entries(holdEntriesSchema.parse(holds)));
  farm.feed({
    type: 'configured',
    jobs: new Map(Object.entries(jobs).map(([id, job]) => [id, jobOf({ ...job })])),
    settings: { ...farm.memory.settings, holds: entries },
  });
}

const set = (farm: Bench, name = 'price', wanted: HoldWanted = {}) =>
  farm.command({ type: 'set_hold', job: null, name, wanted });
const release = (farm: Bench, name = 'price') => farm.command({ type: 'release_hold', job: null, name });
const names = (farm: Bench) => Object.keys(farm.state.farm.holds);
const releasedBy = (farm: Bench) => farm.of('hold_released').map(({ by }) => by);

describe('an entry of holds', () => {
  const ENTRY = { price: { kind: 'no_starts', jobs: ['cpu*'], for: '1h', moves: true } };

  it('says what a command leaves out, and which jobs are held', () => {
    const farm = bench(ENTRY);
    set(farm);
    expect(farm.jobView('cpu1').holds).toEqual(['price']);
    expect(farm.jobView('gpu').holds).toEqual([]);
    expect(farm.state.farm.holds.price).toMatchObject({ kind: 'no_starts', moves: true, jobs: ['cpu*'] });
    farm.pass(hour);
    expect(names(farm)).toEqual([]);
  });

  it('is second to what a command says', () => {
    const farm = bench(ENTRY);
    const worker = farm.startOne('cpu1');
    const other = farm.startOne('gpu');
    set(farm, 'price', { kind: 'pause', for_s: 7200, moves: false });
    expect(farm.farm.running(worker.id)?.suspended).toBe(true);
    expect(farm.farm.running(other.id)?.suspended).toBe(false);
    farm.pass(2 * hour - minute);
    expect(farm.state.farm.holds.price).toMatchObject({ kind: 'pause', moves: false });
    farm.pass(minute);
    expect(names(farm)).toEqual([]);
  });

  it('says nothing of a job’s hold of that name', () => {
    const farm = bench(ENTRY);
    farm.command({ type: 'set_hold', job: 'gpu', name: 'price', wanted: {} });
    expect(farm.job('gpu').holds.price).toMatchObject({ kind: 'pause', jobs: null, until: null });
  });

  it('whose jobs change holds those from then on', () => {
    const farm = bench(ENTRY);
    const workers = [farm.startOne('cpu1'), farm.startOne('gpu')];
    const suspended = () => workers.map(({ id }) => farm.farm.running(id)?.suspended);
    set(farm, 'price', { kind: 'pause' });
    reload(farm, { price: { jobs: ['gpu'] } });
    expect(suspended()).toEqual([false, true]);
    reload(farm, { price: {} });
    expect(suspended()).toEqual([true, true]);
  });

  it('that is taken out takes its hold with it; one without an entry stays', () => {
    const farm = bench(ENTRY);
    set(farm);
    set(farm, 'heat');
    reload(farm, {});
    expect(names(farm)).toEqual(['heat']);
    expect(releasedBy(farm)).toEqual(['config']);
  });

  it('that is taken out while the daemon is away does so too', () => {
    const farm = bench(ENTRY);
    set(farm);
    farm.crash();
    farm.memory.settings = { ...farm.memory.settings, holds: new Map() };
    farm.comeUp();
    expect(names(farm)).toEqual([]);
  });
});

describe('a rule', () => {
  const NIGHT = { price: { kind: 'no_starts', held: '10:00-12:00' } };
  const until = new Date(Date.UTC(2026, 10, 23, 12)).toISOString();

  it('sets and releases its hold by the hour', () => {
    const farm = bench(NIGHT);
    expect(names(farm)).toEqual([]);
    farm.pass(hour);
    expect(farm.of('hold_set')).toMatchObject([{ hold: 'price', kind: 'no_starts', until, job: null }]);
    farm.pass(2 * hour);
    expect(releasedBy(farm)).toEqual(['time']);
    farm.pass(24 * hour);
    expect(farm.of('hold_set')).toHaveLength(2);
    expect(releasedBy(farm)).toEqual(['time', 'time']);
  });

  it('that holds at the start sets it then, once', () => {
    const farm = bench({ price: { held: '08:00-12:00' } });
    expect(names(farm)).toEqual(['price']);
    farm.restart();
    farm.pass(hour);
    expect(farm.of('hold_set')).toHaveLength(1);
    farm.pass(2 * hour);
    expect(names(farm)).toEqual([]);
  });

  it('leaves what a command has said until it would set or release the hold next', () => {
    const farm = bench(NIGHT);
    set(farm);
    farm.pass(hour);
    expect(names(farm)).toEqual(['price']);
    release(farm);
    farm.restart();
    farm.pass(hour);
    expect(names(farm)).toEqual([]);
    farm.pass(23 * hour);
    expect(names(farm)).toEqual(['price']);
    farm.pass(2 * hour);
    set(farm);
    farm.pass(hour);
    expect(names(farm)).toEqual(['price']);
    farm.pass(24 * hour);
    expect(names(farm)).toEqual([]);
  });

  it('that would have set or released it while the daemon was away does so at the start', () => {
    const farm = bench(NIGHT);
    farm.crash();
    farm.now += 2 * hour;
    farm.comeUp();
    expect(names(farm)).toEqual(['price']);
    farm.crash();
    farm.now += 2 * hour;
    farm.comeUp();
    expect(names(farm)).toEqual([]);
    expect(releasedBy(farm)).toEqual(['time']);
  });

  it('follows a clock that is set', () => {
    const farm = bench(NIGHT);
    farm.now += hour;
    farm.ahead -= hour;
    farm.pass(10 * minute);
    expect(names(farm)).toEqual(['price']);
  });

  it('that is changed counts at once, whatever a command has said', () => {
    const farm = bench({ price: { held: '08:00-12:00' } });
    release(farm);
    reload(farm, { price: { held: '08:00-13:00' } });
    expect(names(farm)).toEqual(['price']);
    reload(farm, { price: { held: '14:00-15:00' } });
    expect(names(farm)).toEqual([]);
    expect(releasedBy(farm)).toEqual(['command', 'config']);
  });

  it('that is taken out takes its hold with it; one that a command has set stays', () => {
    const farm = bench({ price: { held: '08:00-12:00' }, heat: { held: '14:00-15:00' } });
    set(farm, 'heat');
    reload(farm, { price: {}, heat: {} });
    expect(names(farm)).toEqual(['heat']);
    expect(releasedBy(farm)).toEqual(['config']);
    farm.pass(24 * hour);
    expect(names(farm)).toEqual(['heat']);
  });

  it('can have the farm pause or drain', () => {
    const farm = bench({ pause: { held: '10:00-11:00' }, drain: { held: '10:00-11:00' } });
    farm.pass(hour);
    expect(farm.state.farm.holds).toMatchObject({
      pause: { kind: 'pause', moves: true },
      drain: { kind: 'no_starts', moves: false },
    });
  });
});
