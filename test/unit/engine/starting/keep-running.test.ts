import { describe, expect, it } from 'vitest';
import { codeOf } from '../answers.ts';
import { Bench, hour, minute, second } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

/** A job that keeps running, on a daemon that has come up. */
function kept(job: JobInput = {}): Bench {
  const bench = new Bench({ nightly: { keep_running: true, max_failures: 0, ...job } });
  bench.comeUp();
  return bench;
}

function only(bench: Bench) {
  const [worker] = bench.workers();
  if (!worker) throw new Error('no worker');
  return worker;
}

function failOne(bench: Bench): void {
  bench.exit(only(bench), 1);
}

function waits(bench: Bench): [string, string | null] {
  const { waiting_for, next_start_at } = bench.jobView();
  return [waiting_for, next_start_at];
}

describe('a job that keeps running', () => {
  it('has as many workers as may be, from the start of the daemon on, until its plots are made', () => {
    const bench = kept({ max_workers: 2, plots_to_do: 3 });
    expect(bench.workers().map(({ slot }) => slot)).toEqual([1, 2]);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0 });
    bench.exit(only(bench));
    expect(bench.workers()).toHaveLength(2);
    bench.exit(only(bench));
    bench.exit(only(bench));
    expect(bench.workers()).toHaveLength(0);
    expect(bench.jobView()).toMatchObject({ state: 'done', waiting_for: 'plots_to_do' });
  });

  it('starts none before live workers are found again', () => {
    const bench = new Bench({ nightly: { keep_running: true } });
    expect(bench.workers()).toHaveLength(0);
    bench.comeUp();
    expect(bench.workers()).toHaveLength(1);
    bench.restart();
    expect(bench.workers()).toHaveLength(1);
  });

  it('starts none while it is paused, keeps nothing, and goes on then', () => {
    const bench = kept();
    bench.set({ paused: true });
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    expect(bench.workers()).toHaveLength(0);
    expect(bench.jobView()).toMatchObject({ pending: 0, waiting_for: 'paused' });
    bench.set({ paused: false });
    expect(bench.workers()).toHaveLength(1);
  });

  it.each([
    ['enabled', { enabled: false }, { enabled: true }],
    ['plots_to_do', { plots_to_do: 1 }, { plots_to_do: 0 }],
  ])('starts none while %s keeps it, and goes on then', (gate, close, open) => {
    const bench = kept();
    bench.set(close);
    bench.exit(only(bench));
    expect(bench.workers()).toHaveLength(0);
    expect(bench.jobView()).toMatchObject({ pending: 0, waiting_for: gate });
    bench.set(open);
    expect(bench.workers()).toHaveLength(1);
  });

  it('starts when there is room', () => {
    const bench = new Bench({ nightly: { keep_running: true } });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
    bench.comeUp();
    expect(bench.jobView()).toMatchObject({
      waiting_for: 'dest_full',
      blocked_reason: 'dest_full',
      pending: 0,
    });
    bench.farm.disks.clear();
    bench.pass(31 * second);
    expect(bench.workers()).toHaveLength(1);
  });

  it('starts when its argument is there', () => {
    const bench = new Bench(
      { nightly: { keep_running: true } },
      { settings: { defaults: { dest_dir: '/dest' } } },
    );
    bench.comeUp();
    expect(bench.jobView()).toMatchObject({
      waiting_for: 'missing_argument',
      blocked_reason: 'missing_argument',
    });
    bench.memory.settings = {
      ...bench.settings,
      defaults: { farmer_key: 'k', temp_dir: '/t', dest_dir: '/dest' },
    };
    bench.configure({ nightly: { keep_running: true } });
    expect(bench.workers()).toHaveLength(1);
  });

  it('starts no more than may be beside those of a named event', () => {
    const bench = kept({ max_workers: 2, starts: [{ on: '@startup' }, { on: 'go', workers: 5 }] });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.workers()).toHaveLength(2);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0 });
  });

  it('says that it is about to start while the disks are looked at', () => {
    const bench = new Bench({ nightly: { keep_running: true } });
    bench.hold('probe');
    bench.comeUp();
    expect(bench.jobView()).toMatchObject({
      waiting_for: 'max_workers',
      waiting_text: expect.stringMatching(/about to start/),
    });
  });
});

describe('after the dismissal of all its workers', () => {
  const dismissed = () => {
    const bench = kept();
    bench.command({ type: 'dismiss_job', job: 'nightly' });
    bench.pass(2 * hour);
    expect(bench.workers()).toHaveLength(0);
    expect(bench.jobView()).toMatchObject({
      waiting_for: 'nothing',
      waiting_text: expect.stringMatching(/dismissed/),
    });
    return bench;
  };

  const goings: [string, (bench: Bench) => void][] = [
    ['a start by hand', (bench) => void bench.start()],
    ['enabled ON', (bench) => bench.set({ enabled: true })],
    ['a reset', (bench) => bench.command({ type: 'reset', job: 'nightly' })],
    ['a restart', (bench) => bench.restart()],
  ];
  it.each(goings)('it goes on with %s', (_, goOn) => {
    const bench = dismissed();
    goOn(bench);
    expect(bench.workers()).toHaveLength(1);
    bench.exit(only(bench));
    expect(bench.workers()).toHaveLength(1);
  });

  it.each([
    ['a pause that is over', (bench: Bench) => [bench.set({ paused: true }), bench.set({ paused: false })]],
    ['another limit', (bench: Bench) => bench.set({ max_workers: 5 })],
    ['a title', (bench: Bench) => bench.configure({ nightly: { keep_running: true, title: 'New' } })],
  ])('it does not go on with %s', (_, change) => {
    const bench = dismissed();
    change(bench);
    expect(bench.workers()).toHaveLength(0);
  });

  it('it waits also where it had none', () => {
    const bench = kept();
    failOne(bench);
    bench.command({ type: 'dismiss_job', job: 'nightly' });
    bench.pass(hour);
    expect(bench.workers()).toHaveLength(0);
  });

  it('what waited before goes too, since the dismissal makes room for it', () => {
    const bench = new Bench({ nightly: { keep_running: true, max_workers: 2, starts: [{ on: 'more' }] } });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 150 });
    bench.comeUp();
    bench.command({ type: 'fire', name: 'more' });
    expect([bench.workers().length, bench.job().pending]).toEqual([1, 1]);
    bench.command({ type: 'dismiss_job', job: 'nightly' });
    bench.pass(minute);
    expect([bench.workers().length, bench.job().pending]).toEqual([0, 0]);
  });

  it('that of one slot alone is followed by the next worker at once', () => {
    const bench = kept();
    const before = only(bench).id;
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    expect(only(bench).id).not.toBe(before);
  });
});

