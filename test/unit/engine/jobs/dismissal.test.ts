import { describe, expect, it } from 'vitest';
import { Bench, hour } from '../bench.ts';
import { type JobInput, smallPlotter } from '../plotter.ts';

const EVENTS = [
  'worker_failed',
  'worker_end',
  'plotter_finished',
  'pre_process_finished',
  'post_process_finished',
];
const BOUND: JobInput = {
  events: EVENTS.map((on) => ({ fire: 'next', on })),
  replot: { before: '2026-01-01T00:00:00Z' },
  pre_command: 'pre',
  post_command: 'post',
};

/** Brings the job's one worker to a step, with its work still going on. */
const STEPS: Record<string, (bench: Bench) => void> = {
  'the pre-command that is just being started': (bench) => {
    bench.hold('run');
    bench.start();
  },
  'the pre-command': (bench) => {
    bench.start();
  },
  'the search for an old plot': (bench) => {
    bench.hold('replot_find');
    bench.exit(bench.startOne());
  },
  'the removal of an old plot': (bench) => {
    bench.hold('replot_remove');
    bench.exit(bench.startOne());
  },
  'the plotter that is just being started': (bench) => {
    const worker = bench.startOne();
    bench.hold('run');
    bench.exit(worker);
  },
  'the plotter': (bench) => bench.exit(bench.startOne()),
  'the plotter, paused': (bench) => {
    bench.exit(bench.startOne());
    bench.set({ paused: true });
  },
  'waiting behind a pause after the pre-command': (bench) => {
    const worker = bench.startOne();
    bench.set({ paused: true });
    bench.exit(worker);
  },
};
const WITH_PLOT: Record<string, (bench: Bench) => void> = {
  'the post-command': (bench) => {
    const worker = bench.startOne();
    bench.exit(worker);
    bench.exit(worker);
  },
  'waiting behind a pause after the plotter': (bench) => {
    const worker = bench.startOne();
    bench.exit(worker);
    bench.command({ type: 'pause_worker', job: 'nightly', slot: 1, paused: true });
    bench.exit(worker);
  },
  'the clean-up': (bench) => {
    const worker = bench.startOne();
    bench.hold('cleanup');
    for (const _step of ['pre', 'plotter', 'post']) bench.exit(worker);
  },
};

