import { describe, expect, it } from 'vitest';
import { type DiskEntry, disksSchema } from '../../../../../src/config/schema/disks.ts';
import { codeOf } from '../../answers.ts';
import { Bench, hour, minute, second } from '../../bench.ts';
import type { JobInput } from '../../plotter.ts';

const GO = { max_workers: 9, starts: [{ on: 'go' }] };

/** A job whose directories are these. */
function on(temp_dir: string, dest_dir: string, rest: JobInput = {}): JobInput {
  return { ...rest, arguments: { temp_dir, dest_dir } };
}

/** Three jobs, of which the last one starts on `go`; all plot on one disk, each on its own destination. */
const JOBS = {
  one: on('/mnt/nvme0/one', '/mnt/farm1'),
  two: on('/mnt/nvme0/two', '/mnt/farm2'),
  third: on('/mnt/nvme0/third/tmp', '/mnt/farm3', GO),
};

/** Which disk each directory is on. */
const DEVICES: Record<string, string> = {
  '/mnt/nvme0/one': 'nvme0',
  '/mnt/nvme0/two': 'nvme0',
  '/mnt/nvme0/third/tmp': 'nvme0',
  '/mnt/nvme1/tmp': 'nvme1',
  '/mnt/farm1': 'farm1',
  '/mnt/farm2': 'farm2',
  '/mnt/farm3': 'farm3',
};

function disks(...entries: unknown[]): readonly DiskEntry[] {
  return disksSchema.parse(entries);
}

function farm(entries: readonly unknown[], jobs: Record<string, JobInput> = JOBS): Bench {
  const bench = new Bench(jobs, { settings: { disks: disks(...entries) } });
  bench.timescale = { run: 'boot', base: 0 };
  for (const [path, device] of Object.entries(DEVICES)) bench.farm.disks.set(path, { device });
  bench.comeUp();
  return bench;
}

function only(bench: Bench, job: string) {
  const [worker] = bench.workers(job);
  if (!worker) throw new Error(`no worker of '${job}'`);
  return worker;
}

function running(bench: Bench): string[] {
  return [...bench.state.runs.values()].map(({ job }) => job);
}

function waits(bench: Bench, job: string) {
  const { waiting_for, waiting_text, pending } = bench.jobView(job);
  return { waiting_for, waiting_text, pending };
}

function gate(bench: Bench, job: string) {
  const answer = bench.command({ type: 'why', job });
  if (answer?.status !== 'ok') throw new Error('why is refused');
  return JSON.parse(JSON.stringify(answer.data)).gates.find((each: { gate: string }) => each.gate === 'disk');
}

/** config.yaml is read again, with other rules for directories. */
function reload(bench: Bench, entries: readonly unknown[]): void {
  const jobs = new Map([...bench.state.jobs.values()].map(({ id, definition }) => [id, definition]));
  bench.feed({ type: 'configured', jobs, settings: { ...bench.settings, disks: disks(...entries) } });
}

/** The next look at the disks of this job comes back. */
function look(bench: Bench, job: string): void {
  const { outstanding } = bench.farm;
  const index = outstanding.findIndex((work) => work.type === 'probe' && work.job === job);
  const [work] = outstanding.splice(index, 1);
  const input = work && bench.farm.perform(work, bench.state, bench.now);
  if (index === -1 || !input) throw new Error(`nobody looks at the disks for '${job}'`);
  bench.feed(input);
}

/** Entries of `disks` that one worker of `one` and one of `two` close for `third`, and what opens them again. */
interface Case {
  name: string;
  entries: readonly unknown[];
  jobs?: Record<string, JobInput>;
  closed: RegExp;
  opens: (bench: Bench) => void;
}

