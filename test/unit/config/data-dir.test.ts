import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDataDir } from '../../../src/config/data-dir.ts';
import { temporaryDirectory } from '../../support/directory.ts';

function written(text: string): { dir: string; file: string } {
  const dir = temporaryDirectory();
  const file = join(dir, 'config.yaml');
  writeFileSync(file, text);
  return { dir, file };
}

test.each([
  ['data_dir: /srv/state', '/srv/state'],
  ['data_dir: ~/state', join(homedir(), 'state')],
  ['data_dir: 7', null],
  [`data_dir: "\${PLACE}/state"`, '/place/state'],
  [`mqtt: { password: "\${NOT_SET}" }\ndata_dir: /srv/state`, '/srv/state'],
  ['mqtt: { password: !secret nowhere }\ndata_dir: /srv/state', '/srv/state'],
  ['unknown: [1\ndata_dir: /srv/state', undefined],
  ['jobs: { x: { plotter: nonsense } }\ndata_dir: /srv/state', '/srv/state'],
])('of %j it needs no more than data_dir', async (text, expected) => {
  const { dir, file } = written(text);
  const found = await readDataDir(file, { PLACE: '/place' });
  if (expected === undefined) expect(found.kind).not.toBe('problem');
  else expect(found).toEqual({ kind: 'set', dataDir: expected ?? join(dir, '7'), secrets: [] });
});

test('a secret in it is known as one', async () => {
  const { dir, file } = written('data_dir: !secret place');
  writeFileSync(join(dir, 'secrets.yaml'), 'place: hidden-place');
  expect(await readDataDir(file, {})).toEqual({
    kind: 'set',
    dataDir: join(dir, 'hidden-place'),
    secrets: ['hidden-place'],
  });
});

test('what data_dir itself needs and is not there is told', async () => {
  const { file } = written(`data_dir: "\${NOT_SET}"`);
  expect(await readDataDir(file, {})).toEqual({
    kind: 'problem',
    message: `${file}: data_dir: the environment variable NOT_SET is not set`,
  });
  expect(await readDataDir('/nowhere/config.yaml', {})).toMatchObject({
    kind: 'problem',
    message: 'there is no configuration at /nowhere/config.yaml',
  });
});

test('where none is set, it is where a daemon of this configuration can be', async () => {
  const { dir, file } = written('jobs: {}');
  const usual = [join(dir, 'data'), '/var/lib/plot2mqtt', join(homedir(), '.local/state/plot2mqtt')];
  expect(await readDataDir(file, {})).toEqual({ kind: 'default', dataDirs: usual });
  expect(await readDataDir(file, { STATE_DIRECTORY: '/data' })).toEqual({
    kind: 'default',
    dataDirs: ['/data', ...usual],
  });
});