function dismissed(reach: (bench: Bench) => void): { bench: Bench; ticket: number; mark: number } {
  const bench = new Bench({ nightly: { ...BOUND, plots_to_do: 1 } });
  bench.farm.oldPlots.push({ file: '/dest/old.plot', size: 5 });
  reach(bench);
  const mark = bench.mark();
  const ticket = bench.send({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
  return { bench, ticket, mark };
}

describe('a dismissal', () => {
  it.each(Object.entries(STEPS))('in %s: the worker ends, nothing counts, nothing fires', (_name, reach) => {
    const { bench, ticket, mark } = dismissed(reach);
    bench.release('run', 'replot_find', 'replot_remove');
    expect(bench.workers()).toHaveLength(0);
    expect(bench.answers.get(ticket)).toEqual({ status: 'ok', data: null });
    const told = bench.told(mark);
    expect(told.at(-1)).toBe('worker_dismissed');
    for (const type of ['worker_end', 'worker_failed', 'event_fired', 'job_end', 'post_process_started'])
      expect(told).not.toContain(type);
    expect(bench.of('worker_dismissed')).toMatchObject([{ plot: null, slot: 1 }]);
    expect(bench.job()).toMatchObject({ plots_done: 0, failures: 0, last_error: null });
    expect(bench.farm.cleaned).toHaveLength(1);
    expect(bench.farm.processes.every(({ exit }) => exit !== null)).toBe(true);
    expect(bench.slotView().status).toBe('idle');
  });

  it.each(Object.entries(WITH_PLOT))(
    'in %s: the plot counts, nothing else is told or fired',
    (_name, reach) => {
      const { bench, mark } = dismissed(reach);
      bench.release('cleanup');
      const told = bench.told(mark);
      expect(told.slice(-2)).toEqual(['worker_dismissed', 'job_end']);
      expect(told).not.toContain('worker_end');
      expect(told).not.toContain('event_fired');
      expect(bench.of('worker_dismissed')[0]?.plot).toMatch(/\.plot$/);
      expect(bench.job()).toMatchObject({ plots_done: 1, failures: 0 });
      expect(bench.state.plots_done).toBe(1);
    },
  );

  it('of all workers is answered when the last one has ended', () => {
    const bench = new Bench({ nightly: { max_workers: 3 } });
    bench.start('nightly', 3);
    bench.hold('cleanup');
    const ticket = bench.send({ type: 'dismiss_job', job: 'nightly' });
    expect(bench.answers.has(ticket)).toBe(false);
    bench.release('cleanup');
    expect(bench.answers.get(ticket)?.status).toBe('ok');
    expect(bench.workers()).toHaveLength(0);
  });

  it('of a job without workers is answered at once', () => {
    expect(new Bench().command({ type: 'dismiss_job', job: 'nightly' })).toEqual({
      status: 'ok',
      data: null,
    });
  });

  it('of a free slot is refused', () => {
    const answer = new Bench().command({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    expect(answer).toMatchObject({ status: 'error', error: { code: 'unknown_worker' } });
  });

  it('sent twice ends the worker once and answers both', () => {
    const bench = new Bench();
    bench.start();
    bench.hold('terminate');
    const tickets = [0, 1].map(() => bench.send({ type: 'dismiss_worker', job: 'nightly', slot: 1 }));
    bench.release('terminate');
    expect(tickets.map((ticket) => bench.answers.get(ticket)?.status)).toEqual(['ok', 'ok']);
    expect(bench.of('worker_dismissed')).toHaveLength(1);
  });

  it('counts a plot that its plotter made all the same', () => {
    const bench = new Bench({ nightly: { post_command: 'post' } });
    const worker = bench.startOne();
    bench.hold('terminate');
    bench.send({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    bench.exit(worker, 0);
    expect(bench.job().plots_done).toBe(1);
    expect(bench.of('post_process_started')).toHaveLength(0);
  });

  it('is carried on after a restart', () => {
    const bench = new Bench();
    bench.start();
    bench.hold('terminate');
    bench.send({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    bench.crash();
    bench.farm.held.clear();
    bench.comeUp();
    expect(bench.of('worker_dismissed')).toHaveLength(1);
    expect(bench.workers()).toHaveLength(0);
  });

  it('is not held up by a pause that comes behind it', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.hold('terminate');
    bench.send({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    const mark = bench.asked.length;
    bench.set({ paused: true });
    expect(bench.asked.slice(mark).map(({ type }) => type)).not.toContain('suspend');
    bench.exit(worker, 143);
    expect(bench.workers()).toHaveLength(0);
  });

  it('asks for the grace time that the worker was started with', () => {
    const bench = new Bench({ nightly: { stop_grace: '1m' } });
    bench.start();
    bench.configure({ nightly: { stop_grace: 5 } });
    bench.now += hour;
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    expect(bench.asked.find(({ type }) => type === 'terminate')).toMatchObject({ grace_s: 60 });
  });

  it.each([
    [{}, 600],
    [{ stop_grace: 5 }, 5],
  ])('asks for the plotter’s own grace time where the job says %j', (job, grace_s) => {
    const definition = { ...smallPlotter(), stop: { ...smallPlotter().stop, grace: 600 } };
    const plotters = new Map([['small', { definition, arguments: {}, command: 'small_plotter' }]]);
    const bench = new Bench({ nightly: job }, { settings: { plotters } });
    bench.start();
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    expect(bench.asked.find(({ type }) => type === 'terminate')).toMatchObject({ grace_s });
    expect(bench.command({ type: 'get_job', job: 'nightly' })).toMatchObject({
      data: { job: { stop_grace: grace_s } },
    });
  });
});