const CASES: Case[] = [
  {
    name: 'workers that have a directory there',
    entries: [{ match: '/mnt/nvme*', max_workers: 2 }],
    closed: /^2 of 2 workers on the disk of \/mnt\/nvme0\/third\/tmp \(disks: \/mnt\/nvme\*\) run$/,
    opens: (bench) => bench.exit(only(bench, 'two')),
  },
  {
    name: 'workers whose destination is there, too',
    entries: [{ match: '/mnt/*', max_workers: 2 }],
    jobs: { ...JOBS, one: on('/mnt/nvme1/tmp', '/mnt/nvme0/one') },
    closed: /^2 of 2 workers on the disk of \/mnt\/nvme0\/third\/tmp \(disks: \/mnt\/\*\) run$/,
    opens: (bench) => bench.exit(only(bench, 'one')),
  },
  {
    name: 'workers that have not finished a phase',
    entries: [{ match: '/mnt/nvme?/', max_in_phase: { 1: 2 } }],
    closed: /^2 of 2 workers on the disk of .* \(disks: \/mnt\/nvme\?\/\) have not finished phase 1$/,
    opens: (bench) => bench.enter(only(bench, 'one'), '2'),
  },
  {
    name: 'workers whose plotter lacks the phase',
    entries: [{ match: '/mnt/nvme0', max_in_phase: { 7: 2 } }],
    jobs: { ...JOBS, one: { ...JOBS.one, post_command: 'post' } },
    closed: /^2 of 2 workers on the disk of .* have not finished phase 7$/,
    opens: (bench) => bench.exit(only(bench, 'one')),
  },
  {
    name: 'the time between two starts',
    entries: [{ match: '/mnt/nvme0', apart: '90s' }],
    closed:
      /^starts on the disk of .* \(disks: \/mnt\/nvme0\) are 90s apart, the last was at 2026-11-23T09:01:30\.000Z$/,
    opens: (bench) => bench.pass(90 * second),
  },
  {
    name: 'the stricter value of all entries that match',
    entries: [
      { match: '/mnt/nvme0', max_workers: 3 },
      { match: '/mnt/*/', max_workers: 2 },
      { match: '/mnt/nvme1', max_workers: 0 },
    ],
    closed: /^2 of 2 workers on the disk of .* \(disks: \/mnt\/\*\/\) run$/,
    opens: (bench) => bench.exit(only(bench, 'two')),
  },
];

describe.each(CASES)('a limit of disks counts $name', ({ entries, jobs = JOBS, closed, opens }) => {
  function close(): Bench {
    const bench = farm(entries, jobs);
    bench.startOne('one');
    bench.pass(90 * second);
    bench.startOne('two');
    bench.command({ type: 'fire', name: 'go' });
    return bench;
  }

  it('says so in a sentence, and blocks nothing', () => {
    const bench = close();
    const text = expect.stringMatching(closed);
    expect(waits(bench, 'third')).toEqual({ waiting_for: 'disk', waiting_text: text, pending: 1 });
    expect(gate(bench, 'third')).toEqual({ gate: 'disk', open: false, text });
    expect(bench.jobView('third').blocked_reason).toBe('none');
    expect(bench.job('third').wanted).toBe(0);
  });

  it('refuses a start by hand with that sentence', () => {
    const bench = close();
    const answer = bench.command({ type: 'start', job: 'third', workers: 1 });
    expect(codeOf(answer)).toBe('limit_reached');
    expect(answer).toMatchObject({ error: { message: expect.stringMatching(closed) } });
  });

  it('starts what waits when there is a place', () => {
    const bench = close();
    opens(bench);
    expect(bench.workers('third')).toHaveLength(1);
    expect(bench.job('third')).toMatchObject({ pending: 0, wanted: 0 });
  });

  it('over a restart, too', () => {
    const bench = close();
    bench.restart();
    expect(bench.workers('third')).toHaveLength(0);
    expect(waits(bench, 'third').waiting_text).toMatch(closed);
    opens(bench);
    expect(bench.workers('third')).toHaveLength(1);
  });

  it('until config.yaml says otherwise, and again when it says so', () => {
    const bench = close();
    reload(bench, []);
    expect(bench.workers('third')).toHaveLength(1);
    expect(waits(bench, 'third').waiting_for).toBe('event');
    reload(bench, entries);
    expect(waits(bench, 'third').waiting_for).toBe('disk');
  });
});

