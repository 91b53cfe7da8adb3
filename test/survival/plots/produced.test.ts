import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { expectClean, plotting, preparePlotting, waitFor } from '../support/plotting.ts';

const DONE = { result: 'done', error: null };
/** A plotter that says nothing at all: its plot is the new file. */
const SILENT = { success: { produced: 'plot-.*\\.plot' }, patterns: [] };
const QUIET_PLOT = 'echo plot >"$dest/$name.plot"\n';

test('the one new file is the plot, and not one that was there before', async () => {
  const daemon = await preparePlotting(QUIET_PLOT, { post_command: 'echo %plot% >posted' }, {}, {}, SILENT);
  writeFileSync(daemon.path('plots', 'plot-of-yesterday.plot'), 'old');
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  const { plot, worker } = await bus.event('worker_end', DONE);
  expect(basename(String(plot))).toBe(`plot-k18-2026-01-01-00-00-${worker}.plot`);
  expect(await daemon.lines('posted')).toEqual([plot]);
  await bus.shows('job/job', { plots_done: 1, last_plot: plot });
  const [line] = await daemon.lines('data', 'history.jsonl');
  expect(JSON.parse(line ?? '{}')).toMatchObject({ plot, size: 5 });
  await expectClean(daemon);
});

test.each(['while it plots', 'while it plots, which ends meanwhile'])(
  'the daemon is killed %s: what was there before is known',
  async (when) => {
    const daemon = await preparePlotting(
      `echo up >up\n${waitFor('go')}${QUIET_PLOT}echo x >made`,
      {},
      {},
      {},
      SILENT,
    );
    writeFileSync(daemon.path('plots', 'plot-of-yesterday.plot'), 'old');
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    const { worker } = await bus.event('plotter_started');
    await expect.poll(() => daemon.lines('up')).not.toEqual([]);
    await daemon.kill();
    if (when !== 'while it plots') {
      writeFileSync(daemon.path('go'), '');
      await expect.poll(() => daemon.lines('made')).not.toEqual([]);
    }
    await daemon.start();
    writeFileSync(daemon.path('go'), '');
    const { plot } = await bus.event('worker_end', DONE);
    expect(basename(String(plot))).toContain(String(worker));
    await expectClean(daemon);
  },
);

test('the state is lost after its plot was found: its post-command’s plot counts, once', async () => {
  const job = { post_command: `echo %plot% >>posted; ${waitFor('go')}` };
  const daemon = await plotting(QUIET_PLOT, job, SILENT);
  const { bus } = daemon;
  const { worker } = await bus.event('post_process_started');
  await daemon.kill();
  for (const name of readdirSync(daemon.path('data')))
    if (/^(state|journal)/.test(name)) rmSync(daemon.path('data', name), { recursive: true });
  await daemon.start();
  writeFileSync(daemon.path('go'), '');
  const { plot } = await bus.event('worker_end', { result: 'done', worker });
  expect(basename(String(plot))).toContain(String(worker));
  expect(await daemon.lines('posted')).toEqual([plot]);
});

test.each<[string, string, RegExp]>([
  ['no new file', ':', /no new file in .*\/plots fits plot-\.\*\\\.plot$/],
  ['a new file of another name', 'echo x >"$dest/$name.tmp"', /no new file in/],
  [
    'two new files',
    'for n in 1 2; do echo x >"$dest/$name-$n.plot"; done',
    /there are 2 new files in .*nobody knows/,
  ],
  ['a new file that is empty', ': >"$dest/$name.plot"', /its plot is empty/],
  ['a new link', 'ln -s /etc/hostname "$dest/$name.plot"', /its plot is a link/],
  ['a new file of one that failed', 'echo x >"$dest/$name.plot"; exit 1', /exit code 1/],
])('%s is no plot', async (_, script, why) => {
  const daemon = await plotting(script, {}, SILENT);
  const end = await daemon.bus.event('worker_end', { result: 'failed', plot: null });
  expect(end.error).toMatch(why);
  await daemon.bus.shows('job/job', { plots_done: 0 });
  await expectClean(daemon);
});

test('a file that grows on after its plotter has ended is waited for', async () => {
  // In the background of a shell of its own: nobody's process.
  const grow = `i=0; while [ ! -e enough ]; do echo more; sleep 0.1; done >>"$1"; echo x >grown`;
  const script = `env -u PLOT2MQTT_RUN -u PLOT2MQTT_WORKER setsid sh -c '${grow}' sh "$dest/$name.plot" &
until [ -s "$dest/$name.plot" ]; do sleep 0.01; done
echo x >ended`;
  const daemon = await plotting(script, {}, SILENT);
  await expect.poll(() => daemon.lines('ended')).not.toEqual([]);
  await expect.poll(() => daemon.bus.object('job/job/worker/1').status).toBe('plotting');
  expect(daemon.bus.events({ type: 'plotter_finished' })).toEqual([]);
  writeFileSync(daemon.path('enough'), '');
  await daemon.bus.event('worker_end', DONE);
  expect(await daemon.lines('grown')).toEqual(['x']);
});

