import { describe, expect, it } from 'vitest';
import type { DirectoryFacts } from '../../../../src/engine/inputs.ts';
import { codeOf } from '../answers.ts';
import { Bench } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

describe('a start by hand', () => {
  it('answers with the slot and id of each worker', () => {
    const bench = new Bench({ nightly: { max_workers: 3 } });
    const answer = bench.command({ type: 'start', job: 'nightly', workers: 2 });
    const workers = bench.workers().map(({ id, slot }) => ({ slot, worker: id }));
    expect(workers).toHaveLength(2);
    expect(answer).toEqual({ status: 'ok', data: { workers } });
  });

  it('is answered only when it has started something', () => {
    const bench = new Bench();
    bench.hold('probe');
    const ticket = bench.send({ type: 'start', job: 'nightly', workers: 1 });
    expect(bench.answers.has(ticket)).toBe(false);
    bench.release('probe');
    expect(bench.answers.get(ticket)?.status).toBe('ok');
  });

  it('starts fewer than asked where a limit cuts it, and keeps nothing', () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    expect(bench.start('nightly', 5)).toHaveLength(2);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0 });
  });

  it('leaves their places to starts on their way, and says so', () => {
    const bench = new Bench({ nightly: { starts: [{ on: 'go' }] } });
    bench.hold('probe');
    bench.command({ type: 'fire', name: 'go' });
    const ticket = bench.send({ type: 'start', job: 'nightly', workers: 1 });
    expect(bench.answers.has(ticket)).toBe(false);
    bench.release('probe');
    expect(bench.workers()).toHaveLength(1);
    expect(bench.answers.get(ticket)).toMatchObject({
      error: { code: 'limit_reached', message: '0 of 1 workers run, 1 is about to start (max_workers 1)' },
    });
  });

  it('works on a disabled job', () => {
    const bench = new Bench({ nightly: { enabled: false } });
    expect(bench.start()).toHaveLength(1);
  });

  it('starts fewer than asked where there is no more room, and does not block the job', () => {
    const bench = new Bench({ nightly: { max_workers: 5 } });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 250 });
    expect(bench.start('nightly', 5)).toHaveLength(2);
    expect(bench.job()).toMatchObject({ pending: 0, blocked: 'none' });
  });

  it('ends the block of a full disk when there is room, with "started" for its reason', () => {
    const bench = new Bench();
    bench.farm.disks.set('/dest', { free_bytes: 1 });
    bench.start();
    bench.farm.disks.clear();
    bench.start();
    expect(bench.of('job_unblocked').map(({ reason }) => reason)).toEqual(['started']);
  });

  interface Refusal {
    why: string;
    code: string;
    job?: JobInput;
    before?: (bench: Bench) => void;
    disk?: [string, Partial<DirectoryFacts>];
    blocked?: string;
    text: RegExp;
  }
  const refusals: Refusal[] = [
    {
      why: 'an unknown plotter',
      code: 'missing_argument',
      job: { plotter: 'none' },
      blocked: 'missing_argument',
      text: /none/,
    },
    {
      why: 'a missing argument',
      code: 'missing_argument',
      before: (bench) => {
        bench.memory.settings = { ...bench.settings, defaults: { temp_dir: '/tmp1', dest_dir: '/dest' } };
      },
      blocked: 'missing_argument',
      text: /nightly.*farmer_key/,
    },
    {
      why: 'a command that its arguments would miss',
      code: 'invalid_config',
      job: { command: './plotter | tee log' },
      blocked: 'missing_argument',
      text: /nightly.*command.*the last command of the pipe/,
    },
    {
      why: 'quotes around the name of the plot',
      code: 'invalid_config',
      job: { post_command: "mv '%plot%' /farm" },
      blocked: 'missing_argument',
      text: /nightly.*post_command has quotes around %plot%/,
    },
    {
      why: 'a paused job',
      code: 'job_paused',
      before: (bench) => bench.set({ paused: true }),
      text: /paused/,
    },
    { why: 'max_workers', code: 'limit_reached', before: (bench) => bench.start(), text: /max_workers 1/ },
    {
      why: 'plots_to_do',
      code: 'limit_reached',
      job: { plots_to_do: 1 },
      before: (bench) => bench.exit(bench.startOne()),
      text: /plots_to_do 1/,
    },
    {
      why: 'a missing directory',
      code: 'missing_directory',
      disk: ['/dest', { problem: 'missing' }],
      blocked: 'missing_directory',
      text: /dest_dir \/dest doesn't exist/,
    },
    {
      why: 'a directory that cannot be written',
      code: 'missing_directory',
      disk: ['/tmp1', { problem: 'not_writable' }],
      blocked: 'missing_directory',
      text: /temp_dir \/tmp1 can't be written/,
    },
    {
      why: 'a full destination',
      code: 'no_space',
      disk: ['/dest', { device: 'farm', free_bytes: 99 }],
      blocked: 'dest_full',
      text: /no room in \/dest \(a plot takes 0\.1 kB, 0\.1 kB are free\)/,
    },
    {
      why: 'a full temporary directory',
      code: 'no_space',
      disk: ['/tmp1', { device: 'ssd', free_bytes: 249 }],
      blocked: 'temp_full',
      text: /\/tmp1/,
    },
  ];
  it.each(refusals)('is refused by $why with $code', ({ code, job, before, disk, blocked, text }) => {
    const bench = new Bench({ nightly: job ?? {} });
    before?.(bench);
    if (disk) bench.farm.disks.set(...disk);
    const running = bench.workers().length;
    const answer = bench.command({ type: 'start', job: 'nightly', workers: 1 });
    expect(codeOf(answer)).toBe(code);
    expect(answer?.status === 'error' ? answer.error.message : '').toMatch(text);
    expect(bench.workers()).toHaveLength(running);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0, blocked: blocked ?? 'none', failures: 0 });
  });

  it('is refused by an unknown job', () => {
    expect(codeOf(new Bench().command({ type: 'start', job: 'other', workers: 1 }))).toBe('unknown_job');
  });

  it('is refused where the job is deleted while the disks are looked at', () => {
    const bench = new Bench({});
    bench.command({ type: 'create_job', job: 'made', definition: new Bench().job().definition });
    bench.hold('probe');
    const ticket = bench.send({ type: 'start', job: 'made', workers: 1 });
    expect(codeOf(bench.command({ type: 'delete_job', job: 'made', dismiss: false }))).toBe('ok');
    expect(codeOf(bench.answers.get(ticket))).toBe('not_allowed');
  });

  it('is refused where the job is taken out while the disks are looked at and another worker runs', () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    bench.start();
    bench.hold('probe');
    const ticket = bench.send({ type: 'start', job: 'nightly', workers: 1 });
    bench.configure({});
    bench.release('probe');
    expect(codeOf(bench.answers.get(ticket))).toBe('not_allowed');
    expect(bench.workers()).toHaveLength(1);
  });

  it('starts a job that was deleted and made again while the disks were looked at', () => {
    const bench = new Bench({});
    const definition = new Bench().job().definition;
    bench.command({ type: 'create_job', job: 'made', definition });
    bench.hold('probe');
    bench.send({ type: 'start', job: 'made', workers: 1 });
    bench.command({ type: 'delete_job', job: 'made', dismiss: false });
    bench.release('probe');
    bench.command({ type: 'create_job', job: 'made', definition });
    expect(bench.start('made')).toHaveLength(1);
  });
});
