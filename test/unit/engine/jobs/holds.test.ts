import { describe, expect, it } from 'vitest';
import { heldBy, isPaused } from '../../../../src/engine/jobs/holds.ts';
import { FREE_FARM } from '../../../../src/engine/model/farm-state.ts';
import type { Hold } from '../../../../src/engine/model/hold.ts';
import { idSchema } from '../../../../src/contract/names.ts';
import { OWN_PAUSE } from '../../../../src/engine/model/hold.ts';
import { codeOf } from '../answers.ts';
import { Bench } from '../bench.ts';

const hold = (kind: Hold['kind'], jobs: string[] | null = null): Hold => ({
  ...{ kind, reason: null, since: 0, until: null, until_steady: null },
  ...{ moves: false, jobs, set_by: 'command', declared: false },
});

describe('what holds a job', () => {
  const cases: [string, Record<string, Hold>, Record<string, Hold>, { names: string[]; paused: boolean }][] =
    [
      ['nothing', {}, {}, { names: [], paused: false }],
      ['its own pause', {}, { [OWN_PAUSE]: hold('pause') }, { names: [OWN_PAUSE], paused: true }],
      ['a hold of the farm', { pause: hold('pause') }, {}, { names: ['pause'], paused: true }],
      [
        'one under which running ones go on',
        { drain: hold('no_starts') },
        {},
        { names: ['drain'], paused: false },
      ],
      [
        'one of the farm’s for jobs like this',
        { cpu: hold('pause', ['gpu?', 'night*']) },
        {},
        { names: ['cpu'], paused: true },
      ],
      [
        'one of the farm’s for other jobs',
        { cpu: hold('pause', ['night', 'ight*']) },
        {},
        { names: [], paused: false },
      ],
      [
        'several, the farm’s first',
        { drain: hold('no_starts') },
        { heat: hold('pause') },
        { names: ['drain', 'heat'], paused: true },
      ],
    ];
  it.each(cases)('%s', (_, farm, holds, { names, paused }) => {
    const state = { farm: { ...FREE_FARM, holds: farm } };
    const job = { id: 'nightly', holds };
    expect(heldBy(state, job).map(({ name }) => name)).toEqual(names);
    expect(isPaused(state, job)).toBe(paused);
  });

  it('a job’s own pause has a name that nobody can give', () => {
    expect(idSchema.safeParse(OWN_PAUSE).success).toBe(false);
  });
});

it('set/paused sets and releases the job’s own pause alone', () => {
  const bench = new Bench();
  const heat = hold('pause');
  bench.set({ paused: true });
  expect(bench.job().holds).toEqual({ [OWN_PAUSE]: { ...hold('pause'), since: bench.now } });
  Object.assign(bench.job(), { holds: { ...bench.job().holds, heat } });
  bench.set({ paused: false });
  expect(bench.job().holds).toEqual({ heat });
  expect(bench.jobView()).toMatchObject({ paused: false, state: 'paused' });
});

it('a worker goes on when nothing holds its job any more', () => {
  const bench = new Bench();
  const worker = bench.startOne();
  bench.set({ paused: true });
  Object.assign(bench.job(), { holds: { ...bench.job().holds, heat: hold('pause') } });
  bench.set({ paused: false });
  expect(bench.run(worker).suspended).toBe(true);
  Object.assign(bench.job(), { holds: { [OWN_PAUSE]: hold('pause') } });
  bench.set({ paused: false });
  expect(bench.run(worker).suspended).toBe(false);
});

it('under no_starts running plotters go on, and what is asked for waits until it is released', () => {
  const bench = new Bench({ nightly: { max_workers: 2, starts: [{ on: 'next' }] } });
  const worker = bench.startOne();
  bench.state.farm = { ...FREE_FARM, holds: { drain: hold('no_starts') } };
  bench.command({ type: 'fire', name: 'next' });
  expect(bench.jobView()).toMatchObject({ state: 'running', workers: 1, pending: 1 });
  expect(bench.run(worker).suspended).toBe(false);
  expect(codeOf(bench.command({ type: 'start', job: 'nightly', workers: 1 }))).toBe('job_paused');
  bench.state.farm = FREE_FARM;
  bench.set({ paused: true });
  bench.set({ paused: false });
  expect(bench.jobView()).toMatchObject({ workers: 2, pending: 0 });
});
