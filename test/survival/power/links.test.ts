import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prepareDaemon, startDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';
import { shellPlotter } from '../support/shell-plotter.ts';

test('links in temporary directories lead clean-up nowhere', async () => {
  const daemon = await prepareDaemon();
  mkdirSync(daemon.path('precious'));
  writeFileSync(daemon.path('precious', 'file'), 'keep');
  const script = `ln -s "${daemon.path('precious')}" "$2/link"; ln -s "${daemon.path('precious', 'file')}" "$2/file"
mkdir "$2/deep"; ln -s ../../.. "$2/deep/up"
rm -rf "$2/deep/dir"; ln -s "${daemon.path('precious')}" "$2/deep/dir"
exit 1`;
  const plotter = shellPlotter(daemon.dir, script);
  const { temp_dir, dest_dir } = plotter.arguments;
  await daemon.configure({
    plotters: { linking: { ...plotter, arguments: { temp_dir, dest_dir } } },
    jobs: { job: { plotter: 'linking' } },
  });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end');
  expect(readdirSync(daemon.path('tmp'))).toEqual([]);
  expect(existsSync(daemon.path('precious', 'file'))).toBe(true);
});

test('a temporary directory replaced by a link is left, and told', async () => {
  const daemon = await prepareDaemon();
  mkdirSync(daemon.path('precious'));
  writeFileSync(daemon.path('precious', 'file'), 'keep');
  const plotter = shellPlotter(daemon.dir, `rmdir "$2"; ln -s "${daemon.path('precious')}" "$2"; exit 1`);
  const { temp_dir, dest_dir } = plotter.arguments;
  await daemon.configure({
    plotters: { linking: { ...plotter, arguments: { temp_dir, dest_dir } } },
    jobs: { job: { plotter: 'linking' } },
  });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end', { result: 'failed' });
  expect(readdirSync(daemon.path('precious'))).toEqual(['file']);
  const [left = ''] = readdirSync(daemon.path('tmp'));
  expect(lstatSync(daemon.path('tmp', left)).isSymbolicLink()).toBe(true);
});

test('replotting removes no link, nothing behind one, and nothing that is no plot', async () => {
  const daemon = await startDaemon();
  const old = 'plot-k32-2020-01-01-00-00-old';
  mkdirSync(daemon.path('elsewhere'));
  writeFileSync(daemon.path('elsewhere', 'other.plot'), 'keep');
  symlinkSync(daemon.path('elsewhere', 'other.plot'), daemon.path('plots', `${old}0.plot`));
  mkdirSync(daemon.path('plots', `${old}1.plot`));
  writeFileSync(daemon.path('plots', `${old}2.plot.tmp`), 'keep');
  writeFileSync(daemon.path('plots', `${old}3.plot`), 'replace');
  await daemon.stop();
  const replot = { before: '2021-01-01T00:00:00Z' };
  await daemon.configure({
    jobs: {
      job: {
        ...QUICK,
        replot,
        plots_to_do: 2,
        starts: [{ on: 'again' }],
        events: [{ fire: 'again', on: 'worker_end' }],
      },
    },
  });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('job_end');
  expect(bus.events({ type: 'replot_removed' })).toHaveLength(1);
  const left = readdirSync(daemon.path('plots')).filter((name) => name.startsWith(old));
  expect(left.sort()).toEqual([`${old}0.plot`, `${old}1.plot`, `${old}2.plot.tmp`]);
  expect(existsSync(daemon.path('elsewhere', 'other.plot'))).toBe(true);
});
