import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Journal, openJournal } from '../../../../src/storage/journal/journal.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { collectingLog } from '../support/log.ts';

const { log } = collectingLog();
const open = (dir: string, version = 1): Journal => openJournal(dir, { format: 'test', version, log });

test('nothing there is a fresh start without a word', () => {
  const told = collectingLog();
  const journal = openJournal(join(temporaryDirectory(), 'new'), {
    format: 'test',
    version: 1,
    log: told.log,
  });
  expect(journal.snapshot).toBeNull();
  expect(journal.entries).toEqual([]);
  expect(journal.size()).toBe(0);
  expect(journal.snapshotSize()).toBe(0);
  expect([...told.errors, ...told.warnings]).toEqual([]);
  journal.close();
});

test('entries come back in order, over restarts and snapshots', () => {
  const dir = temporaryDirectory();
  const first = open(dir);
  first.append({ a: 'ünïcode\n"quoted"' });
  first.append([1, null], { flush: true });
  first.close();

  const second = open(dir);
  expect(second.snapshot).toBeNull();
  expect(second.entries).toEqual([{ a: 'ünïcode\n"quoted"' }, [1, null]]);
  second.append('third');
  expect(second.size()).toBe(statSync(join(dir, 'journal.0.jsonl')).size);
  second.compact({ state: 3 });
  expect(second.size()).toBe(0);
  expect(second.snapshotSize()).toBe(statSync(join(dir, 'state.json')).size);
  second.append('fourth');
  second.close();

  const third = open(dir);
  expect(third.snapshot).toEqual({ state: 3 });
  expect(third.entries).toEqual(['fourth']);
  third.close();
});

test('a journal is JSON lines, and the state file names its format, version and generation', () => {
  const dir = temporaryDirectory();
  const journal = openJournal(dir, {
    format: 'test',
    version: 4,
    log,
    now: () => new Date('2026-01-02T03:04:05Z'),
  });
  journal.append('before');
  journal.compact({ jobs: [] });
  journal.append({ type: 'worker_end' });
  journal.close();
  expect(JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8'))).toEqual({
    crc: expect.stringMatching(/^[0-9a-f]{8}$/),
    format: 'test',
    version: 4,
    generation: 1,
    saved_at: '2026-01-02T03:04:05.000Z',
    state: { jobs: [] },
  });
  expect(JSON.parse(readFileSync(join(dir, 'journal.1.jsonl'), 'utf8'))).toMatchObject({
    v: 4,
    g: 1,
    n: 1,
    entry: { type: 'worker_end' },
  });
});

test('only two generations of journals stay, however often it is compacted', () => {
  const dir = temporaryDirectory();
  const journal = open(dir);
  for (let number = 1; number <= 5; number++) {
    journal.append(number);
    journal.compact(number);
  }
  journal.close();
  expect(readdirSync(dir).sort()).toEqual([
    'journal.4.jsonl',
    'journal.5.jsonl',
    'journal.end',
    'state.json',
    'state.previous.json',
  ]);
});

test('all is for its owner alone, also where it was looser', () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'journal.0.jsonl'), '', { mode: 0o644 });
  const journal = openJournal(join(dir), { format: 'test', version: 1, log });
  journal.compact(1);
  journal.compact(2);
  journal.close();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(dir))
    expect([name, statSync(join(dir, name)).mode & 0o777]).toEqual([name, 0o600]);
});

test('what JSON cannot hold is refused and leaves no trace', () => {
  const dir = temporaryDirectory();
  const journal = open(dir);
  expect(() => journal.append(undefined)).toThrow(TypeError);
  expect(() => journal.compact(undefined)).toThrow(TypeError);
  journal.append(1);
  journal.close();
  expect(open(dir).entries).toEqual([1]);
});

test('an entry longer than the chunks that are read, and many of them', () => {
  const dir = temporaryDirectory();
  const journal = open(dir);
  const long = 'é'.repeat(1_500_000);
  const many = Array.from({ length: 3_000 }, (_, number) => ({ number, filling: 'y'.repeat(500) }));
  journal.append(long);
  for (const entry of many) journal.append(entry);
  journal.close();
  expect(open(dir).entries).toEqual([long, ...many]);
});

test('an older state is migrated step by step, its entries too, and newer entries are left alone', () => {
  const dir = temporaryDirectory();
  const old = open(dir, 1);
  old.compact(['one']);
  old.append('entry of 1');
  old.close();
  const steps = {
    migrate: { 1: (state: unknown) => [state, 'two'], 2: (state: unknown) => [state, 'three'] },
    migrateEntry: { 2: (entry: unknown) => ({ was: entry }) },
  };
  const today = openJournal(dir, { format: 'test', version: 3, log, ...steps });
  expect(today.snapshot).toEqual([[['one'], 'two'], 'three']);
  expect(today.entries).toEqual([{ was: 'entry of 1' }]);
  today.append('entry of 3');
  today.close();
  const again = openJournal(dir, { format: 'test', version: 3, log, ...steps });
  expect(again.snapshot).toEqual([[['one'], 'two'], 'three']);
  expect(again.entries).toEqual([{ was: 'entry of 1' }, 'entry of 3']);
  again.close();
  expect(() => openJournal(dir, { format: 'test', version: 3, log })).toThrow(
    'no migration of test from version 1',
  );
});
