import { describe, expect, it } from 'vitest';
import { codeOf } from '../../answers.ts';
import { Bench } from '../../bench.ts';
import { type JobInput, smallPlotter } from '../../plotter.ts';

const GO = { max_workers: 9, starts: [{ on: 'go', workers: 9 }] };

/** A farm with two plotters whose plot is told by being new, and one whose log names it; all on one disk. */
function bench(jobs: Record<string, JobInput>): Bench {
  const produced = { ...smallPlotter(), success: { produced: '.*' } };
  const of = (definition: ReturnType<typeof smallPlotter>) => ({ definition, arguments: {}, command: 'x' });
  const plotters = new Map([
    ['small', of(produced)],
    ['silent', of(produced)],
    ['loud', of(smallPlotter())],
  ]);
  const made = new Bench(jobs, { settings: { plotters } });
  made.comeUp();
  return made;
}

const to = (dest_dir: string | string[], rest: JobInput = {}): JobInput => ({
  ...{ max_workers: 9, arguments: { dest_dir } },
  ...rest,
});

function destinations(made: Bench): string[] {
  return [...made.state.workers.values()].map(
    ({ placement }) => placement.find(({ role }) => role === 'destination')?.path ?? '',
  );
}

describe('a destination in which a new file is looked for', () => {
  it('has one run at a time; the next comes when that has ended', () => {
    const made = bench({ nightly: { ...GO } });
    made.command({ type: 'fire', name: 'go' });
    expect(made.workers()).toHaveLength(1);
    expect(made.jobView()).toMatchObject({
      pending: 8,
      waiting_for: 'disk',
      waiting_text: '1 of 1 workers run whose plot is told by being the one new file in /dest',
    });
    for (let plots = 1; plots <= 3; plots += 1) {
      const [worker] = made.workers();
      if (!worker) throw new Error('one should run');
      made.exit(worker);
      expect(made.workers()).toHaveLength(1);
      expect(made.job().plots_done).toBe(plots);
    }
  });

  it('is refused by hand, and told by `why`', () => {
    const made = bench({ nightly: { max_workers: 9 } });
    made.startOne();
    expect(codeOf(made.command({ type: 'start', job: 'nightly', workers: 1 }))).toBe('limit_reached');
    const why = made.command({ type: 'why', job: 'nightly' });
    expect(JSON.stringify(why)).toContain('the one new file in /dest');
  });

  it('two that are asked for at once don’t get it both', () => {
    const made = bench({ nightly: { max_workers: 9 } });
    expect(made.start('nightly', 2)).toHaveLength(1);
  });

  it('is the same for all such plotters, and with a slash at its end', () => {
    const made = bench({ nightly: to('/a'), other: to('/a/', { plotter: 'silent' }), third: to('/b') });
    made.startOne();
    expect(made.start('other')).toHaveLength(0);
    expect(made.start('third')).toHaveLength(1);
  });

  it('takes plotters whose log names their plot beside', () => {
    const made = bench({ nightly: to('/a'), other: to('/a', { plotter: 'loud' }) });
    made.startOne();
    expect(made.start('other', 2)).toHaveLength(2);
    expect(made.start('nightly')).toHaveLength(0);
  });

  it('is one of several: as many run as there are, whatever disk they are on', () => {
    const made = bench({ nightly: { ...GO, ...to(['/a', '/b', '/c']) } });
    made.command({ type: 'fire', name: 'go' });
    expect(destinations(made).sort()).toEqual(['/a', '/b', '/c']);
    expect(made.jobView()).toMatchObject({ waiting_for: 'disk', pending: 6 });
  });
});