test('two of such a plotter have one destination one after the other', async () => {
  const daemon = await preparePlotting(
    `echo up >"up-$PLOT2MQTT_SLOT"\n${waitFor('go')}${QUIET_PLOT}`,
    { max_workers: 2, starts: [{ on: 'two', workers: 2 }] },
    {},
    {},
    SILENT,
  );
  const { bus } = await daemon.start();
  await bus.command('fire/two');
  await bus.event('plotter_started');
  await bus.shows('job/job', { pending: 1, waiting_for: 'disk' });
  expect(bus.object('job/job').waiting_text).toMatch(/the one new file in .*\/plots/);
  writeFileSync(daemon.path('go'), '');
  await expect.poll(() => bus.events({ type: 'worker_end' }).length).toBe(2);
  expect(bus.events({ type: 'worker_end' })).toMatchObject([DONE, DONE]);
  await bus.shows('job/job', { plots_done: 2, pending: 0 });
  await expectClean(daemon);
});

test('a move and another job bring files there meanwhile: they aren’t its plot', async () => {
  const silent = `echo up >up\n${waitFor('go')}${QUIET_PLOT}`;
  const daemon = await preparePlotting(silent, {}, {}, {}, SILENT);
  mkdirSync(daemon.path('nvme'));
  mkdirSync(daemon.path('away'));
  const { plotters } = JSON.parse(readFileSync(daemon.configFile, 'utf8'));
  const loud = {
    ...plotters.script,
    success: 'exists',
    command: `sh -c 'echo plot >"$4/plot-loud-$PLOT2MQTT_WORKER.plot"; echo "final $4/plot-loud-$PLOT2MQTT_WORKER.plot"' sh "$@"`,
    patterns: [{ match: '^final (?<file>.+)$', final_file: true }],
  };
  await daemon.configure({
    plotters: { ...plotters, loud },
    jobs: {
      job: { plotter: 'script', stop_grace: 1 },
      moved: { plotter: 'loud', arguments: { dest_dir: daemon.path('nvme') } },
      carried: {
        plotter: 'loud',
        arguments: { dest_dir: daemon.path('away') },
        post_command: `until [ -e carry ]; do sleep 0.01; done; mv %plot% ${daemon.path('plots')}`,
      },
      beside: { plotter: 'loud' },
    },
    moves: { farm: { from: [daemon.path('nvme')], to: [daemon.path('plots')] } },
  });
  const { bus } = await daemon.start();
  // Two that were made before its plotter begins, and come while it plots; one that is made meanwhile.
  await bus.command('move/farm/set/paused', { value: true });
  await bus.command('job/moved/do/start');
  await bus.event('worker_end', { ...DONE, job: 'moved' });
  await bus.command('job/carried/do/start');
  await bus.event('post_process_started');
  await bus.command('job/job/do/start');
  await expect.poll(() => daemon.lines('up')).not.toEqual([]);
  await bus.command('move/farm/set/paused', { value: false });
  await bus.event('move_finished');
  writeFileSync(daemon.path('carry'), '');
  await bus.event('worker_end', { ...DONE, job: 'carried' });
  await bus.command('job/beside/do/start');
  await bus.event('worker_end', { ...DONE, job: 'beside' });
  await daemon.restart();
  writeFileSync(daemon.path('go'), '');
  const { plot, worker } = await bus.event('worker_end', { ...DONE, job: 'job' });
  expect(basename(String(plot))).toBe(`plot-k18-2026-01-01-00-00-${worker}.plot`);
});

test('a destination that is that of another run by another name is refused', async () => {
  const daemon = await preparePlotting(`echo up >up\n${waitFor('go')}${QUIET_PLOT}`, {}, {}, {}, SILENT);
  symlinkSync(daemon.path('plots'), daemon.path('alias'));
  const { plotters, jobs } = JSON.parse(readFileSync(daemon.configFile, 'utf8'));
  const alias = { ...jobs.job, arguments: { dest_dir: daemon.path('alias') } };
  await daemon.configure({ plotters, jobs: { ...jobs, alias } });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await expect.poll(() => daemon.lines('up')).not.toEqual([]);
  await bus.command('job/alias/do/start');
  const { error } = await bus.event('worker_end', { result: 'failed', job: 'alias' });
  expect(error).toMatch(/\/alias is the destination of worker job-\S+, under another name/);
  writeFileSync(daemon.path('go'), '');
  await bus.event('worker_end', { ...DONE, job: 'job' });
});
