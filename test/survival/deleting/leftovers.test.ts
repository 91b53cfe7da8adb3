import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';
import { shellPlotter } from '../support/shell-plotter.ts';

/** A daemon with a plotter that is this script; `$2` is its temporary directory, `$4` the destination. */
async function plottingWith(script: string, job: Record<string, unknown> = {}): Promise<TestDaemon> {
  const daemon = await prepareDaemon();
  const plotter = shellPlotter(daemon.dir, script);
  const { temp_dir, dest_dir } = plotter.arguments;
  await daemon.configure({
    plotters: { shell: { ...plotter, arguments: { temp_dir, dest_dir }, partial: ['.tmp'] } },
    jobs: { job: { plotter: 'shell', max_failures: 0, check_space: false, ...job } },
  });
  return daemon.start();
}

describe('the unfinished file of a plot', () => {
  const PLOTTERS = [
    ['madmax', '--run madmax-k18'],
    ['chia', '--run chia-k25 --keychain'],
  ] as const;
  const ENDS = {
    dismissed: (daemon: TestDaemon) => daemon.bus.command('job/job/do/dismiss'),
    failed: async (daemon: TestDaemon) => {
      const { worker } = await daemon.bus.event('plotter_started');
      for (const { pid, command } of daemon.workerProcesses(String(worker)))
        if (command.includes('simulate')) process.kill(pid, 'SIGKILL');
    },
  };
  const CASES = PLOTTERS.flatMap((plotter) =>
    Object.entries(ENDS).map((end) => [...plotter, ...end] as const),
  );

  test.for(CASES)('of %s (%s), %s on the way to the destination, goes', async ([plotter, options, , end]) => {
    const command = `plot2mqtt simulate ${plotter} ${options} --speed 100000 --plot-size 4K --full-disk dest`;
    const daemon = await startDaemon({ config: { jobs: { job: { ...QUICK, plotter, command } } } });
    await daemon.bus.command('job/job/do/start');
    await expect.poll(() => readdirSync(daemon.path('plots'))).not.toEqual([]);
    await end(daemon);
    await expect.poll(() => readdirSync(daemon.path('plots'))).toEqual([]);
    await expect.poll(() => readdirSync(daemon.path('tmp'))).toEqual([]);
  });

  const FAILING = `echo "plot mine"; echo half >"$4/mine.plot.tmp"; exit 3`;

  test('goes where the plotter failed, and nothing beside it', async () => {
    const daemon = await plottingWith(FAILING);
    for (const name of ['other.plot.tmp', 'mine.plot', 'mine.plot.tmp.tmp', 'mine.plot.2.tmp'])
      writeFileSync(daemon.path('plots', name), 'keep');
    await daemon.bus.command('job/job/do/start');
    await daemon.bus.event('worker_end');
    expect(readdirSync(daemon.path('plots')).sort()).toEqual(
      ['mine.plot', 'mine.plot.2.tmp', 'mine.plot.tmp.tmp', 'other.plot.tmp'].sort(),
    );
  });

  test('stays where somebody had a file of that name there before', async () => {
    const daemon = await plottingWith(FAILING.replace('echo half >"$4/mine.plot.tmp"; ', ''));
    writeFileSync(daemon.path('plots', 'mine.plot.tmp'), 'keep');
    await daemon.bus.command('job/job/do/start');
    await daemon.bus.event('worker_end');
    expect(readFileSync(daemon.path('plots', 'mine.plot.tmp'), 'utf8')).toBe('keep');
  });

  test.for([
    ['a link', 'ln -s ../precious "$4/mine.plot.tmp"'],
    ['a second name of a file', 'ln precious "$4/mine.plot.tmp"'],
    ['a directory', 'mkdir "$4/mine.plot.tmp"'],
  ])('stays where it is %s', async ([, making]) => {
    const daemon = await plottingWith(`echo "plot mine"; ${making}; exit 3`);
    writeFileSync(daemon.path('precious'), 'keep');
    await daemon.bus.command('job/job/do/start');
    const { error } = await daemon.bus.event('worker_end');
    expect(readdirSync(daemon.path('plots'))).toEqual(['mine.plot.tmp']);
    expect(readFileSync(daemon.path('precious'), 'utf8')).toBe('keep');
    expect(error).not.toBe(null);
  });

  test.for([
    ['names a file elsewhere', 'echo "plot ../precious"'],
    ['names one by its whole name', 'echo "final $PWD/precious.plot"'],
  ])('of a plotter that %s is no business of ours', async ([, saying]) => {
    const daemon = await plottingWith(`${saying}; echo keep >"$4/precious.plot.tmp"; exit 3`);
    writeFileSync(daemon.path('precious.plot.tmp'), 'keep');
    await daemon.bus.command('job/job/do/start');
    await daemon.bus.event('worker_end');
    for (const place of [[], ['plots']])
      expect(existsSync(daemon.path(...place, 'precious.plot.tmp'))).toBe(true);
  });

  test('stays where its directory was swapped meanwhile', async () => {
    const daemon = await plottingWith(
      `${FAILING.replace('; exit 3', '')}; mv plots before; ln -s away plots; exit 3`,
    );
    mkdirSync(daemon.path('away'));
    writeFileSync(daemon.path('away', 'mine.plot.tmp'), 'keep');
    await daemon.bus.command('job/job/do/start');
    await daemon.bus.event('worker_end');
    expect(readdirSync(daemon.path('away'))).toEqual(['mine.plot.tmp']);
  });
});

