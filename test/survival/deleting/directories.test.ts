import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';

const OLD = 'plot-k32-2021-01-01-00-00-old.plot';
const { command, ...MADMAX } = QUICK;

/** A daemon whose MQTT jobs may replot below `farm`, and a directory outside with an old plot in it. */
async function prepared(): Promise<TestDaemon> {
  const daemon = await startDaemon({
    files: {
      [`farm/plots/${OLD}`]: 'old',
      'farm/temp/x': '',
      [`outside/${OLD}`]: 'keep',
      'farm/other/x': '',
    },
    config: {
      plotters: { madmax: { command } },
      security: { allow_replot_over_mqtt: true, allowed_dirs: ['farm'] },
    },
  });
  const job = {
    ...MADMAX,
    id: 'made',
    arguments: { temp_dir: 'farm/temp', dest_dir: 'farm/plots' },
    replot: { before: '2022-01-01T00:00:00Z' },
    max_failures: 0,
  };
  expect(await daemon.bus.command('bridge/request/job/create', job)).toMatchObject({ status: 'ok' });
  return daemon;
}

/** Puts a link to the directory outside in the place of one that was allowed. */
function swap(daemon: TestDaemon, name: string): void {
  renameSync(daemon.path('farm', name), daemon.path('farm', `${name}-before`));
  symlinkSync(daemon.path('outside'), daemon.path('farm', name));
}

test.for(['plots', 'temp'])(
  'a job over MQTT whose %s was swapped for a link starts nothing',
  async (name) => {
    const daemon = await prepared();
    const { bus } = daemon;
    swap(daemon, name);
    expect(await bus.command('job/made/do/start')).toMatchObject({
      status: 'error',
      error: { code: 'not_allowed', message: expect.stringContaining(daemon.path('farm', name)) },
    });
    await bus.message('job/made/blocked_reason', (text) => text === 'missing_directory');
    expect(readdirSync(daemon.path('outside'))).toEqual([OLD]);
  },
);

test.for(['plots', 'temp'])('a %s that is swapped while the pre-command runs is not used', async (name) => {
  const daemon = await prepared();
  const { bus } = daemon;
  await daemon.stop();
  await daemon.configure({
    plotters: { madmax: { command } },
    security: { allow_replot_over_mqtt: true, allow_commands_over_mqtt: true, allowed_dirs: ['farm'] },
  });
  await daemon.start();
  const pre_command = `mv farm/${name} farm/before && ln -s ../outside farm/${name}`;
  await bus.command('bridge/request/job/update', { id: 'made', pre_command });
  await bus.command('job/made/do/start');
  const { error } = await bus.event('worker_failed');
  expect(error).toContain(daemon.path('farm', name));
  expect(readdirSync(daemon.path('outside'))).toEqual([OLD]);
  if (name === 'plots') expect(bus.events({ type: 'replot_removed' })).toEqual([]);
});

test('a directory above one is swapped as well', async () => {
  const daemon = await prepared();
  const { bus } = daemon;
  mkdirSync(daemon.path('outside', 'plots'));
  mkdirSync(daemon.path('outside', 'temp'));
  writeFileSync(daemon.path('outside', 'plots', OLD), 'keep');
  const deep = { temp_dir: 'farm/other/temp', dest_dir: 'farm/other/plots' };
  for (const each of ['temp', 'plots']) mkdirSync(daemon.path('farm', 'other', each));
  await bus.command('bridge/request/job/update', { id: 'made', arguments: deep });
  swap(daemon, 'other');
  expect(await bus.command('job/made/do/start')).toMatchObject({ error: { code: 'not_allowed' } });
  expect(readdirSync(daemon.path('outside', 'plots'))).toEqual([OLD]);
});
