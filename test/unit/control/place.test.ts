import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  isOursAlone,
  makeRuntimeDirectory,
  SOCKET,
  SOCKET_NOTE,
  socketElsewhere,
  socketsFor,
} from '../../../src/control/place.ts';
import { temporaryDirectory } from '../../support/directory.ts';

test('a directory for the socket is made for this account alone', () => {
  const runtime = temporaryDirectory();
  const directory = makeRuntimeDirectory({ XDG_RUNTIME_DIR: runtime });
  expect(directory).toBe(join(runtime, 'plot2mqtt'));
  expect(isOursAlone(directory)).toBe(true);
});

test.each([
  ['a link', (place: string) => symlinkSync(temporaryDirectory(), place)],
  ['a file', (place: string) => writeFileSync(place, '')],
  [
    'a directory that others may enter',
    (place: string) => {
      mkdirSync(place);
      chmodSync(place, 0o755);
    },
  ],
])('%s of that name is not taken', (_, put) => {
  const runtime = temporaryDirectory();
  put(join(runtime, 'plot2mqtt'));
  const directory = makeRuntimeDirectory({ XDG_RUNTIME_DIR: runtime });
  if (directory !== `/tmp/plot2mqtt-${userInfo().uid}`)
    onTestFinished(() => rmSync(directory, { recursive: true }));
  expect(dirname(directory)).toBe('/tmp');
  expect(isOursAlone(directory)).toBe(true);
});

test('a daemon is looked for where the note says, in data_dir, and elsewhere by its mark', () => {
  const dataDir = temporaryDirectory();
  const env = { XDG_RUNTIME_DIR: temporaryDirectory() };
  const directory = makeRuntimeDirectory(env);
  const elsewhere = join(directory, socketElsewhere(dataDir, 'token'));
  writeFileSync(elsewhere, '');
  writeFileSync(join(directory, socketElsewhere('/another', 'token')), '');
  expect(socketsFor(dataDir, env)).toEqual([join(dataDir, SOCKET), elsewhere]);
  writeFileSync(join(dataDir, SOCKET_NOTE), '/run/noted.sock\n');
  writeFileSync(join(dataDir, 'daemon.token.sock'), '');
  expect(socketsFor(dataDir, env)).toEqual([
    '/run/noted.sock',
    join(dataDir, SOCKET),
    join(dataDir, 'daemon.token.sock'),
    elsewhere,
  ]);
});