describe('a temporary directory', () => {
  test('that is there already is neither used nor removed', async () => {
    const daemon = await plottingWith('exit 0', {
      pre_command:
        'mkdir "tmp/plot2mqtt-$PLOT2MQTT_WORKER"; echo keep >"tmp/plot2mqtt-$PLOT2MQTT_WORKER/file"',
    });
    await daemon.bus.command('job/job/do/start');
    const { error, worker } = await daemon.bus.event('worker_failed');
    expect(error).toContain('is there already');
    await daemon.bus.event('worker_end');
    expect(readdirSync(daemon.path('tmp', `plot2mqtt-${worker}`))).toEqual(['file']);
  });

  test('that is another one by now stays', async () => {
    const daemon = await plottingWith('mv "$2" "$2-ours"; mkdir "$2"; echo keep >"$2/file"; exit 3');
    await daemon.bus.command('job/job/do/start');
    const { worker } = await daemon.bus.event('worker_end');
    expect(readdirSync(daemon.path('tmp', `plot2mqtt-${worker}`))).toEqual(['file']);
  });

  test('below one that was swapped for a link stays', async () => {
    const script = `n=$(basename "$2"); mv tmp tmp-before; mkdir -p away/$n; echo keep >away/$n/file; ln -s away tmp; exit 3`;
    const daemon = await plottingWith(script);
    await daemon.bus.command('job/job/do/start');
    const { worker } = await daemon.bus.event('worker_end');
    expect(readdirSync(daemon.path('away', `plot2mqtt-${worker}`))).toEqual(['file']);
  });

  test('of a worker whose record was lost goes all the same', async () => {
    const daemon = await plottingWith(
      'echo x >"$2/file"; rm data/workers/$PLOT2MQTT_WORKER/own.json; exit 3',
    );
    await daemon.bus.command('job/job/do/start');
    await daemon.bus.event('worker_end');
    expect(readdirSync(daemon.path('tmp'))).toEqual([]);
  });
});

test('a kept log takes the place of no file', async () => {
  const daemon = await plottingWith(
    'echo said; mkdir -p data/logs; echo keep >data/logs/$PLOT2MQTT_WORKER.txt; exit 3',
    {
      save_logs: true,
    },
  );
  await daemon.bus.command('job/job/do/start');
  const { worker, error } = await daemon.bus.event('worker_end');
  const kept = daemon.path('data', 'logs', `${worker}.txt`);
  expect(readFileSync(kept, 'utf8')).toBe('keep\n');
  expect(error).not.toBe(null);
  // It stays where it is, at each start, until its place is free.
  const own = daemon.path('data', 'workers', String(worker));
  await daemon.restart('SIGTERM');
  expect(readFileSync(`${own}/plotter.log`, 'utf8')).toContain('said');
  renameSync(kept, `${kept}.old`);
  await daemon.restart('SIGTERM');
  expect(readFileSync(kept, 'utf8')).toContain('said');
  expect(existsSync(own)).toBe(false);
});

test('logs that were not to be kept go with the directory of a worker that ended', async () => {
  const daemon = await plottingWith('cp data/workers/$PLOT2MQTT_WORKER/worker.json record.json; exit 3');
  await daemon.bus.command('job/job/do/start');
  const { worker } = await daemon.bus.event('plotter_started');
  await daemon.bus.event('worker_end');
  // As a crash leaves it right before it is removed.
  const own = daemon.path('data', 'workers', String(worker));
  mkdirSync(own);
  writeFileSync(`${own}/plotter.log`, 'said');
  renameSync(daemon.path('record.json'), `${own}/ended.json`);
  await daemon.restart('SIGTERM');
  expect(existsSync(own)).toBe(false);
  expect(existsSync(daemon.path('data', 'logs'))).toBe(false);
});

test('what stands in the place of a directory of ours is left', async () => {
  const daemon = await plottingWith(
    'rm -rf data/workers/$PLOT2MQTT_WORKER; ln -s ../../precious data/workers/$PLOT2MQTT_WORKER; exit 3',
  );
  mkdirSync(daemon.path('precious'));
  writeFileSync(daemon.path('precious', 'file'), 'keep');
  linkSync(daemon.path('precious', 'file'), daemon.path('precious', 'second'));
  symlinkSync('file', daemon.path('precious', 'link'));
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('worker_end');
  expect(readdirSync(daemon.path('precious'))).toEqual(expect.arrayContaining(['file', 'link', 'second']));
});
