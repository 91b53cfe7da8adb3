import { describe, expect, it } from 'vitest';
import { jobSchema } from '../../../../src/config/schema/job.ts';
import { codeOf } from '../answers.ts';
import { Bench } from '../bench.ts';
import { type JobInput, jobOf } from '../plotter.ts';

function create(bench: Bench, job: string, settings: JobInput = {}) {
  return bench.command({ type: 'create_job', job, definition: jobOf(settings) });
}

describe('jobs of config.yaml', () => {
  it('are told when they come, change and go', () => {
    const bench = new Bench({ a: {}, b: {} });
    bench.configure({ a: {}, b: {} });
    bench.configure({ a: { title: 'New' } });
    expect(bench.events.map(({ type, job }) => `${type} ${job}`)).toEqual([
      'job_created a',
      'job_created b',
      'job_updated a',
      'job_deleted b',
    ]);
  });

  it('keep what a command has set until the value in the file changes', () => {
    const bench = new Bench({ nightly: { max_workers: 2, plots_to_do: 10 } });
    bench.set({ max_workers: 5, enabled: false, emit_events: false });
    bench.restart();
    expect(bench.job().definition).toMatchObject({ max_workers: 5, enabled: false, emit_events: false });
    bench.configure({ nightly: { max_workers: 2, plots_to_do: 20, title: 'New' } });
    expect(bench.jobView()).toMatchObject({ max_workers: 5, plots_to_do: 20, enabled: false, title: 'New' });
    bench.configure({ nightly: { max_workers: 3, plots_to_do: 20 } });
    expect(bench.jobView()).toMatchObject({ max_workers: 3, enabled: false, emit_events: false });
    bench.configure({ nightly: { max_workers: 2, plots_to_do: 20 } });
    expect(bench.jobView().max_workers).toBe(2);
  });

  it('take `default` for what the file says, and follow the file again from then on', () => {
    const bench = new Bench({ nightly: { max_workers: 2, plots_to_do: 10, enabled: false } });
    bench.set({ max_workers: 5, enabled: true, plots_to_do: 7 });
    bench.set({ max_workers: 'default', enabled: 'default' });
    bench.restart();
    expect(bench.jobView()).toMatchObject({ max_workers: 2, enabled: false, plots_to_do: 7 });
    bench.configure({ nightly: { max_workers: 3, plots_to_do: 10, enabled: true } });
    expect(bench.jobView()).toMatchObject({ max_workers: 3, enabled: true, plots_to_do: 7 });
  });

  it('of commands take `default` for what a job is without a word', () => {
    const bench = new Bench({});
    create(bench, 'mine', { max_workers: 7, plots_to_do: 7, enabled: false, emit_events: false });
    const fields = ['max_workers', 'plots_to_do', 'enabled', 'emit_events'];
    const settings = Object.fromEntries(fields.map((field) => [field, 'default']));
    bench.command({ type: 'set', job: 'mine', settings });
    expect(bench.jobView('mine')).toMatchObject({
      ...{ max_workers: 1, plots_to_do: 0, enabled: true, emit_events: true },
    });
  });

  it('keep a pause over restarts and readings', () => {
    const bench = new Bench();
    bench.set({ paused: true });
    bench.restart();
    bench.configure({ nightly: { title: 'New' } });
    expect(bench.jobView().paused).toBe(true);
  });

  it('can be neither redefined nor deleted nor created again by commands', () => {
    const bench = new Bench();
    const definition = jobOf({ title: 'Mine' });
    expect(codeOf(bench.command({ type: 'update_job', job: 'nightly', definition }))).toBe('not_allowed');
    expect(codeOf(bench.command({ type: 'delete_job', job: 'nightly', dismiss: true }))).toBe('not_allowed');
    expect(codeOf(create(bench, 'nightly'))).toBe('job_exists');
    expect(bench.jobView().title).toBe('nightly');
  });

  it('start no more workers when they are taken out, and go with the last one', () => {
    const bench = new Bench({ nightly: { max_workers: 2, starts: [{ on: 'go' }] } });
    const worker = bench.startOne();
    bench.configure({});
    bench.command({ type: 'fire', name: 'go' });
    expect(codeOf(bench.command({ type: 'start', job: 'nightly', workers: 1 }))).toBe('not_allowed');
    expect(bench.workers()).toHaveLength(1);
    bench.restart();
    bench.exit(worker);
    expect(bench.told().slice(-2)).toEqual(['worker_end', 'job_deleted']);
    expect(bench.state.jobs.size).toBe(0);
    expect(bench.state.plots_done).toBe(1);
    expect(bench.state.definitions.size).toBe(0);
  });

  it('stay when they are in the file again before their last worker ends', () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    const worker = bench.startOne();
    bench.configure({});
    bench.configure({ nightly: { max_workers: 2 } });
    expect(bench.start()).toHaveLength(1);
    bench.exit(worker);
    expect(bench.job().plots_done).toBe(1);
  });

  it('hide one made over MQTT, which comes back with what was done', () => {
    const bench = new Bench({});
    create(bench, 'nightly', { title: 'Mine', max_workers: 7 });
    bench.configure({ nightly: { title: 'File' } });
    expect(bench.jobView()).toMatchObject({ title: 'File', max_workers: 1 });
    expect(codeOf(bench.command({ type: 'delete_job', job: 'nightly', dismiss: false }))).toBe('not_allowed');
    bench.exit(bench.startOne());
    bench.restart();
    bench.configure({});
    expect(bench.jobView()).toMatchObject({ title: 'Mine', max_workers: 7, plots_done: 1 });
    expect(codeOf(bench.command({ type: 'delete_job', job: 'nightly', dismiss: false }))).toBe('ok');
  });

  it('keep a running worker as it was started; the next one gets the new settings', () => {
    const bench = new Bench({ nightly: { max_workers: 2, post_command: 'old', nice: 5 } });
    const first = bench.startOne();
    bench.configure({ nightly: { max_workers: 2 } });
    expect(bench.run(first).spec).toMatchObject({ post_command: 'old', nice: 5 });
    expect(bench.run(bench.startOne()).spec).toMatchObject({ post_command: null, nice: null });
  });
});

