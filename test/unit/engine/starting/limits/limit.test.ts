import { describe, expect, it } from 'vitest';
import { type JobsLimit, jobsLimitSchema } from '../../../../../src/config/schema/limits.ts';
import { codeOf } from '../../answers.ts';
import { Bench, hour, minute, second } from '../../bench.ts';
import type { JobInput } from '../../plotter.ts';

const GO = { max_workers: 9, starts: [{ on: 'go' }] };
/** Three jobs, of which the last one starts on `go`. */
const JOBS = { one: {}, two: {}, third: GO };

function limits(entries: Record<string, unknown>): ReadonlyMap<string, JobsLimit> {
  return new Map(Object.entries(entries).map(([name, entry]) => [name, jobsLimitSchema.parse(entry)]));
}

function farm(entries: Record<string, unknown>, jobs: Record<string, JobInput> = JOBS): Bench {
  const bench = new Bench(jobs, { settings: { limits: limits(entries) } });
  bench.comeUp();
  return bench;
}

function only(bench: Bench, job: string) {
  const [worker] = bench.workers(job);
  if (!worker) throw new Error(`no worker of '${job}'`);
  return worker;
}

function waits(bench: Bench, job: string) {
  const { waiting_for, waiting_text, pending } = bench.jobView(job);
  return { waiting_for, waiting_text, pending };
}

