import { expect, test } from 'vitest';
import { jobSchema } from '../../../../src/config/schema/job.ts';
import { plotterDefinitionSchema } from '../../../../src/config/schema/plotter.ts';
import { admitJob } from '../../../../src/daemon/commands/admission.ts';

/** A plotter whose only argument is of this type. */
function plotter(type: 'string' | 'directory' | 'words') {
  const definition = plotterDefinitionSchema.parse({
    title: type,
    command: 'true',
    arguments: { scratch: { type, flag: '--scratch' } },
    stages: [{ id: '1', title: 'All' }],
    patterns: [],
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
    ]),
    defaults: {},
    directory: '/farm',
    progress_interval_ms: 0,
    holds: new Map(),
    disks: [],
    moves: new Map(),
    time_zone: 'UTC',
    allow_replot_over_mqtt: false,
  },
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