describe('jobs made over MQTT', () => {
  it('are created, shown, changed and deleted', () => {
    const bench = new Bench({});
    const answer = create(bench, 'made', { max_workers: 2 });
    expect(answer).toMatchObject({
      status: 'ok',
      data: { job: { id: 'made', plotter: 'small', max_workers: 2, state: { id: 'made', state: 'idle' } } },
    });
    bench.command({ type: 'update_job', job: 'made', definition: jobOf({ max_workers: 3 }) });
    expect(bench.command({ type: 'get_job', job: 'made' })).toMatchObject({
      data: { job: { max_workers: 3 } },
    });
    expect(bench.command({ type: 'list_jobs' })).toMatchObject({ data: { jobs: [{ id: 'made' }] } });
    expect(bench.command({ type: 'delete_job', job: 'made', dismiss: false })).toEqual({
      status: 'ok',
      data: null,
    });
    expect(bench.told()).toEqual(['job_created', 'job_updated', 'job_deleted']);
  });

  it('are shown with every key there is', () => {
    const bench = new Bench({});
    const answer = create(bench, 'made');
    const unset = {
      command: null,
      cpus: null,
      nice: null,
      pre_command: null,
      post_command: null,
      replot: null,
    };
    expect(answer).toMatchObject({ data: { job: { title: 'made', ...unset } } });
    for (const key of Object.keys(jobSchema.shape)) expect(answer).toHaveProperty(['data', 'job', key]);
  });

  it('outlive restarts and readings of config.yaml', () => {
    const bench = new Bench({ nightly: {} });
    create(bench, 'made');
    bench.restart();
    bench.configure({});
    expect([...bench.state.jobs.keys()]).toEqual(['made']);
  });

  it('are not deleted while workers run', () => {
    const bench = new Bench({});
    create(bench, 'made');
    bench.start('made');
    const answer = bench.command({ type: 'delete_job', job: 'made', dismiss: false });
    expect(answer).toMatchObject({ error: { code: 'not_allowed', path: 'dismiss' } });
    expect(bench.workers('made')).toHaveLength(1);
  });

  it('have their workers stopped first with dismiss, and the answer comes when all is gone', () => {
    const bench = new Bench({});
    create(bench, 'made', { max_workers: 2 });
    bench.start('made', 2);
    bench.hold('cleanup');
    const ticket = bench.send({ type: 'delete_job', job: 'made', dismiss: true });
    expect(bench.answers.has(ticket)).toBe(false);
    bench.release('cleanup');
    expect(bench.answers.get(ticket)).toEqual({ status: 'ok', data: null });
    expect(bench.told().slice(-3)).toEqual(['worker_dismissed', 'worker_dismissed', 'job_deleted']);
  });

  it('stay where config.yaml gets one of the same id while they are deleted, and do not come back', () => {
    const bench = new Bench({});
    create(bench, 'made');
    bench.start('made');
    bench.hold('terminate');
    const ticket = bench.send({ type: 'delete_job', job: 'made', dismiss: true });
    bench.configure({ made: { title: 'File' } });
    expect(codeOf(bench.answers.get(ticket))).toBe('not_allowed');
    bench.release('terminate');
    expect(bench.jobView('made').title).toBe('File');
    bench.configure({});
    expect(bench.state.jobs.size).toBe(0);
  });

  it('are deleted after a restart where the daemon died over it', () => {
    const bench = new Bench({});
    create(bench, 'made');
    bench.start('made');
    bench.hold('terminate');
    bench.send({ type: 'delete_job', job: 'made', dismiss: true });
    bench.crash();
    bench.farm.held.clear();
    bench.comeUp();
    expect(bench.state.jobs.size).toBe(0);
  });

  it('are 1000 at most, those counted that are hidden or on their way out', () => {
    const bench = new Bench({});
    for (let number = 1; number <= 1000; number += 1) create(bench, `job-${number}`);
    bench.startOne('job-1');
    bench.hold('terminate');
    bench.command({ type: 'delete_job', job: 'job-1', dismiss: true });
    bench.configure({ 'job-2': { title: 'Hides it' } });
    const refused = create(bench, 'one-more');
    expect(refused).toMatchObject({
      error: { code: 'limit_reached', message: expect.stringContaining('1000') },
    });
    expect(codeOf(create(bench, 'job-3'))).toBe('job_exists');
    bench.command({ type: 'delete_job', job: 'job-3', dismiss: false });
    expect(create(bench, 'one-more')).toMatchObject({ status: 'ok' });
    expect(codeOf(create(bench, 'another'))).toBe('limit_reached');
  });
});

describe('commands to a job that is not there', () => {
  it.each([
    { type: 'set', job: 'none', settings: {} },
    { type: 'reset', job: 'none' },
    { type: 'dismiss_job', job: 'none' },
    { type: 'pause_worker', job: 'none', slot: 1, paused: true },
    { type: 'get_job', job: 'none' },
    { type: 'delete_job', job: 'none', dismiss: false },
    { type: 'update_job', job: 'none', definition: jobOf() },
  ] as const)('$type is refused', (command) => {
    expect(codeOf(new Bench().command(command))).toBe('unknown_job');
  });
});
