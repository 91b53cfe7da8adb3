import {
  existsSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { expectClean, PLOT, plotting, preparePlotting, waitFor } from '../support/plotting.ts';

/** A post-command that leaves a mark. */
const POST = { post_command: 'echo %plot% >>post.txt' };
const SAY = 'echo "plot $name"; echo "final $dest/$name.plot"\n';

const NO_PLOTS: [what: string, script: string, why: RegExp][] = [
  ['of 0 bytes', `: >"$dest/$name.plot"\n${SAY}`, /its plot is empty: .*\.plot$/],
  [
    'that is smaller than its log says',
    `echo plot >"$dest/$name.plot"; echo "size 6 bytes"\n${SAY}`,
    /5 bytes, and the log says 6/,
  ],
  [
    'that was there before',
    `echo "plot old"; echo "final $dest/old.plot"\n`,
    /was there before the plotter began/,
  ],
  ['that is a link', `echo x >"$temp/x"; ln -s "$temp/x" "$dest/$name.plot"\n${SAY}`, /is a link/],
  ['that is a directory', `mkdir "$dest/$name.plot"\n${SAY}`, /no regular file/],
  ['/etc/hostname', 'echo "final /etc/hostname"\n', /isn't in the destination: \/etc\/hostname/],
  [
    'in another directory',
    `echo x >"$dest/../aside/x.plot"; echo "final $dest/../aside/x.plot"\n`,
    /isn't in the destination/,
  ],
  [
    'that a link of a directory leads to',
    `ln -s /etc "$dest/etc"; echo "final $dest/etc/hostname"\n`,
    /isn't in the destination/,
  ],
];

test.each(NO_PLOTS)(
  'a plot %s is none: the worker fails and says why, no post-command is run',
  async (_, script, why) => {
    const daemon = await preparePlotting(script, POST);
    await mkdir(daemon.path('aside'));
    writeFileSync(daemon.path('plots', 'old.plot'), 'an old plot');
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    const failed = await bus.event('worker_failed');
    expect(failed.error).toMatch(why);
    await bus.event('worker_end', { result: 'failed', plot: null });
    await bus.shows('job/job', { plots_done: 0, failures: 1 });
    expect(existsSync(daemon.path('post.txt'))).toBe(false);
    await expectClean(daemon);
  },
);

test('a destination that is a link itself, and a plot as large as its log says', async () => {
  const daemon = await preparePlotting(`echo "size 5 bytes"\n${PLOT}`, {
    ...POST,
    arguments: { dest_dir: 'farm' },
  });
  symlinkSync(daemon.path('plots'), daemon.path('farm'));
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end', { result: 'done', error: null });
  expect(await daemon.lines('post.txt')).toHaveLength(1);
});

test('what was there before is known after a restart too', async () => {
  const daemon = await preparePlotting(`echo "stage 1"\n${waitFor('go')}echo "final $dest/old.plot"\n`);
  writeFileSync(daemon.path('plots', 'old.plot'), 'an old plot');
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('stage_started');
  await daemon.restart();
  writeFileSync(daemon.path('go'), '');
  expect((await bus.event('worker_failed')).error).toMatch(/was there before the plotter began/);
});

test.each(['damaged', 'gone'])(
  'where the note of what was there before is %s, an old plot is still none',
  async (how) => {
    const daemon = await preparePlotting(`echo "stage 1"\n${waitFor('go')}echo "final $dest/old.plot"\n`);
    writeFileSync(daemon.path('plots', 'old.plot'), 'an old plot');
    utimesSync(daemon.path('plots', 'old.plot'), 1_700_000_000, 1_700_000_000);
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    const { worker } = await bus.event('stage_started');
    await daemon.kill();
    const note = daemon.path('data', 'workers', String(worker), 'destination.json');
    if (how === 'gone') unlinkSync(note);
    else writeFileSync(note, readFileSync(note, 'latin1').replace('old.plot', 'olf.plot'));
    await daemon.start();
    writeFileSync(daemon.path('go'), '');
    expect((await bus.event('worker_failed')).error).toMatch(/was there before the plotter began/);
    expect(daemon.said.join('\n')).toContain('what its destination held before its plotter began is lost');
  },
);

test('a plot written over one of the same name counts', async () => {
  const daemon = await preparePlotting('echo again >"$dest/same.plot"; echo "final $dest/same.plot"\n');
  writeFileSync(daemon.path('plots', 'same.plot'), 'an old plot');
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end', { result: 'done' });
  expect(await readFile(daemon.path('plots', 'same.plot'), 'utf8')).toBe('again\n');
});

test('of two workers with one file the plot is that of the first to name it, and counts once', async () => {
  // The second one names it again when the first has ended.
  const script = [
    'case $PLOT2MQTT_SLOT in',
    `1) echo "plot same"; ${waitFor('first').trim()}; echo x >"$dest/same.plot"; echo "final $dest/same.plot";;`,
    `2) echo "stage 1"; ${waitFor('second').trim()}; echo "plot same"; echo "final $dest/same.plot";;`,
    'esac\n',
  ].join('\n');
  const daemon = await preparePlotting(script, { max_workers: 2, ...POST });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start', { value: 2 });
  await bus.event('stage_started', { slot: 2 });
  await bus.shows('job/job/worker/1', { plot: daemon.path('plots', 'same.plot') });
  writeFileSync(daemon.path('first'), '');
  await bus.event('worker_end', { slot: 1, result: 'done' });
  writeFileSync(daemon.path('second'), '');
  const failed = await bus.event('worker_failed', { slot: 2 });
  expect(failed.error).toMatch(/that of worker job-/);
  await bus.shows('job/job', { plots_done: 1 });
  expect(await daemon.lines('post.txt')).toHaveLength(1);
});

test('a file that a worker in flight has named before is not another one’s', async () => {
  const script = [
    'case $PLOT2MQTT_SLOT in',
    `1) echo "plot same"; echo x >"$dest/same.plot"; ${waitFor('first').trim()}; echo "final $dest/same.plot";;`,
    `2) echo "stage 1"; ${waitFor('second').trim()}; echo "plot same"; echo "final $dest/same.plot";;`,
    'esac\n',
  ].join('\n');
  const daemon = await preparePlotting(script, { max_workers: 2 });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start', { value: 2 });
  await bus.shows('job/job/worker/1', { plot: daemon.path('plots', 'same.plot') });
  await bus.event('stage_started', { slot: 2 });
  writeFileSync(daemon.path('second'), '');
  expect((await bus.event('worker_failed', { slot: 2 })).error).toMatch(/that of worker job-/);
  writeFileSync(daemon.path('first'), '');
  await bus.event('worker_end', { slot: 1, result: 'done' });
  await bus.shows('job/job', { plots_done: 1 });
});

test('a disk that doesn’t say whether the plot is there is asked again', async () => {
  // A link to itself: an error that says nothing of the plot.
  const away = 'mv "$dest" "$dest.away"; ln -s "$dest" "$dest"\n';
  const daemon = await plotting(PLOT + away, POST);
  const { bus } = daemon;

  await expect
    .poll(() => daemon.said.join('\n'), { timeout: 20_000 })
    .toMatch(/waits until this can be read: ELOOP/);
  expect(bus.events({ type: 'worker_failed' })).toEqual([]);
  await bus.shows('job/job/worker/1', { status: 'plotting' });
  unlinkSync(daemon.path('plots'));
  renameSync(daemon.path('plots.away'), daemon.path('plots'));
  await bus.event('worker_end', { result: 'done' });
  await expectClean(daemon);
});

test('a plotter that is given no destination: its plots count, however fast it makes them', async () => {
  const daemon = await preparePlotting('');
  const file = daemon.path('plots', 'homeless.plot');
  await daemon.configure({
    plotters: {
      homeless: {
        title: 'Homeless',
        arguments: {},
        command: `echo plot >'${file}'; echo "final ${file}"; :`,
        stages: [{ id: '1', title: 'First', weight: 1 }],
        patterns: [{ match: '^final (?<file>.+)$', final_file: true }],
      },
    },
    jobs: { job: { plotter: 'homeless' } },
  });
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end', { result: 'done', plot: file, error: null });
  expect(daemon.said.join('\n')).not.toMatch(/is lost/);
});
