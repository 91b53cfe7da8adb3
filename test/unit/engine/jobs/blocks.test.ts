import { describe, expect, it } from 'vitest';
import { destinationOf } from '../../../../src/engine/model/placement.ts';
import { Bench } from '../bench.ts';

describe('a block by what is missing', () => {
  it('is looked at again every 30 s, says that it was found, and starts what was pending', () => {
    const bench = new Bench({ nightly: { max_workers: 3, starts: [{ on: 'go', workers: 2 }] } });
    bench.farm.disks.set('/dest', { problem: 'missing' });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.jobView()).toMatchObject({
      state: 'blocked',
      blocked_reason: 'missing_directory',
      pending: 2,
    });
    bench.pass(65_000);
    expect(bench.of('job_blocked')).toHaveLength(1);
    bench.farm.disks.clear();
    bench.pass(30_000);
    expect(bench.workers()).toHaveLength(2);
    expect(bench.of('job_unblocked').map(({ reason }) => reason)).toEqual(['found']);
    expect(bench.of('worker_failed')).toHaveLength(0);
  });

  it('is looked at again when config.yaml was read', () => {
    const bench = new Bench({ nightly: { arguments: {}, starts: [{ on: 'go' }] } });
    bench.memory.settings = { ...bench.settings, defaults: {} };
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.job().blocked).toBe('missing_argument');
    bench.memory.settings = bench.settings;
    bench.configure({ nightly: { arguments: {}, starts: [{ on: 'go' }] } });
    expect(bench.job().blocked).toBe('none');
    expect(bench.workers()).toHaveLength(1);
  });

  it('goes on being looked at while the job is paused, and over a restart', () => {
    const bench = new Bench();
    bench.farm.disks.set('/dest', { problem: 'not_answering' });
    bench.start();
    bench.set({ paused: true });
    bench.restart();
    bench.farm.disks.clear();
    bench.pass(31_000);
    expect(bench.jobView()).toMatchObject({ state: 'paused', blocked_reason: 'none' });
  });

  it("is looked at again for today's values: an argument that changed counts at the next start", () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    const first = bench.startOne();
    bench.memory.settings = {
      ...bench.settings,
      defaults: { ...bench.settings.defaults, dest_dir: '/dest2' },
    };
    const second = bench.startOne();
    expect(destinationOf(first)).toBe('/dest');
    expect(destinationOf(second)).toBe('/dest2');
  });

  it('probes again where the directories changed while they were looked at', () => {
    const bench = new Bench();
    bench.hold('probe');
    bench.send({ type: 'start', job: 'nightly', workers: 1 });
    bench.memory.settings = {
      ...bench.settings,
      defaults: { ...bench.settings.defaults, dest_dir: '/dest2' },
    };
    bench.farm.disks.set('/dest', { problem: 'missing' });
    bench.release('probe');
    expect(bench.workers().map(destinationOf)).toEqual(['/dest2']);
  });

  it('takes no stale look at the disks for a new one', () => {
    const bench = new Bench({ nightly: { max_workers: 2, starts: [{ on: 'go' }] } });
    bench.hold('probe');
    bench.command({ type: 'fire', name: 'go' });
    const [work] = bench.farm.outstanding.splice(0);
    const look = work && bench.farm.perform(work, bench.state, bench.now);
    if (!look) throw new Error('no look at the disks');
    bench.feed(look);
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 0 });
    bench.release('probe');
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.job()).toMatchObject({ blocked: 'dest_full', pending: 1 });
    bench.feed(look);
    expect(bench.workers()).toHaveLength(1);
  });
});
