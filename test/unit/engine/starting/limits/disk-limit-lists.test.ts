import { describe, expect, it } from 'vitest';
import { disksSchema } from '../../../../../src/config/schema/disks.ts';
import { codeOf } from '../../answers.ts';
import { Bench, minute } from '../../bench.ts';
import type { JobInput } from '../../plotter.ts';

/** Limits of `disks` where a job has several directories to choose from. */

const NVME = { match: '/nvme*', max_workers: 1 };
const LIST = ['/nvme0/tmp', '/nvme1/tmp'];

/** A job with these temporary directories, started on a name of its own. */
function on(temp_dir: unknown, name: string, rest: JobInput = {}): JobInput {
  return { max_workers: 0, starts: [{ on: name }], arguments: { temp_dir, dest_dir: '/dest' }, ...rest };
}

function farm(jobs: Record<string, JobInput>, entries: readonly unknown[] = [NVME]): Bench {
  const bench = new Bench(jobs, { settings: { disks: disksSchema.parse(entries) } });
  bench.timescale = { run: 'boot', base: 0 };
  for (const disk of [0, 1, 2]) bench.farm.disks.set(`/nvme${disk}/tmp`, { device: `nvme${disk}` });
  bench.comeUp();
  return bench;
}

/** Where the workers there are have their temporary directories. */
function used(bench: Bench, job?: string): (string | undefined)[] {
  const workers = [...bench.state.workers.values()].filter((each) => job === undefined || each.job === job);
  return workers.map(({ placement }) => placement.find(({ role }) => role === 'temp')?.path);
}

function fire(bench: Bench, name: string, count = 1): void {
  for (let fired = 0; fired < count; fired += 1) bench.command({ type: 'fire', name });
}

function endOn(bench: Bench, directory: string): void {
  const worker = [...bench.state.workers.values()].find(({ placement }) =>
    placement.some(({ path }) => path === directory),
  );
  if (!worker) throw new Error(`no worker in ${directory}`);
  bench.exit(worker);
}

describe('of several directories', () => {
  it('those at a limit are passed over, and the job waits when all are', () => {
    const bench = farm({ one: on(LIST, 'go', { choose: 'in_order' }) });
    fire(bench, 'go', 3);
    expect(used(bench)).toEqual(LIST);
    expect(bench.jobView('one')).toMatchObject({
      ...{ pending: 1, blocked_reason: 'none', waiting_for: 'disk' },
      waiting_text: `temp_dir: ${LIST.map((path) => `1 of 1 workers on the disk of ${path} (disks: /nvme*) run`).join('; ')}`,
    });
    expect(codeOf(bench.command({ type: 'start', job: 'one', workers: 1 }))).toBe('limit_reached');
    endOn(bench, '/nvme1/tmp');
    expect(used(bench)).toEqual(LIST);
  });

  it('each has its own limits, and all entries that match one hold for it', () => {
    const entries = [
      { match: '/nvme*', max_workers: 2 },
      { match: '/nvme1', max_workers: 1 },
    ];
    const bench = farm({ one: on(LIST, 'go') }, entries);
    expect(bench.start('one', 9)).toHaveLength(3);
    expect(used(bench).sort()).toEqual(['/nvme0/tmp', '/nvme0/tmp', '/nvme1/tmp']);
  });

  it('two on one disk share its limit', () => {
    const bench = farm({ one: on(['/nvme0/tmp', '/nvme0/other'], 'go') });
    bench.farm.disks.set('/nvme0/other', { device: 'nvme0' });
    expect(bench.start('one', 2)).toHaveLength(1);
  });

  it('starts are apart on each disk by itself', () => {
    const bench = farm({ one: on(LIST, 'go') }, [{ match: '/nvme*', apart: '10m' }]);
    fire(bench, 'go', 3);
    expect(used(bench)).toHaveLength(2);
    bench.pass(10 * minute);
    expect(used(bench)).toHaveLength(3);
  });

  it('the second one counts too, and so does the destination', () => {
    const second_ = { temp_dir: '/nvme0/tmp', temp2_dir: LIST, dest_dir: '/dest' };
    const bench = farm({ one: on('', 'go', { arguments: second_ }), two: on(LIST, 'two') });
    expect(bench.start('one')[0]?.placement.map(({ path }) => path)).toEqual([
      '/nvme0/tmp',
      '/nvme0/tmp',
      '/dest',
    ]);
    expect(bench.start('two', 2)).toHaveLength(1);
  });

  it('one at a limit is waited for where the others are full, closed or missing', () => {
    const bench = farm({ one: on([...LIST, '/nvme2/tmp', '/nvme3/tmp'], 'go') }, [
      NVME,
      { match: '/nvme2', closed: true },
    ]);
    bench.farm.disks.set('/nvme1/tmp', { device: 'nvme1', free_bytes: 1 });
    bench.farm.disks.set('/nvme3/tmp', { problem: 'missing' });
    fire(bench, 'go', 2);
    expect(used(bench)).toEqual(['/nvme0/tmp']);
    expect(bench.jobView('one')).toMatchObject({
      ...{ pending: 1, blocked_reason: 'none', waiting_for: 'disk' },
      waiting_text: 'temp_dir: 1 of 1 workers on the disk of /nvme0/tmp (disks: /nvme*) run',
    });
    endOn(bench, '/nvme0/tmp');
    expect(used(bench)).toEqual(['/nvme0/tmp']);
    expect(bench.job('one').pending).toBe(0);
  });

  it('a full one is used as soon as a look finds room there, while another is at a limit', () => {
    const bench = farm({ one: on(LIST, 'go') });
    bench.farm.disks.set('/nvme1/tmp', { device: 'nvme1', free_bytes: 1 });
    fire(bench, 'go', 2);
    expect(bench.jobView('one').waiting_for).toBe('disk');
    bench.farm.disks.set('/nvme1/tmp', { device: 'nvme1' });
    bench.pass(minute);
    expect(used(bench).sort()).toEqual(LIST);
  });

  it('only where none is at a limit the job is blocked by full ones', () => {
    const bench = farm({ one: on(LIST, 'go') });
    for (const path of LIST) bench.farm.disks.set(path, { device: path, free_bytes: 1 });
    fire(bench, 'go');
    expect(bench.jobView('one')).toMatchObject({ blocked_reason: 'temp_full', waiting_for: 'temp_full' });
  });
});

