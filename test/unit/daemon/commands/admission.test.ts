import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jobSchema } from '../../../../src/config/schema/job.ts';
import { plotterDefinitionSchema } from '../../../../src/config/schema/plotter.ts';
import { admitJob } from '../../../../src/daemon/commands/admission.ts';
import { outsideOf } from '../../../../src/daemon/commands/allowed-directories.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

/** A plotter whose only argument is of this type. */
function plotter(type: 'string' | 'directory' | 'words', role: 'temp' | null = null) {
  const definition = plotterDefinitionSchema.parse({
    title: type,
    command: 'true',
    arguments: { scratch: { type, flag: '--scratch', ...(role === null ? {} : { role }) } },
    stages: [{ id: '1', title: 'All' }],
    patterns: [],
  });
  return { definition, arguments: {}, command: 'true' };
}

/** A plotter that may send its plots to another host. */
function sender() {
  const definition = plotterDefinitionSchema.parse({
    ...{ title: 'Sender', command: 'true', stages: [{ id: '1', title: 'All' }], patterns: [] },
    arguments: { out: { type: 'directory', role: 'destination', remote: '@' } },
  });
  return { definition, arguments: {}, command: 'true' };
}

const CONTEXT = {
  security: { allow_replot_over_mqtt: false, allow_commands_over_mqtt: false, allowed_dirs: ['/farm'] },
  settings: {
    plotters: new Map([
      ['naming', plotter('string')],
      ['filling', plotter('directory')],
      ['passing', plotter('words')],
      ['choosing', plotter('directory', 'temp')],
    ]),
    defaults: {},
    directory: '/farm',
    progress_interval_ms: 0,
    holds: new Map(),
    disks: [],
    moves: new Map(),
    time_zone: 'UTC',
    limits: new Map(),
    allow_replot_over_mqtt: false,
  },
  baseTopic: 'plot2mqtt',
  ownDirectories: [],
};

test('another plotter, which takes an old argument for a directory, is held to the allowed ones too', async () => {
  const job = jobSchema.parse({ plotter: 'naming', arguments: { scratch: '/etc' } });
  expect(await admitJob('a', { plotter: 'filling' }, job, CONTEXT)).toMatchObject({
    ok: false,
    error: { code: 'not_allowed', path: 'arguments.scratch', message: expect.stringContaining('/etc') },
  });
  expect(await admitJob('a', { title: 'Renamed' }, job, CONTEXT)).toMatchObject({ ok: true });
});

test('plots may leave this machine over MQTT only for where config.yaml says', async () => {
  const settings = { ...CONTEXT.settings, plotters: new Map([['sending', sender()]]) };
  const admit = (out: string, allowed_dirs: string[]) =>
    admitJob('a', { plotter: 'sending', arguments: { out } }, null, {
      ...{ ...CONTEXT, settings, ownDirectories: ['/farm', '@home'] },
      security: { ...CONTEXT.security, allowed_dirs },
    });
  const refused = (path: string) => ({
    ok: false,
    error: { code: 'not_allowed', path: 'arguments.out', message: expect.stringContaining(path) },
  });
  expect(await admit('@home', [])).toMatchObject({ ok: true });
  expect(await admit('@elsewhere', [])).toMatchObject(refused('@elsewhere'));
  expect(await admit('@home', ['/farm'])).toMatchObject(refused('@home'));
  expect(await admit('/etc', [])).toMatchObject(refused('/etc'));
});

test('words are refused under whatever name a plotter takes them', async () => {
  const fields = { plotter: 'passing', arguments: { scratch: ['--anything'] } };
  expect(await admitJob('a', fields, null, CONTEXT)).toMatchObject({
    ok: false,
    error: {
      code: 'not_allowed',
      path: 'arguments.scratch',
      message: expect.stringContaining('security.allow_commands_over_mqtt'),
    },
  });
});

test('replotting is refused unless config.yaml allows it, and a time to come always', async () => {
  const job = { plotter: 'naming', replot: { before: '2022-01-01T00:00:00Z' } };
  const refused = { ok: false, error: { code: 'not_allowed', path: 'replot' } };
  expect(await admitJob('a', job, null, CONTEXT)).toMatchObject(refused);
  expect(await admitJob('a', { ...job, replot: 'junk' }, null, CONTEXT)).toMatchObject(refused);
  expect(await admitJob('a', { replot: null }, jobSchema.parse(job), CONTEXT)).toMatchObject({ ok: true });
  const allowing = { ...CONTEXT, security: { ...CONTEXT.security, allow_replot_over_mqtt: true } };
  expect(await admitJob('a', job, null, allowing)).toMatchObject({ ok: true });
  const future = { ...job, replot: { before: '2099-01-01T00:00:00Z' } };
  expect(await admitJob('a', future, null, allowing)).toMatchObject({
    ok: false,
    error: { code: 'invalid_config', path: 'replot.before' },
  });
});

test('a named event is fired at any other daemon, not at this one', async () => {
  const job = (at: string) => ({ plotter: 'naming', events: [{ fire: 'next', at, on: 'worker_end' }] });
  expect(await admitJob('a', job('rig2'), null, CONTEXT)).toMatchObject({ ok: true });
  for (const at of ['plot2mqtt', 'plot2mqtt/job/a', 'rig/+'])
    expect(await admitJob('a', job(at), null, CONTEXT)).toMatchObject({
      ok: false,
      error: { code: 'invalid_config', path: 'events.0.at' },
    });
});