describe('a limit of disks', () => {
  const NVME = { match: '/mnt/nvme*', max_workers: 1 };

  it('counts for each file system by itself', () => {
    const bench = farm([NVME], { ...JOBS, two: on('/mnt/nvme1/tmp', '/mnt/farm2') });
    bench.startOne('one');
    bench.startOne('two');
    expect(running(bench)).toEqual(['one', 'two']);
  });

  it('counts in the directories that match alone', () => {
    const bench = farm([{ match: '/mnt/nvme0/one', max_workers: 1 }]);
    bench.startOne('one');
    bench.startOne('two');
    expect(running(bench)).toEqual(['one', 'two']);
    expect(codeOf(bench.command({ type: 'start', job: 'one', workers: 1 }))).toBe('limit_reached');
    expect(gate(bench, 'two').text).toBe('no entry of disks limits starts in the directories of the job');
  });

  it('limits phases where temporary directories are, not where plots go', () => {
    const bench = farm([{ match: '/mnt/farm*', max_in_phase: { 1: 1 } }], {
      one: on('/mnt/nvme0/one', '/mnt/farm1', { max_workers: 2 }),
    });
    expect(bench.start('one', 2)).toHaveLength(2);
  });

  it('of one worker only', () => {
    const bench = farm([NVME], { one: on('/mnt/nvme0/one', '/mnt/farm1', GO) });
    expect(bench.start('one', 3)).toHaveLength(1);
    bench.command({ type: 'fire', name: 'go' });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.job('one')).toMatchObject({ pending: 2, wanted: 0 });
    bench.exit(only(bench, 'one'));
    expect(bench.workers('one')).toHaveLength(1);
    expect(bench.job('one').pending).toBe(1);
  });

  it('comes before a disk that is full, behind one that is missing', () => {
    const bench = farm([NVME]);
    bench.startOne('one');
    bench.farm.disks.set('/mnt/nvme0/two', { device: 'nvme0', free_bytes: 1 });
    expect(codeOf(bench.command({ type: 'start', job: 'two', workers: 1 }))).toBe('limit_reached');
    bench.farm.disks.set('/mnt/farm2', { problem: 'missing' });
    expect(codeOf(bench.command({ type: 'start', job: 'two', workers: 1 }))).toBe('missing_directory');
  });

  it('looks for another disk in a while, which the directory may be on by then', () => {
    const bench = farm([NVME]);
    bench.startOne('one');
    bench.command({ type: 'fire', name: 'go' });
    expect(waits(bench, 'third').waiting_for).toBe('disk');
    bench.farm.disks.set('/mnt/nvme0/third/tmp', { device: 'nvme7' });
    bench.pass(minute);
    expect(running(bench)).toEqual(['one', 'third']);
  });
});

describe('the last start on a disk', () => {
  const APART = [{ match: '/mnt/nvme*', apart: '1h' }];

  it('counts after its worker has ended, for other directories there and the same one', () => {
    const bench = farm(APART);
    bench.exit(bench.startOne('one'), 1);
    for (const job of ['one', 'two'])
      expect(codeOf(bench.command({ type: 'start', job, workers: 1 }))).toBe('limit_reached');
    bench.pass(hour);
    bench.startOne('two');
    expect(running(bench)).toEqual(['two']);
  });

  it('counts over a restart of the daemon, and of the host for the same directory', () => {
    const bench = farm(APART, { ...JOBS, one: { ...JOBS.one, starts: [{ on: 'again' }] } });
    bench.exit(bench.startOne('one'), 1);
    bench.restart();
    bench.command({ type: 'fire', name: 'go' });
    expect(waits(bench, 'third')).toMatchObject({ waiting_for: 'disk', pending: 1 });
    bench.timescale = { run: 'another', base: 0 };
    bench.restart();
    expect(running(bench)).toEqual(['third']);
    bench.command({ type: 'fire', name: 'again' });
    expect(waits(bench, 'one').waiting_for).toBe('disk');
    bench.pass(hour);
    expect(running(bench)).toEqual(['third', 'one']);
  });

  it('is known to a rule that is read later', () => {
    const bench = farm([]);
    bench.exit(bench.startOne('one'), 1);
    reload(bench, APART);
    expect(codeOf(bench.command({ type: 'start', job: 'two', workers: 1 }))).toBe('limit_reached');
  });

  it('is remembered of a thousand directories', () => {
    const bench = farm([]);
    for (let index = 0; index < 1001; index += 1) {
      bench.configure({ one: on(`/mnt/${index}`, '/mnt/farm1', { max_failures: 0 }) });
      bench.pass(second);
      bench.exit(bench.startOne('one'), 1);
    }
    expect(bench.state.started_in.size).toBe(1000);
    expect(bench.state.started_in.has('/mnt/1000')).toBe(true);
    expect(bench.state.started_in.has('/mnt/0')).toBe(false);
  });
});

