import { appendFileSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHistory } from '../../../src/storage/history.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const about = { job: 'job', result: 'done', plot: null, ended_at: '2026-11-23T09:00:00.000Z' };
const line = (worker: string, filling = ''): string => JSON.stringify({ worker, ...about, filling });

test('lines are appended whole, for the owner alone, oldest first', () => {
  const file = join(temporaryDirectory(), 'history.jsonl');
  const history = openHistory(file);
  history.append([line('a'), line('b')]);
  history.append([]);
  history.append([line('c')]);
  expect(readFileSync(file, 'utf8')).toBe(`${line('a')}\n${line('b')}\n${line('c')}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(history.hasRecent(['a', 'b', 'c', 'd'])).toEqual(new Set(['a', 'b', 'c']));
});

test('a torn last line stays alone: the next one begins on its own, and readers pass the torn one over', () => {
  const file = join(temporaryDirectory(), 'history.jsonl');
  const history = openHistory(file);
  history.append([line('a')]);
  const torn = line('torn').slice(0, -3);
  appendFileSync(file, torn);
  history.append([line('b')]);
  appendFileSync(file, 'null\n17\n');
  expect(readFileSync(file, 'utf8')).toBe(`${line('a')}\n${torn}\n${line('b')}\nnull\n17\n`);
  expect(history.hasRecent(['a', 'torn', 'b', 'c'])).toEqual(new Set(['a', 'b']));
});

test('recent workers are looked for at the end of a long file alone', () => {
  const file = join(temporaryDirectory(), 'history.jsonl');
  const history = openHistory(file);
  expect(history.hasRecent(['old'])).toEqual(new Set());
  history.append([line('old')]);
  history.append(Array.from({ length: 600 }, (_, number) => line(`w${number}`, 'x'.repeat(500))));
  expect(history.hasRecent(['old', 'w599', 'w590', 'new'])).toEqual(new Set(['w599', 'w590']));
});

test('a file that was moved away is begun anew', () => {
  const file = join(temporaryDirectory(), 'history.jsonl');
  const history = openHistory(file);
  history.append([line('a')]);
  renameSync(file, `${file}.1`);
  history.append([line('b')]);
  expect(readFileSync(file, 'utf8')).toBe(`${line('b')}\n`);
});