describe('after a failure', () => {
  it('it waits 30 s, doubled each time up to 30 minutes, and begins anew when a plot is made', () => {
    const bench = kept();
    const waited: number[] = [];
    for (let time = 0; time < 9; time += 1) {
      failOne(bench);
      const [waiting_for, at] = waits(bench);
      expect(waiting_for).toBe('delay');
      const wait = Date.parse(at ?? '') - bench.now;
      bench.pass(wait - 1);
      expect(bench.workers()).toHaveLength(0);
      bench.pass(1);
      waited.push(wait / second);
    }
    expect(waited).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
    bench.exit(only(bench));
    failOne(bench);
    expect(waits(bench)[1]).toBe(new Date(bench.now + 30 * second).toISOString());
  });

  it('of several at once it waits once', () => {
    const bench = kept({ max_workers: 3 });
    for (const worker of bench.workers()) bench.exit(worker, 1);
    expect(bench.job().keeping.wait_s).toBe(30);
    bench.pass(30 * second);
    expect(bench.workers()).toHaveLength(3);
  });

  it.each([
    ['enabled ON', (bench: Bench) => bench.set({ enabled: true })],
    ['a reset', (bench: Bench) => bench.command({ type: 'reset', job: 'nightly' })],
    ['a start by hand', (bench: Bench) => bench.start()],
  ])('it waits no longer with %s', (_, change) => {
    const bench = kept();
    failOne(bench);
    change(bench);
    expect(bench.workers()).toHaveLength(1);
  });

  it('starts on named events do not wait', () => {
    const bench = kept({ starts: [{ on: 'go' }] });
    failOne(bench);
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.workers()).toHaveLength(1);
  });

  it('a failure of a worker that began later is waited after too', () => {
    const bench = kept({ starts: [{ on: 'go' }] });
    failOne(bench);
    bench.pass(10 * second);
    bench.command({ type: 'fire', name: 'go' });
    failOne(bench);
    expect(waits(bench)).toEqual(['delay', new Date(bench.now + minute).toISOString()]);
    bench.pass(minute - 1);
    expect(bench.workers()).toHaveLength(0);
    bench.pass(1);
    expect(bench.workers()).toHaveLength(1);
  });

  it('the wait goes on over a restart, and is over once', () => {
    const bench = kept();
    failOne(bench);
    bench.pass(20 * second);
    bench.restart();
    expect(bench.workers()).toHaveLength(0);
    bench.pass(9 * second);
    expect(bench.workers()).toHaveLength(0);
    bench.pass(second);
    expect(bench.workers()).toHaveLength(1);
    bench.pass(hour);
    expect(bench.of('worker_started')).toHaveLength(2);
  });

  it('a plot that another worker makes ends the wait', () => {
    const bench = kept({ max_workers: 2 });
    const [first, second_] = bench.workers();
    if (!first || !second_) throw new Error('no workers');
    bench.exit(first, 1);
    expect(bench.workers()).toHaveLength(1);
    bench.exit(second_);
    expect(bench.workers()).toHaveLength(2);
  });

  it('the last that may be, it waits for people', () => {
    const bench = kept({ max_failures: 1 });
    failOne(bench);
    bench.pass(hour);
    expect(bench.workers()).toHaveLength(0);
    expect(waits(bench)).toEqual(['failing', null]);
    bench.set({ enabled: true });
    expect(bench.workers()).toHaveLength(1);
  });

  it('a host that was restarted is none', () => {
    const bench = kept();
    const worker = only(bench);
    const exit = bench.farm.exit(worker.id, null, bench.now);
    if (!exit) throw new Error('no process');
    bench.feed({ ...exit, exit: { ...exit.exit, ended_with: 'host' } });
    expect(only(bench).id).not.toBe(worker.id);
  });
});

describe('without a limit of its workers', () => {
  it('max_workers 0 is refused', () => {
    const bench = kept({ max_workers: 2 });
    const answer = bench.set({ max_workers: 0, enabled: false });
    expect(codeOf(answer)).toBe('invalid_config');
    expect(bench.job().definition).toMatchObject({ max_workers: 2, enabled: true });
  });

  it('that a command set before, the file’s keep_running starts none', () => {
    const bench = new Bench({ nightly: {} });
    bench.set({ max_workers: 0 });
    bench.comeUp();
    bench.configure({ nightly: { keep_running: true } });
    bench.pass(minute);
    expect(bench.workers()).toHaveLength(0);
    expect(bench.jobView()).toMatchObject({
      waiting_for: 'nothing',
      waiting_text: expect.stringMatching(/max_workers is 0/),
    });
  });
});