describe('a place on a disk for which several wait', () => {
  const WAITING = {
    old: on('/mnt/nvme0/one', '/mnt/farm1', { starts: [{ on: 'old' }] }),
    young: on('/mnt/nvme0/two', '/mnt/farm2', { starts: [{ on: 'young' }] }),
    away: on('/mnt/nvme1/tmp', '/mnt/farm3', { starts: [{ on: 'young' }] }),
  };
  const NVME = { match: '/mnt/nvme*', max_workers: 1 };

  function race(): Bench {
    const bench = farm([NVME], WAITING);
    bench.hold('probe');
    bench.set({ paused: true }, 'old');
    bench.command({ type: 'fire', name: 'old' });
    bench.command({ type: 'fire', name: 'young' });
    bench.set({ paused: false }, 'old');
    return bench;
  }

  it('goes to the oldest, whose look comes back last', () => {
    const bench = race();
    look(bench, 'young');
    expect(running(bench)).toEqual([]);
    expect(waits(bench, 'young')).toEqual({
      waiting_for: 'disk',
      waiting_text:
        '0 of 1 workers on the disk of /mnt/nvme0/two (disks: /mnt/nvme*) run, 1 is about to start',
      pending: 1,
    });
    look(bench, 'old');
    expect(running(bench)).toEqual(['old']);
    bench.release('probe');
    bench.exit(only(bench, 'old'));
    expect(running(bench)).toContain('young');
  });

  it('is not waited for on another disk', () => {
    const bench = race();
    look(bench, 'away');
    expect(running(bench)).toEqual(['away']);
    look(bench, 'old');
    bench.release('probe');
    expect(running(bench)).toEqual(['away', 'old']);
    expect(waits(bench, 'young')).toMatchObject({ waiting_for: 'disk', pending: 1 });
  });

  it('goes to the next one where the oldest finds its disk full', () => {
    const bench = race();
    bench.farm.disks.set('/mnt/farm1', { device: 'farm1', free_bytes: 1 });
    bench.release('probe');
    expect(running(bench).sort()).toEqual(['away', 'young']);
    // A limit speaks before a full disk, and blocks nothing.
    expect(bench.jobView('old')).toMatchObject({ blocked_reason: 'none', waiting_for: 'disk', pending: 1 });
    bench.exit(only(bench, 'young'));
    expect(bench.jobView('old')).toMatchObject({ blocked_reason: 'dest_full', pending: 1 });
  });
});

describe('keep_running under a limit of disks', () => {
  const kept = (temp: string, rest: JobInput = {}) =>
    on(temp, '/mnt/farm1', { keep_running: true, max_workers: 0, ...rest });

  it('has as many workers as the disk may have, with max_workers 0', () => {
    const bench = farm([{ match: '/mnt/nvme*', max_workers: 3 }], { one: kept('/mnt/nvme0/one') });
    expect(bench.workers('one')).toHaveLength(3);
    bench.exit(only(bench, 'one'));
    expect(bench.workers('one')).toHaveLength(3);
    expect(waits(bench, 'one').waiting_for).toBe('disk');
  });

  it('starts none where no entry is about its directories', () => {
    const bench = farm([{ match: '/mnt/nvme1', max_workers: 3 }], { one: kept('/mnt/nvme0/one') });
    expect(bench.workers('one')).toHaveLength(0);
    expect(waits(bench, 'one')).toMatchObject({ waiting_for: 'nothing' });
  });

  it('may be set to max_workers 0 by a command where an entry is about its directories, and only there', () => {
    const bench = farm([{ match: '/mnt/nvme0', max_workers: 3 }], {
      one: kept('/mnt/nvme0/one', { max_workers: 1 }),
      two: kept('/mnt/nvme1/tmp', { max_workers: 1 }),
    });
    expect(codeOf(bench.set({ max_workers: 0 }, 'two'))).toBe('invalid_config');
    expect(codeOf(bench.set({ max_workers: 0 }, 'one'))).toBe('ok');
    expect(bench.workers('one')).toHaveLength(3);
  });
});
