import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ConfigInput, prepareDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { blocksOf } from '../support/product/blocks.ts';

const page = readFileSync(new URL('../../docs/adding-a-plotter.md', import.meta.url), 'utf8');
const examples: ConfigInput[] = blocksOf(page)
  .filter(({ language }) => language === 'yaml')
  .map(({ text }) => parse(text));

/** The command that the page gives to a program which is not here. */
const script = (name: string) => `sh ${join(import.meta.dirname, '..', 'support', 'plotters', `${name}.sh`)}`;

/** A daemon with the page's definition of this plotter, and a job of it. */
async function startWith(plotter: string, job: ConfigInput): Promise<TestDaemon> {
  const example = examples.find((each) => JSON.stringify(each.plotters).startsWith(`{"${plotter}":`));
  if (!example) throw new Error(`the page has no plotter '${plotter}'`);
  const daemon = await prepareDaemon();
  for (const name of ['farm1', 'farm2']) mkdirSync(daemon.path(name));
  await daemon.configure({
    ...example,
    jobs: { job: { plotter, command: script(plotter), check_space: false, max_workers: 1, ...job } },
  });
  return daemon.start();
}

const filesIn = (daemon: TestDaemon, name: string) => readdirSync(daemon.path(name)).sort();

describe('the examples of docs/adding-a-plotter.md', () => {
  test('are three', () => {
    expect(examples).toHaveLength(3);
  });

  test('one plot in a process', async () => {
    const daemon = await startWith('copyplot', {});
    const { bus } = daemon;
    await bus.command('job/job/do/start');
    const { plot, error } = await bus.event('worker_end', { result: 'done' });
    expect(error).toBeNull();
    expect(filesIn(daemon, 'plots').map((name) => daemon.path('plots', name))).toEqual([plot]);
    expect(bus.events({ type: 'stage_finished' }).map(({ stage }) => stage)).toEqual(['1', '5']);
    expect(filesIn(daemon, 'tmp')).toEqual([]);
  });

  test('several in a process, which chooses where they go', async () => {
    const daemon = await startWith('gpuplot', {
      ...{ plots_per_run: 3, plots_to_do: 3, arguments: { dest_dir: ['farm*'] } },
      post_command: 'echo %plot% >>post.txt',
    });
    const { bus } = daemon;
    await bus.command('job/job/do/start');
    await bus.event('job_end');
    await bus.event('worker_end', { result: 'done' }, 3);
    const made = ['farm1', 'farm2'].flatMap((name) =>
      filesIn(daemon, name).map((file) => daemon.path(name, file)),
    );
    expect(made).toHaveLength(3);
    expect(filesIn(daemon, 'farm1')).toHaveLength(2);
    expect((await daemon.lines('post.txt')).sort()).toEqual(made.sort());
    const started = bus.events({ type: 'worker_started' });
    expect(new Set(started.map(({ run }) => run)).size).toBe(1);
    expect(started.map(({ slot }) => slot)).toEqual([1, 1, 1]);
    await bus.shows('job/job', { plots_done: 3, plots_failed: 0, workers: 0 });
    const { stdout } = await daemon.run(['history']);
    expect(stdout.match(/k32 C7 +plot-k32-c07-/g)).toHaveLength(3);
    expect(filesIn(daemon, 'tmp')).toEqual([]);
  });

  test('no output at all', async () => {
    const daemon = await startWith('quietplot', { keep_running: true, plots_to_do: 2 });
    const { bus } = daemon;
    await bus.event('job_end');
    const names = filesIn(daemon, 'plots');
    expect(names.map((name) => name.replace(/[0-9a-f]{64}/, 'SEED'))).toEqual([
      'plot_28_0_SEED.bin',
      'plot_28_1_SEED.bin',
    ]);
    await bus.shows('job/job', { plots_done: 2, plots_failed: 0 });
    expect(readFileSync(daemon.path('plots', names[1] ?? ''), 'utf8')).toBe('plot 1');
  });
});
