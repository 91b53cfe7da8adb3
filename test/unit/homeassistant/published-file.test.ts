import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { PublishedFile } from '../../../src/homeassistant/published-file.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { collectingLog } from '../storage/support/log.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('what could not be written down is written as soon as its disk takes it, and said once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const file = join(temporaryDirectory(), 'homeassistant.json');
  const { log, errors } = collectingLog();
  const published = new PublishedFile(file, log);
  // Nothing can be put in the place of a directory.
  mkdirSync(file);
  published.write('maker', [['topic', { key: 'sensor' }]], [], { '/mnt/farm': 20_000 });
  vi.advanceTimersByTime(60_000);
  expect(errors).toHaveLength(1);
  rmdirSync(file);
  vi.advanceTimersByTime(30_000);
  expect(readFileSync(file, 'utf8')).toContain('topic');
  const read = new PublishedFile(file, log).read();
  expect(read.documents).toEqual(new Map([['topic', { key: 'sensor' }]]));
  expect(read.fileSystems).toEqual({ '/mnt/farm': 20_000 });
});
