import { describe, expect, test } from 'vitest';
import { OK, refused } from '../support/e2e/answers.ts';
import { retainedOn } from '../support/e2e/bus.ts';
import { BROKERS, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, QUICK } from '../support/e2e/plotters.ts';

describe.each(BROKERS)('requests, %s broker', (broker) => {
  test('create, get, update, list and delete jobs', async () => {
    const { bus } = await startDaemon({ broker, config: { jobs: { mine: QUICK } } });
    const request = (rest: string, payload: string | Record<string, unknown> = '') =>
      bus.command(`bridge/request/job/${rest}`, payload);
    const create = { id: 'new', plotter: 'madmax', title: 'New', arguments: { k: 20 }, max_workers: null };
    const created = await request('create', create);
    expect(created).toMatchObject({
      status: 'ok',
      data: {
        job: {
          id: 'new',
          plotter: 'madmax',
          max_workers: 1,
          arguments: { k: 20 },
          state: bus.object('job/new'),
        },
      },
    });
    expect(await request('create', create)).toMatchObject(refused('job_exists', 'id'));
    expect(await request('get', 'new')).toEqual({ status: 'ok', data: created.data });
    expect(await request('get', { id: 'new' })).toMatchObject({ data: created.data });
    expect(await request('get', { id: 'nobody' })).toMatchObject(refused('unknown_job'));

    const updated = await request('update', {
      id: 'new',
      title: null,
      arguments: { threads: 2 },
      plots_to_do: 4,
    });
    expect(updated).toMatchObject({ data: { job: { arguments: { threads: 2 }, plots_to_do: 4 } } });
    expect(bus.object('job/new')).toMatchObject({ title: 'new', plots_to_do: 4 });
    const list = await request('list');
    expect(list).toMatchObject({
      data: { jobs: [{ id: 'mine' }, { id: 'new', state: bus.object('job/new') }] },
    });

    for (const [rest, payload, code, path] of [
      ['create', { plotter: 'madmax' }, 'invalid_payload', 'id'],
      ['create', { id: 'Not An Id', plotter: 'madmax' }, 'invalid_config', 'id'],
      ['create', { id: 'x', plotter: 'nothing' }, 'invalid_config', 'plotter'],
      ['create', { id: 'x', plotter: 'madmax', max_worker: 1 }, 'invalid_config', 'max_worker'],
      ['create', { id: 'x', plotter: 'madmax', arguments: { k: 5 } }, 'invalid_config', 'arguments.k'],
      ['create', { id: 'x', plotter: 'madmax', cpus: [4000] }, 'invalid_config', 'cpus'],
      ['create', { id: 'x', plotter: 'madmax', pre_command: 'touch /tmp/x' }, 'not_allowed', 'pre_command'],
      ['create', { id: 'x', plotter: 'madmax', post_command: 'x' }, 'not_allowed', 'post_command'],
      ['create', { id: 'x', plotter: 'madmax', command: 'x' }, 'not_allowed', 'command'],
      [
        'create',
        { id: 'x', plotter: 'madmax', arguments: { extra: ['-x'] } },
        'not_allowed',
        'arguments.extra',
      ],
      [
        'create',
        { id: 'x', plotter: 'madmax', arguments: { temp_dir: '/etc' } },
        'not_allowed',
        'arguments.temp_dir',
      ],
      [
        'create',
        { id: 'x', plotter: 'madmax', arguments: { temp_dir: 'tmp/../..' } },
        'not_allowed',
        'arguments.temp_dir',
      ],
      ['create', 'no json', 'invalid_payload', null],
      ['create', '{"id":', 'invalid_payload', null],
      ['update', { id: 'mine', title: 'x' }, 'not_allowed', 'id'],
      ['update', { id: 'nobody', title: 'x' }, 'unknown_job', undefined],
      ['update', { title: 'x' }, 'invalid_payload', 'id'],
      ['delete', { id: 'mine' }, 'not_allowed', 'id'],
      ['delete', { id: 'nobody' }, 'unknown_job', undefined],
      ['delete', { id: 'new', dismis: true }, 'invalid_payload', 'dismis'],
    ] as const)
      expect([rest, payload, await request(rest, payload)]).toEqual([
        ...[rest, payload, expect.objectContaining(refused(code, path))],
      ]);
    expect(await request('delete', 'new')).toMatchObject(OK);
    expect(await request('get', 'new')).toMatchObject(refused('unknown_job'));
    expect((await request('list')).data).toMatchObject({ jobs: [{ id: 'mine' }] });
  });

  test('commands right behind a definition find what it defined', async () => {
    const { bus } = await startDaemon({ broker, config: { jobs: { mine: QUICK } } });
    const answers = await Promise.all([
      bus.command('bridge/request/job/create', { id: 'new', plotter: 'madmax', arguments: { k: 20 } }),
      bus.command('job/new/set/paused', 'ON'),
      bus.command('bridge/request/job/update', { id: 'new', title: 'Newer' }),
      bus.command('job/new/do/reset'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(bus.object('job/new')).toMatchObject({ paused: true, title: 'Newer' });
  });

  test('a job with workers is deleted only when they may be dismissed', async () => {
    const security = { allow_commands_over_mqtt: true };
    const daemon = await startDaemon({ broker, config: { security } });
    const { bus } = daemon;
    await bus.command('bridge/request/job/create', { id: 'busy', ...ENDLESS });
    await bus.command('job/busy/do/start');
    const { worker } = await bus.event('stage_started');
    expect(await bus.command('bridge/request/job/delete', { id: 'busy' })).toMatchObject(
      refused('not_allowed'),
    );
    expect(await bus.command('bridge/request/job/delete', { id: 'busy', dismiss: true })).toMatchObject(OK);
    expect(daemon.workerProcesses(worker ?? '')).toEqual([]);
    expect([...(await retainedOn(daemon.url)).keys()].filter((topic) => topic.includes('/busy'))).toEqual([]);
  });

  test('a start that lacks an argument, a directory or room is refused, and blocks the job', async () => {
    const lost = { ...QUICK, arguments: { dest_dir: 'nowhere' } };
    const huge = { ...QUICK, check_space: true, plotter: 'chia', arguments: { k: 35 } };
    const { bus } = await startDaemon({ broker, config: { jobs: { lost, huge } } });
    expect(await bus.command('job/lost/do/start')).toMatchObject(refused('missing_directory', 'dest_dir'));
    expect(bus.object('job/lost')).toMatchObject({ state: 'blocked', blocked_reason: 'missing_directory' });
    expect(await bus.command('job/huge/do/start')).toMatchObject(refused('no_space'));
    expect(bus.object('job/huge')).toMatchObject({ state: 'blocked' });
    expect(String(bus.object('job/huge').blocked_reason)).toMatch(/^(dest|temp)_full$/);
  });
});

test('without keys a start names the argument, the job and the plotter', async () => {
  const daemon: TestDaemon = await startDaemon({
    config: { defaults: { farmer_key: undefined, pool_key: undefined }, jobs: { keyless: QUICK } },
  });
  const { bus } = daemon;
  const answer = await bus.command('job/keyless/do/start');
  expect(answer).toMatchObject(refused('missing_argument', 'farmer_key'));
  for (const word of ['farmer_key', 'keyless', 'madmax']) expect(answer.error?.message).toContain(word);
  expect(bus.object('job/keyless')).toMatchObject({ state: 'blocked', blocked_reason: 'missing_argument' });
  expect(bus.events({ type: 'job_blocked' })).toMatchObject([{ reason: 'missing_argument', job: 'keyless' }]);
});
