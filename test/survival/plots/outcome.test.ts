import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectClean, PLOT, plotting, preparePlotting, waitFor } from '../support/plotting.ts';

const DONE = { result: 'done', error: null };

test('an error that is fatal fails the worker, whatever it returns, and though its plot is there', async () => {
  const daemon = await plotting(`${PLOT}echo 'fatal: Failed to write chunk 38'\necho 'final again'\nexit 0`);
  const end = await daemon.bus.event('worker_end', { result: 'failed', plot: null });
  expect(end.error).toBe('Failed to write chunk 38 (exit code 0)');
  await daemon.bus.shows('job/job', { plots_done: 0 });
  await expectClean(daemon);
});

test('an error that was fatal is known over a kill of the daemon', async () => {
  const daemon = await plotting(`echo 'fatal: bad disk'\necho 'stage 2'\n${waitFor('go')}${PLOT}`);
  await daemon.bus.event('stage_started', { stage: '2' });
  await daemon.kill();
  writeFileSync(daemon.path('go'), '');
  await daemon.start();
  const end = await daemon.bus.event('worker_end', { result: 'failed' });
  expect(end.error).toBe('bad disk (exit code 0)');
});

test('a truncated file under its final name never counts where the log says its size', async () => {
  const daemon = await plotting(`echo 'size 5000 bytes'\n${PLOT}`);
  const end = await daemon.bus.event('worker_end', { result: 'failed', plot: null });
  expect(end.error).toMatch(/its plot has 5 bytes, and the log says 5000/);
});

test('exit codes that are good count, others don’t', async () => {
  const daemon = await plotting(`${PLOT}exit 3`, {}, { ok_exit_codes: [0, 3] });
  await daemon.bus.event('plotter_finished', { exit_code: 3 });
  await daemon.bus.event('worker_end', DONE);
  const other = await plotting(`${PLOT}exit 2`, {}, { ok_exit_codes: [0, 3] });
  const end = await other.bus.event('worker_end', { result: 'failed' });
  expect(end.error).toMatch(/^the plotter ended with exit code 2/);
});

/** Notes which signals come; only the second SIGTERM ends it. */
const TWICE = `n=0; trap 'n=$((n+1)); echo "TERM $n" >>signals; [ $n -ge 2 ] && { echo ended by itself >>signals; exit 7; }' TERM
trap 'echo INT >>signals' INT
echo "stage 1"
while :; do sleep 0.02; done`;

test('a plotter that takes two signals for "now" gets them, and ends by itself', async () => {
  const stop = { signals: ['SIGINT', 'SIGTERM', 'SIGTERM', 'SIGKILL'], grace: 1 };
  const daemon = await plotting(TWICE, { stop_grace: undefined }, { stop });
  await daemon.bus.event('stage_started');
  await daemon.bus.command('job/job/do/dismiss');
  expect(readFileSync(daemon.path('signals'), 'utf8')).toBe('INT\nTERM 1\nTERM 2\nended by itself\n');
  await expectClean(daemon);
});

test('a plotter that was stopped while the daemon was killed is stopped as it understands it', async () => {
  const stop = { signals: ['SIGTERM', 'SIGTERM', 'SIGKILL'], grace: '1h' };
  const daemon = await plotting(`${waitFor('go')}${TWICE}`, { stop_grace: undefined }, { stop });
  await daemon.bus.event('plotter_started');
  await daemon.kill();
  writeFileSync(daemon.path('go'), '');
  await daemon.start();
  await daemon.bus.event('stage_started');
  await daemon.bus.command('job/job/do/dismiss');
  expect(readFileSync(daemon.path('signals'), 'utf8')).toBe('TERM 1\nTERM 2\nended by itself\n');
  await expectClean(daemon);
});

test('what may not be suspended goes on to the end of its plot when it is paused, and no more starts', async () => {
  const script = `echo "stage 1"\n${waitFor('go')}echo "stage 2"\n${PLOT}`;
  const job = { max_workers: 2, post_command: 'echo done >posted' };
  const daemon = await plotting(script, job, { suspend: false });
  const { bus } = daemon;
  await bus.event('stage_started', { stage: '1' });
  await bus.command('job/job/set/paused', { value: true });
  await bus.shows('job/job', { state: 'paused' });
  await bus.shows('job/job/worker/1', { status: 'plotting' });
  // Nor does a restart suspend it.
  await daemon.kill();
  await daemon.start();
  expect(await bus.command('job/job/do/start')).toMatchObject({ error: { code: 'job_paused' } });
  writeFileSync(daemon.path('go'), '');
  await bus.event('worker_end', DONE);
  expect(existsSync(daemon.path('posted'))).toBe(true);
  expect(bus.events({ type: 'worker_paused' })).toEqual([]);
  await bus.shows('job/job', { state: 'paused', plots_done: 1, workers: 0 });
  await expectClean(daemon);
});

test('text and line end in separate writes, and bars that return to the start of their line, count once each', async () => {
  const bar = (percent: number) => `printf '\\r[===   ] ${percent}%% matching T2 1.0s\\033[K'; sleep 0.2\n`;
  const patterns = [
    { match: '^\\[[= ]*\\] (?<percent>\\d+)% ', inside: { whole: true } },
    { match: '^plot (?<name>\\S+)$', plot_name: true },
    { match: '^final (?<file>.+)$', final_file: true },
    { match: '^broken ', error: { fatal: true } },
  ];
  const stages = [
    { id: '1', title: 'First', weight: 40 },
    { id: '2', title: 'Second', weight: 60 },
  ];
  const pieces = `printf 'bro'; sleep 0.05; printf 'ken-not here\\n'; printf 'plot '; sleep 0.05; printf "$name"; sleep 0.05; echo\n`;
  const end = 'echo plot >"$dest/$name.plot"; echo "final $dest/$name.plot"\n';
  const script = `${[10, 20, 39, 40, 70, 100].map(bar).join('')}echo\n${pieces}${end}`;
  const daemon = await preparePlotting(
    script,
    {},
    {},
    { mqtt: { progress_interval: 0 } },
    { patterns, stages },
  );
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end', DONE);
  const stagesTold = bus.events({ type: 'stage_started' }).map(({ stage }) => stage);
  expect(stagesTold).toEqual(['1', '2']);
  const percents = bus.events({ type: 'progress' }).map(({ percent }) => Number(percent));
  expect(percents).toEqual([...percents].sort((one, other) => one - other));
  // Bars that come together are heard as the last of them, and time carries on from each.
  expect(percents.some((percent) => percent >= 10 && percent < 40)).toBe(true);
  expect(percents.some((percent) => percent >= 70 && percent < 100)).toBe(true);
  expect(percents.at(-1)).toBe(100);
});
