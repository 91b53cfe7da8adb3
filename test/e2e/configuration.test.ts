import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { retainedOn } from '../support/e2e/bus.ts';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, QUICK } from '../support/e2e/plotters.ts';

describe.each(BROKERS)('two owners of jobs, %s broker', (broker) => {
  test('settings made by commands hold until the value in the file changes: the last writer wins', async () => {
    const job = { ...QUICK, max_workers: 2, plots_to_do: 5, enabled: true };
    const daemon = await startDaemon({ broker, config: { jobs: { j: job } } });
    const { bus } = daemon;
    await bus.command('job/j/set', { max_workers: 7, plots_to_do: 9, enabled: false, paused: true });
    await daemon.restart();
    await bus.shows('job/j', { max_workers: 7, plots_to_do: 9, enabled: false, paused: true });

    // The title changes, and one of the limits; what the file says of the others is as before.
    await daemon.configure({ jobs: { j: { ...job, title: 'Other', plots_to_do: 6 } } });
    expect(await bus.command('bridge/request/reload')).toEqual({ status: 'ok', data: null });
    expect(bus.object('job/j')).toMatchObject({
      title: 'Other',
      max_workers: 7,
      plots_to_do: 6,
      enabled: false,
    });
    await bus.command('job/j/set/plots_to_do', '8');
    await daemon.kill();
    await daemon.configure({ jobs: { j: { ...job, max_workers: 3, plots_to_do: 6 } } });
    await daemon.start();
    await bus.shows('job/j', { title: 'j', max_workers: 3, plots_to_do: 8, enabled: false, paused: true });
  });

  test('jobs made over MQTT live on over restarts', async () => {
    const daemon = await startDaemon({ broker });
    const { bus } = daemon;
    await bus.command('bridge/request/job/create', {
      id: 'made',
      plotter: 'madmax',
      title: 'Made',
      max_workers: 4,
    });
    await bus.command('job/made/set/max_workers', '6');
    await daemon.restart();
    await bus.shows('job/made', { title: 'Made', max_workers: 6 });
    expect(await bus.command('bridge/request/job/delete', { id: 'made' })).toMatchObject({ status: 'ok' });
    await daemon.restart();
    expect(await bus.command('bridge/request/job/list')).toMatchObject({ data: { jobs: [] } });
  });

  test('where both have one id the file wins, loudly, and a job taken out of it goes', async () => {
    const daemon = await startDaemon({ broker });
    const { bus } = daemon;
    await bus.command('bridge/request/job/create', { id: 'both', plotter: 'madmax', title: 'From MQTT' });
    await daemon.configure({ jobs: { both: { ...QUICK, title: 'From the file' } } });
    await bus.command('bridge/request/reload');
    expect(bus.object('job/both').title).toBe('From the file');
    await vi.waitFor(() => expect(daemon.said.join('\n')).toMatch(/both.*config\.yaml/));
    expect(await bus.command('bridge/request/job/delete', 'both')).toMatchObject({
      error: { code: 'not_allowed' },
    });
    await daemon.configure({});
    await bus.command('bridge/request/reload');
    expect(bus.object('job/both').title).toBe('From MQTT');
  });

  test('a job that is taken out of the file ends with its last worker', async () => {
    const daemon = await startDaemon({ broker, config: { jobs: { old: { ...ENDLESS, max_workers: 2 } } } });
    const { bus } = daemon;
    await bus.command('job/old/do/start');
    await daemon.configure({});
    await bus.command('bridge/request/reload');
    expect(bus.object('job/old')).toMatchObject({ workers: 1 });
    expect(await bus.command('job/old/do/start')).toMatchObject({ status: 'error' });
    await bus.command('job/old/do/dismiss');
    await bus.event('job_deleted', { job: 'old' });
    const left = [...(await retainedOn(daemon.url)).keys()].filter((topic) =>
      topic.split('/').includes('old'),
    );
    expect(left).toEqual([]);
  });
});

test('SIGHUP reads the file again; one that is wrong changes nothing, and says where', async () => {
  const daemon = await startDaemon({ config: { jobs: { j: QUICK } } });
  const { bus } = daemon;
  await daemon.configure({ jobs: { j: { ...QUICK, title: 'New' }, more: QUICK } });
  daemon.signal('SIGHUP');
  await bus.shows('job/j', { title: 'New' });
  await bus.event('job_created', { job: 'more' });

  const good = await readFile(daemon.configFile, 'utf8');
  await writeFile(daemon.configFile, good.replace('"title"', '"titel"').replace('"New"', '"Never"'));
  const answer = await bus.command('bridge/request/reload');
  expect(answer).toMatchObject({ status: 'error', error: { code: 'invalid_config', path: 'jobs.j.titel' } });
  expect(answer.error?.message).toMatch(/config\.yaml:\d+:\d+.*titel.*title/);
  await writeFile(daemon.configFile, `${good}]`);
  const torn = await bus.command('bridge/request/reload');
  expect(torn).toMatchObject({ status: 'error', error: { code: 'invalid_config', path: null } });
  await writeFile(daemon.configFile, '');
  const empty = await bus.command('bridge/request/reload');
  expect(empty).toMatchObject({ status: 'error', error: { code: 'invalid_config', path: null } });
  daemon.signal('SIGHUP');
  await vi.waitFor(() => expect(daemon.said.join('\n')).toMatch(/changes nothing/));
  expect(bus.object('job/j').title).toBe('New');
  expect(bus.events({ type: 'job_deleted' })).toEqual([]);
});

test('a running worker keeps what it started with, the next one gets the values of today', async () => {
  const job = { ...QUICK, command: `until [ -e go ]; do sleep 0.02; done; ${QUICK.command}`, max_workers: 2 };
  const daemon = await startDaemon({ config: { defaults: { k: 20 }, jobs: { j: job } } });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  await daemon.configure({
    defaults: { k: 21 },
    plotters: { madmax: { arguments: { threads: 3 } } },
    jobs: { j: job },
  });
  await bus.command('bridge/request/reload');
  await bus.command('job/j/do/start');
  await writeFile(daemon.path('go'), '');
  const ends = [await bus.event('worker_end', { slot: 1 }), await bus.event('worker_end', { slot: 2 })];
  expect(ends.map(({ plot }) => String(plot).match(/plot-k(\d+)/)?.[1])).toEqual(['20', '21']);
  expect(bus.events({ type: 'worker_started' })).toMatchObject([
    { arguments: { k: 20, threads: 4 } },
    { arguments: { k: 21, threads: 3 } },
  ]);
});
