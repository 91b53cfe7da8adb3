import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  readOwnedDirectories,
  writeOwnedDirectories,
} from '../../../../src/daemon/worker-directory/owned-directories.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

const OWNED = { temp_dirs: [{ path: '/tmp/plot2mqtt-one', ino: '42' }] };

it('what a worker made is read as it was written, and nothing where nothing was', () => {
  const own = temporaryDirectory();
  expect(readOwnedDirectories(own)).toBe(null);
  writeOwnedDirectories(own, OWNED);
  expect(readOwnedDirectories(own)).toEqual(OWNED);
});

it('a path that was damaged on the disk is no directory of the worker', () => {
  const own = temporaryDirectory();
  writeOwnedDirectories(own, OWNED);
  const file = join(own, 'own.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('plot2mqtt-one', 'plot2mqtt-two'));
  expect(readOwnedDirectories(own)).toBe(null);
});