test('directories of a rule of replotting are held to the allowed ones, patterns too', async () => {
  const root = temporaryDirectory();
  for (const name of ['farm/plots', 'farm/other', 'outside'])
    mkdirSync(join(root, name), { recursive: true });
  symlinkSync('../outside', join(root, 'farm', 'link'));
  const context = {
    ...CONTEXT,
    settings: { ...CONTEXT.settings, directory: join(root, 'farm') },
    security: { ...CONTEXT.security, allow_replot_over_mqtt: true, allowed_dirs: [join(root, 'farm')] },
  };
  const admitted = (...dirs: string[]) =>
    admitJob('a', { plotter: 'naming', replot: { before: '2022-01-01T00:00:00Z', dirs } }, null, context);
  for (const dirs of [['plots'], [join(root, 'farm', '*t*er')], ['none', 'none*'], ['plots', 'other']])
    expect(await admitted(...dirs)).toMatchObject({ ok: true });
  for (const dirs of [
    ['/'],
    ['/*'],
    ['plots', join(root, 'outside')],
    ['../out*'],
    ['link'],
    ['l*'],
    ['/no*/x'],
  ])
    expect(await admitted(...dirs)).toMatchObject({
      ok: false,
      error: { code: 'not_allowed', path: 'replot.dirs' },
    });
});

test('what answers show in place of a secret is refused wherever it stands, with its place', async () => {
  const refused = async (fields: Record<string, unknown>) => {
    const admitted = await admitJob('a', { plotter: 'naming', ...fields }, null, CONTEXT);
    return admitted.ok ? null : [admitted.error.code, admitted.error.path];
  };
  expect(await refused({ title: '***' })).toEqual(['invalid_config', 'title']);
  expect(await refused({ arguments: { scratch: '/mnt/***/x' } })).toEqual([
    'invalid_config',
    'arguments.scratch',
  ]);
  expect(await refused({ arguments: { scratch: ['a', '***'] } })).toEqual([
    'invalid_config',
    'arguments.scratch.1',
  ]);
  expect(await refused({ title: 'two ** stars' })).toBe(null);
});

test.each<[string, unknown, string | null]>([
  ['a pattern that config.yaml names', '/mnt/farm*/plots', null],
  ['one directory that it means', '/mnt/farm7/plots', null],
  ['inside of what it means', ['/mnt/farm1/plots/*', '/mnt/farm2/plots/a'], null],
  ['a pattern in an allowed directory', '/farm/*/plots', null],
  ['a pattern in another one', '/etc/*', '/etc/*'],
  ['a pattern that means more', '/mnt/*/plots', '/mnt/*/plots'],
  ['one of a list', ['/farm/a', '/mnt/other/plots'], '/mnt/other/plots'],
  ['a way out of a pattern', '/mnt/farm1/plots/../../secret', '/mnt/farm1/plots/../../secret'],
])('directories over MQTT: %s', async (_what, scratch, outside) => {
  const context = {
    ...CONTEXT,
    security: { ...CONTEXT.security, allowed_dirs: ['/farm', '/mnt/farm*/plots'] },
  };
  const admitted = await admitJob('a', { plotter: 'choosing', arguments: { scratch } }, null, context);
  expect(admitted.ok ? null : admitted.error).toEqual(
    outside === null
      ? null
      : {
          code: 'not_allowed',
          path: 'arguments.scratch',
          message: expect.stringMatching(/^\/(etc|mnt)\/\S+ is, or leads, outside/),
        },
  );
});

test('what a pattern of config.yaml means counts with links resolved', async () => {
  const dir = realpathSync(temporaryDirectory());
  for (const name of ['farm1/plots', 'farm2', 'elsewhere']) mkdirSync(join(dir, name), { recursive: true });
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'farm2/plots'));
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'farm1/plots/out'));
  const allowance = {
    security: { ...CONTEXT.security, allowed_dirs: [] },
    ownDirectories: [join(dir, 'farm*/plots')],
  };
  const outside = async (name: string) => (await outsideOf(allowance, [join(dir, name)])).size > 0;
  // The operator's own link leads where it leads; one inside it, which others may have made, does not.
  expect(await outside('farm1/plots')).toBe(false);
  expect(await outside('farm2/plots')).toBe(false);
  expect(await outside('farm1/plots/out')).toBe(true);
  expect(await outside('farm3')).toBe(true);
});

test('several plots in a run of a plotter that makes one are refused, by creation and update alike', async () => {
  const refused = {
    code: 'invalid_config',
    path: 'plots_per_run',
    message: expect.stringContaining("'naming'"),
  };
  const fields = { plotter: 'naming', arguments: {}, plots_per_run: 2 };
  expect(await admitJob('a', fields, null, CONTEXT)).toMatchObject({ ok: false, error: refused });
  const job = jobSchema.parse({ plotter: 'naming' });
  expect(await admitJob('a', { plots_per_run: 2 }, job, CONTEXT)).toMatchObject({
    ok: false,
    error: refused,
  });
  expect(await admitJob('a', { plots_per_run: null }, job, CONTEXT)).toMatchObject({ ok: true });
});