/** config.yaml is read again, with other limits. */
function reload(bench: Bench, entries: Record<string, unknown>): void {
  const jobs = new Map([...bench.state.jobs.values()].map(({ id, definition }) => [id, definition]));
  bench.feed({ type: 'configured', jobs, settings: { ...bench.settings, limits: limits(entries) } });
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

/** A limit that one worker of `one` and one of `two` close, and what opens it again. */
interface Case {
  name: string;
  limit: unknown;
  jobs?: Record<string, JobInput>;
  open: RegExp;
  closed: RegExp;
  opens: (bench: Bench) => void;
}

const CASES: Case[] = [
  {
    name: 'workers of all jobs',
    limit: { max_workers: 2 },
    open: /^0 of 2 workers in limit 'rig' run$/,
    closed: /^2 of 2 workers in limit 'rig' run$/,
    opens: (bench) => bench.exit(only(bench, 'two')),
  },
  {
    name: 'workers of these jobs and patterns',
    limit: { jobs: ['one', 't?o', 'th*'], max_workers: 2 },
    open: /^0 of 2 workers in limit 'rig' run$/,
    closed: /^2 of 2 workers in limit 'rig' run$/,
    opens: (bench) => bench.exit(only(bench, 'two'), 1),
  },
  {
    name: 'workers that have not finished a phase',
    limit: { max_in_phase: { 1: 2 } },
    open: /^0 of 2 workers in limit 'rig' have not finished phase 1$/,
    closed: /^2 of 2 workers in limit 'rig' have not finished phase 1$/,
    opens: (bench) => bench.enter(only(bench, 'one'), '2'),
  },
  {
    name: 'workers that will never finish it',
    limit: { max_in_phase: { 3: 2 } },
    open: /^0 of 2 workers/,
    closed: /^2 of 2 workers in limit 'rig' have not finished phase 3$/,
    opens: (bench) => {
      bench.hold('cleanup');
      bench.exit(only(bench, 'one'), 1);
    },
  },
  {
    name: 'workers whose plotter lacks the phase',
    limit: { max_in_phase: { 7: 2 } },
    jobs: { ...JOBS, one: { post_command: 'post' } },
    open: /^0 of 2 workers/,
    closed: /^2 of 2 workers in limit 'rig' have not finished phase 7$/,
    opens: (bench) => bench.exit(only(bench, 'one')),
  },
  {
    name: 'the time between two starts',
    limit: { apart: '90s' },
    open: /^starts in limit 'rig' are 90s apart$/,
    closed: /^starts in limit 'rig' are 90s apart, the last was at 2026-11-23T09:01:30\.000Z$/,
    opens: (bench) => bench.pass(90 * second),
  },
  {
    name: 'the strictest of several',
    limit: { max_workers: 3, max_in_phase: { 1: 3, 2: 2 } },
    open: /^0 of 3 workers in limit 'rig' run; 0 of 3 workers .* phase 1; 0 of 2 workers .* phase 2$/,
    closed: /^2 of 2 workers in limit 'rig' have not finished phase 2$/,
    opens: (bench) => bench.enter(only(bench, 'two'), '3'),
  },
];

describe.each(CASES)('a limit counts $name', ({ limit, jobs = JOBS, open, closed, opens }) => {
  function close(): Bench {
    const bench = farm({ rig: limit }, jobs);
    bench.startOne('one');
    bench.pass(90 * second);
    bench.startOne('two');
    bench.command({ type: 'fire', name: 'go' });
    return bench;
  }

  it('says so in a sentence', () => {
    const bench = farm({ rig: limit }, jobs);
    expect(bench.command({ type: 'why', job: 'third' })).toMatchObject({
      data: {
        gates: expect.arrayContaining([{ gate: 'limit', open: true, text: expect.stringMatching(open) }]),
      },
    });
    expect(waits(close(), 'third')).toEqual({
      waiting_for: 'limit',
      waiting_text: expect.stringMatching(closed),
      pending: 1,
    });
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
    reload(bench, {});
    expect(bench.workers('third')).toHaveLength(1);
    expect(waits(bench, 'third').waiting_for).toBe('event');
    reload(bench, { rig: limit });
    expect(waits(bench, 'third').waiting_for).toBe('limit');
  });
});

describe('a place for which several wait', () => {
  const WAITING = {
    old: { starts: [{ on: 'old' }] },
    young: { starts: [{ on: 'young' }] },
    busy: {},
  };

  /** `old` was asked for before `young`; the disks are looked at for both. */
  function race(jobs: Record<string, JobInput> = {}): Bench {
    const bench = farm({ rig: { max_workers: 1 } }, { ...WAITING, ...jobs });
    const worker = bench.startOne('busy');
    bench.command({ type: 'fire', name: 'old' });
    bench.command({ type: 'fire', name: 'young' });
    bench.hold('probe');
    bench.exit(worker);
    return bench;
  }

  function running(bench: Bench): string[] {
    return [...bench.state.runs.values()].map(({ job }) => job);
  }

  it('goes to the oldest, whose look at the disks comes back last', () => {
    const bench = farm({ rig: { max_workers: 1 } }, WAITING);
    bench.hold('probe');
    bench.set({ paused: true }, 'old');
    bench.command({ type: 'fire', name: 'old' });
    bench.command({ type: 'fire', name: 'young' });
    bench.set({ paused: false }, 'old');
    look(bench, 'young');
    expect(running(bench)).toEqual([]);
    expect(waits(bench, 'young')).toEqual({
      waiting_for: 'limit',
      waiting_text: "0 of 1 workers in limit 'rig' run, 1 is about to start",
      pending: 1,
    });
    look(bench, 'old');
    expect(running(bench)).toEqual(['old']);
    bench.release('probe');
    bench.exit(only(bench, 'old'));
    expect(running(bench)).toEqual(['young']);
  });

  it('goes to the next one where the oldest finds its disk full', () => {
    const bench = race({ young: { ...WAITING.young, arguments: { dest_dir: '/young' } } });
    expect(bench.job('young')).toMatchObject({ pending: 1, wanted: 0 });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
    bench.release('probe');
    expect(running(bench)).toEqual(['young']);
    expect(bench.job('old')).toMatchObject({ blocked: 'dest_full', pending: 1 });
  });

  it('goes to the next one where the oldest is paused while its disks are looked at', () => {
    const bench = race();
    bench.set({ paused: true }, 'old');
    bench.release('probe');
    expect(running(bench)).toEqual(['young']);
  });

  it('goes to who waits, then to keep_running in the order of the file', () => {
    const kept = { keep_running: true, enabled: false };
    const jobs = { ...WAITING, last: kept, first: kept };
    const bench = race(jobs);
    const file = { first: kept, last: kept, ...WAITING };
    bench.configure(file);
    for (const job of ['last', 'first']) bench.set({ enabled: true }, job);
    for (const job of ['young', 'old', 'first', 'last', 'young', 'first', 'last']) {
      const waiting = bench.farm.outstanding.some((work) => work.type === 'probe' && work.job === job);
      if (waiting) look(bench, job);
    }
    bench.release('probe');
    expect(running(bench)).toEqual(['old']);
    bench.exit(only(bench, 'old'));
    expect(running(bench)).toEqual(['young']);
    bench.exit(only(bench, 'young'));
    expect(running(bench)).toEqual(['first']);
    expect(waits(bench, 'last')).toMatchObject({ waiting_for: 'limit', pending: 0 });
  });

  it('goes to the first of two that keep running, whose look at the disks comes back last', () => {
    const kept = { keep_running: true };
    const bench = new Bench(
      { b: kept, a: kept },
      { settings: { limits: limits({ rig: { max_workers: 1 } }) } },
    );
    bench.hold('probe');
    bench.comeUp();
    look(bench, 'a');
    expect(running(bench)).toEqual([]);
    expect(waits(bench, 'a').waiting_text).toBe("0 of 1 workers in limit 'rig' run, 1 is about to start");
    look(bench, 'b');
    expect(running(bench)).toEqual(['b']);
  });

  it('goes to the first of two starts by hand', () => {
    const bench = farm({ rig: { max_workers: 1 } }, WAITING);
    bench.hold('probe');
    const tickets = ['busy', 'young'].map((job) => bench.send({ type: 'start', job, workers: 1 }));
    look(bench, 'young');
    look(bench, 'busy');
    expect(tickets.map((ticket) => codeOf(bench.answers.get(ticket)))).toEqual(['ok', 'limit_reached']);
    expect(running(bench)).toEqual(['busy']);
  });

  it('passes over what waits for something else', () => {
    const bench = farm(
      { rig: { max_workers: 1 }, own: { jobs: ['old', 'idle'], max_workers: 0 } },
      {
        ...WAITING,
        idle: {},
      },
    );
    bench.command({ type: 'fire', name: 'old' });
    bench.command({ type: 'fire', name: 'young' });
    expect(running(bench)).toEqual(['young']);
    expect(waits(bench, 'old').waiting_text).toBe("1 of 1 workers in limit 'rig' run");
  });
});

describe('keep_running under a limit', () => {
  const kept = { keep_running: true, max_workers: 0 };

  it('has as many workers as the limit allows, with max_workers 0', () => {
    const bench = farm({ rig: { max_workers: 3 } }, { one: kept, two: { ...kept, max_workers: 2 } });
    expect(bench.workers('one')).toHaveLength(3);
    expect(waits(bench, 'two')).toMatchObject({
      waiting_for: 'limit',
      waiting_text: "3 of 3 workers in limit 'rig' run",
      pending: 0,
    });
  });

  it('starts one worker after the other where starts are apart', () => {
    const bench = farm({ rig: { apart: '10m', max_workers: 3 } }, { one: kept });
    expect(bench.workers('one')).toHaveLength(1);
    bench.pass(10 * minute - 1);
    expect(bench.workers('one')).toHaveLength(1);
    bench.pass(1);
    expect(bench.workers('one')).toHaveLength(2);
    bench.pass(hour);
    expect(bench.workers('one')).toHaveLength(3);
  });

  it('starts none where the limit is gone, and says so', () => {
    const bench = farm({ rig: { max_workers: 1 } }, { one: kept });
    reload(bench, {});
    bench.pass(minute);
    expect(bench.workers('one')).toHaveLength(1);
    bench.exit(only(bench, 'one'));
    expect(bench.workers('one')).toHaveLength(0);
    expect(waits(bench, 'one')).toMatchObject({
      waiting_for: 'nothing',
      waiting_text: expect.stringMatching(/max_workers is 0, and no entry of limits/),
    });
  });

  it('max_workers 0 may be set by a command where one holds, and only there', () => {
    const bench = farm(
      { rig: { jobs: ['one'], max_workers: 2 } },
      {
        one: { keep_running: true },
        two: { keep_running: true },
      },
    );
    expect(codeOf(bench.set({ max_workers: 0 }, 'one'))).toBe('ok');
    expect(bench.workers('one')).toHaveLength(2);
    expect(codeOf(bench.set({ max_workers: 0 }, 'two'))).toBe('invalid_config');
  });
});

describe('the last start under a limit', () => {
  const APART = { rig: { apart: '10m' } };

  it('counts after its worker has ended, over restarts and a clock that is set', () => {
    const bench = farm(APART);
    bench.exit(bench.startOne('one'), 1);
    bench.command({ type: 'fire', name: 'go' });
    bench.pass(4 * minute);
    bench.restart();
    bench.pass(5 * minute);
    expect(bench.workers('third')).toHaveLength(0);
    bench.now += hour;
    bench.ahead -= hour;
    bench.pass(minute - 1);
    expect(bench.workers('third')).toHaveLength(0);
    bench.pass(1);
    expect(bench.workers('third')).toHaveLength(1);
  });

  it('is waited for at most as long as the limit says, where a restart finds the clock set back', () => {
    const bench = farm(APART);
    bench.startOne('one');
    bench.command({ type: 'fire', name: 'go' });
    bench.now -= hour;
    bench.restart();
    bench.pass(10 * minute - 1);
    expect(bench.workers('third')).toHaveLength(0);
    bench.pass(1);
    expect(bench.workers('third')).toHaveLength(1);
  });

  it.each([
    ['and another one is made', 'mqtt', false],
    ['over a restart', 'mqtt', true],
    ['of config.yaml', 'file', false],
  ] as const)('counts after its job is gone, %s', (_, owner, restarts) => {
    const bench = farm(APART);
    const definition = bench.job('third').definition;
    const create = (job: string) => bench.command({ type: 'create_job', job, definition });
    if (owner === 'mqtt') {
      create('made');
      bench.exit(bench.startOne('made'), 1);
      bench.command({ type: 'delete_job', job: 'made', dismiss: false });
    } else {
      bench.exit(bench.startOne('one'), 1);
      bench.configure({ two: {}, third: {} });
    }
    expect([...bench.state.jobs.keys()]).not.toContain(owner === 'mqtt' ? 'made' : 'one');
    if (restarts) bench.restart();
    bench.pass(10 * minute - 1);
    create('another');
    expect(bench.start('another')).toEqual([]);
    bench.pass(1);
    expect(bench.start('another')).toHaveLength(1);
  });

  it('is by the steady clock where that goes on', () => {
    const bench = farm(APART);
    bench.timescale = { run: 'boot', base: 0 };
    bench.restart();
    bench.startOne('one');
    bench.command({ type: 'fire', name: 'go' });
    bench.now += hour;
    bench.ahead -= hour;
    bench.restart();
    bench.pass(10 * minute - 1);
    expect(bench.workers('third')).toHaveLength(0);
    bench.pass(1);
    expect(bench.workers('third')).toHaveLength(1);
  });
});

it('a start by hand of several gets what the limit leaves', () => {
  const bench = farm({ rig: { max_workers: 2 } });
  bench.startOne('one');
  const answer = bench.command({ type: 'start', job: 'third', workers: 3 });
  expect(answer).toMatchObject({ status: 'ok', data: { workers: [{ slot: 1 }] } });
});

it('a job that no entry names is not held', () => {
  const bench = farm({ rig: { jobs: ['o*'], max_workers: 0 } });
  expect(codeOf(bench.command({ type: 'start', job: 'one', workers: 1 }))).toBe('limit_reached');
  expect(bench.start('two')).toHaveLength(1);
});
