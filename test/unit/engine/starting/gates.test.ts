import { describe, expect, it } from 'vitest';
import { GATES, type GateName } from '../../../../src/contract/gates.ts';
import { ALL_GATES } from '../../../../src/engine/starting/gates/gates.ts';
import { codeOf } from '../answers.ts';
import { Bench, minute } from '../bench.ts';
import { type DiskEntry, disksSchema } from '../../../../src/config/schema/disks.ts';
import type { JobsLimit } from '../../../../src/config/schema/limits.ts';
import type { JobInput } from '../plotter.ts';

/** A job with a gate closed, and what follows from it. */
interface Case {
  gate: GateName;
  job?: JobInput;
  limits?: ReadonlyMap<string, JobsLimit>;
  disks?: readonly DiskEntry[];
  /** Closes it. */
  close: (bench: Bench) => void;
  closed: RegExp;
  open: RegExp;
  /** Starts of a named event meanwhile. */
  pending: number;
  /** What a start by hand is answered. */
  byHand: string;
}

const starts = [{ on: 'go' }];

function fail(bench: Bench): void {
  bench.exit(bench.startOne(), 1);
}

const CASES: Case[] = [
  {
    gate: 'enabled',
    close: (bench) => bench.set({ enabled: false }),
    closed: /^the job is disabled: workers start by hand only, set by a command; config\.yaml says true$/,
    open: /^the job is enabled$/,
    pending: 0,
    byHand: 'ok',
  },
  {
    gate: 'failing',
    job: { max_failures: 2 },
    close: (bench) => {
      fail(bench);
      fail(bench);
    },
    closed: /^2 workers in a row have failed: start one by hand.*; the last: .*exit code 1/,
    open: /^0 workers in a row have failed, max_failures is 2$/,
    pending: 0,
    byHand: 'ok',
  },
  {
    gate: 'paused',
    close: (bench) => bench.set({ paused: true }),
    closed: /^the job is paused$/,
    open: /^nothing holds the job$/,
    pending: 1,
    byHand: 'job_paused',
  },
  {
    gate: 'max_workers',
    job: { max_workers: 2 },
    close: (bench) => void bench.start('nightly', 2),
    closed: /^2 of 2 workers run \(max_workers 2\)$/,
    open: /^0 of 2 workers run \(max_workers 2\)$/,
    pending: 0,
    byHand: 'limit_reached',
  },
  {
    gate: 'plots_to_do',
    job: { plots_to_do: 3, max_workers: 0 },
    close: (bench) => {
      bench.exit(bench.startOne());
      bench.start('nightly', 2);
    },
    closed: /^1 of 3 plots are made, 2 are being made \(plots_to_do 3\)$/,
    open: /^0 of 3 plots are made \(plots_to_do 3\)$/,
    pending: 0,
    byHand: 'limit_reached',
  },
  {
    gate: 'farm',
    job: { max_workers: 3 },
    close: (bench) => {
      bench.command({ type: 'set_farm', max_workers: 1 });
      bench.start();
    },
    closed: /^1 of 1 workers of the farm run \(the farm's max_workers 1\)$/,
    open: /^0 of 1000 workers of the farm run \(the farm's max_workers 1000\)$/,
    pending: 1,
    byHand: 'limit_reached',
  },
  {
    gate: 'limit',
    job: { max_workers: 3 },
    limits: new Map([['rig', { max_workers: 2 }]]),
    close: (bench) => void bench.start('nightly', 2),
    closed: /^2 of 2 workers in limit 'rig' run$/,
    open: /^0 of 2 workers in limit 'rig' run$/,
    pending: 1,
    byHand: 'limit_reached',
  },
  {
    gate: 'missing_argument',
    close: (bench) => bench.configure({ nightly: { starts, plotter: 'none' } }),
    closed: /^job 'nightly': unknown plotter 'none'/,
    open: /^plotter 'small' has every argument that it needs$/,
    pending: 1,
    byHand: 'missing_argument',
  },
  {
    gate: 'missing_directory',
    close: (bench) => {
      bench.farm.disks.set('/dest', { problem: 'missing' });
      bench.start();
    },
    closed: /^job 'nightly': dest_dir \/dest doesn't exist/,
    open: /^no directory is known to be missing: each start looks$/,
    pending: 1,
    byHand: 'missing_directory',
  },
  {
    gate: 'disk',
    job: { max_workers: 3 },
    disks: disksSchema.parse([{ match: '/tmp?', max_workers: 2 }]),
    close: (bench) => void bench.start('nightly', 2),
    closed: /^2 of 2 workers on the disk of \/tmp1 \(disks: \/tmp\?\) run$/,
    open: /^0 of 2 workers on the disk of \/tmp1 \(disks: \/tmp\?\) run; which disks .* is not known yet$/,
    pending: 1,
    byHand: 'limit_reached',
  },
  {
    gate: 'temp_full',
    close: (bench) => {
      bench.farm.disks.set('/tmp1', { device: 'ssd', free_bytes: 1 });
      bench.start();
    },
    closed: /^job 'nightly': no room in \/tmp1 \(a plot takes/,
    open: /not known to be full: each start looks$/,
    pending: 1,
    byHand: 'no_space',
  },
  {
    gate: 'dest_full',
    close: (bench) => {
      bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
      bench.start();
    },
    closed: /^job 'nightly': no room in \/dest \(a plot takes/,
    open: /not known to be full: each start looks$/,
    pending: 1,
    byHand: 'no_space',
  },
];

function gateOf(bench: Bench, name: GateName) {
  const answer = bench.command({ type: 'why', job: 'nightly' });
  const gates = answer?.status === 'ok' ? answer.data : null;
  if (typeof gates !== 'object' || gates === null || !('gates' in gates) || !Array.isArray(gates.gates))
    throw new Error('no gates');
  return gates.gates.find(({ gate }: { gate: string }) => gate === name);
}

it('gates are asked in the order of the contract, each once', () => {
  const names = ALL_GATES.map(({ name }) => name);
  expect(names).toEqual(GATES.filter((name) => names.includes(name)));
  expect(CASES.map(({ gate }) => gate)).toEqual(names);
});

describe.each(CASES)(
  'the gate $gate',
  ({ gate, job, limits = new Map(), disks = [], close, closed, open, pending, byHand }) => {
    const made = () => new Bench({ nightly: { starts, ...job } }, { settings: { limits, disks } });

    it('says in a sentence that it is open, and that it is closed', () => {
      const bench = made();
      expect(gateOf(bench, gate)).toEqual({ gate, open: true, text: expect.stringMatching(open) });
      close(bench);
      expect(gateOf(bench, gate)).toEqual({ gate, open: false, text: expect.stringMatching(closed) });
      expect(bench.jobView()).toMatchObject({
        waiting_for: gate,
        waiting_text: expect.stringMatching(closed),
        next_start_at: null,
      });
    });

    it(pending === 0 ? 'cuts off what it holds back' : 'keeps what it holds back', () => {
      const bench = made();
      close(bench);
      const before = bench.workers().length;
      bench.command({ type: 'fire', name: 'go' });
      expect(bench.jobView().pending).toBe(pending);
      expect(bench.workers()).toHaveLength(before);
    });

    it(`answers a start by hand ${byHand}`, () => {
      const bench = made();
      close(bench);
      const answer = bench.command({ type: 'start', job: 'nightly', workers: 1 });
      expect(codeOf(answer)).toBe(byHand);
      if (answer?.status === 'error') expect(answer.error.message).toMatch(closed);
    });

    it('says the same after a restart', () => {
      const bench = made();
      close(bench);
      bench.hold('probe');
      bench.restart();
      expect(gateOf(bench, gate)).toMatchObject({ open: false, text: expect.stringMatching(closed) });
    });
  },
);

describe('a gate', () => {
  it('says where a limit is none', () => {
    const bench = new Bench({ nightly: { max_workers: 0, max_failures: 0 } });
    bench.start();
    expect(gateOf(bench, 'max_workers').text).toBe('1 worker runs (max_workers 0 is no limit)');
    expect(gateOf(bench, 'plots_to_do').text).toBe(
      '0 plots are made, 1 is being made (plots_to_do 0 is no limit)',
    );
    expect(gateOf(bench, 'failing').text).toMatch(/max_failures sets no limit$/);
  });

  it('says why the job is blocked where another of its workers has made a plot since', () => {
    const bench = new Bench({ nightly: { max_workers: 2, max_failures: 1 } });
    const [first, second] = bench.start('nightly', 2);
    if (first) bench.exit(first, 1);
    if (second) bench.exit(second);
    expect(bench.job()).toMatchObject({ blocked: 'failing', failures: 0 });
    expect(gateOf(bench, 'failing').text).toMatch(/^too many workers in a row had failed: start one by hand/);
  });

  it('counts starts on their way as workers', () => {
    const bench = new Bench({ nightly: { starts } });
    bench.hold('probe');
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.jobView()).toMatchObject({
      waiting_for: 'max_workers',
      waiting_text: '0 of 1 workers run, 1 is about to start (max_workers 1)',
    });
    bench.release('probe');
    expect(bench.jobView().waiting_text).toBe('1 of 1 workers run (max_workers 1)');
  });

  it('says that a value was set by a command, until it is the file’s again', () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    bench.set({ max_workers: 3 });
    expect(gateOf(bench, 'max_workers').text).toMatch(
      /\(max_workers 3, set by a command; config\.yaml says 2\)$/,
    );
    bench.set({ max_workers: 2 });
    expect(gateOf(bench, 'max_workers').text).toMatch(/\(max_workers 2\)$/);
  });

  it('keeps its sentence when another error comes after it', () => {
    const bench = new Bench({ nightly: { max_workers: 3, starts: [{ on: 'go', workers: 2 }] } });
    const running = bench.startOne();
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
    bench.command({ type: 'fire', name: 'go' });
    bench.hold('probe');
    bench.exit(running, 1);
    expect(bench.jobView()).toMatchObject({
      last_error: expect.stringMatching(/exit code 1/),
      waiting_for: 'dest_full',
      waiting_text: expect.stringMatching(/no room in \/dest/),
    });
  });

  it('of a full disk is open again when a look has found room', () => {
    const bench = new Bench({ nightly: { starts } });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
    bench.start();
    bench.farm.disks.clear();
    bench.pass(minute);
    expect(bench.jobView()).toMatchObject({ waiting_for: 'event', blocked_reason: 'none' });
  });

  it('of a full destination is closed while a worker waits to remove its old plot', () => {
    const replot = { before: '2026-01-01T00:00:00Z' };
    const bench = new Bench({ nightly: { max_workers: 3, replot, starts: [{ on: 'go', workers: 3 }] } });
    bench.farm.oldPlots.push({ file: '/dest/a.plot', size: 1000 }, { file: '/dest/b.plot', size: 1000 });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 0 });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.jobView()).toMatchObject({
      blocked_reason: 'none',
      pending: 1,
      waiting_for: 'dest_full',
      waiting_text: expect.stringMatching(/waits to remove its old plot/),
    });
  });
});

it('why is refused for a job that there is not', () => {
  expect(codeOf(new Bench().command({ type: 'why', job: 'other' }))).toBe('unknown_job');
});