describe('patterns of directories', () => {
  it('use a disk that is plugged in while all others are at their limits', () => {
    const bench = farm({ one: on('/nvme*/tmp', 'go') });
    bench.farm.matches.set('/nvme*/tmp', LIST);
    fire(bench, 'go', 3);
    expect(used(bench).sort()).toEqual(LIST);
    expect(bench.job('one').pending).toBe(1);
    bench.farm.matches.set('/nvme*/tmp', [...LIST, '/nvme2/tmp']);
    bench.pass(minute);
    expect(used(bench)).toContain('/nvme2/tmp');
  });

  it('wait at the same limits after a restart', () => {
    const bench = farm({ one: on('/nvme*/tmp', 'go') });
    bench.farm.matches.set('/nvme*/tmp', LIST);
    fire(bench, 'go', 3);
    bench.restart();
    expect(used(bench)).toHaveLength(2);
    expect(bench.jobView('one')).toMatchObject({ waiting_for: 'disk', pending: 1 });
    endOn(bench, '/nvme0/tmp');
    expect(used(bench)).toHaveLength(2);
    expect(bench.job('one').pending).toBe(0);
  });

  it('let a job keep running on as many workers as all its disks may have', () => {
    const kept = on('/n*/tmp', 'go', { keep_running: true });
    const bench = farm({ one: kept }, [NVME]);
    bench.farm.matches.set('/n*/tmp', LIST);
    bench.restart();
    bench.pass(minute);
    expect(used(bench).sort()).toEqual(LIST);
    endOn(bench, '/nvme0/tmp');
    expect(used(bench).sort()).toEqual(LIST);
  });
});

describe('a place that several jobs could have', () => {
  it('goes to the oldest, though that one has more to choose from and its look comes back last', () => {
    const bench = farm({ busy: on(LIST[0], 'busy'), old: on(LIST, 'old'), young: on(LIST[0], 'young') });
    bench.farm.disks.set('/nvme1/tmp', { device: 'nvme1', free_bytes: 1 });
    fire(bench, 'busy');
    fire(bench, 'old');
    fire(bench, 'young');
    expect(bench.jobView('old').waiting_for).toBe('disk');
    bench.hold('probe');
    endOn(bench, '/nvme0/tmp');
    expect(bench.job('old').wanted).toBe(1);
    expect(bench.job('young')).toMatchObject({ wanted: 0, pending: 1 });
    bench.release('probe');
    expect(used(bench, 'old')).toEqual(['/nvme0/tmp']);
    expect(used(bench, 'young')).toEqual([]);
  });

  it('is not waited for by a start by hand that may have another one', () => {
    const bench = farm({ old: on(LIST[0], 'old'), hand: on(LIST, 'hand') });
    bench.hold('probe');
    fire(bench, 'old');
    const ticket = bench.send({ type: 'start', job: 'hand', workers: 2 });
    const looks = bench.farm.outstanding.splice(0);
    const [first, last] = looks.map((work) => bench.farm.perform(work, bench.state, bench.now));
    if (!first || !last) throw new Error('two looks were to come');
    bench.feed(last);
    expect(used(bench, 'hand')).toEqual(['/nvme1/tmp']);
    expect(codeOf(bench.answers.get(ticket))).toBe('ok');
    bench.feed(first);
    expect(used(bench, 'old')).toEqual(['/nvme0/tmp']);
  });
});
