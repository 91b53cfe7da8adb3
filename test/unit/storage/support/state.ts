import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openJournal } from '../../../../src/storage/journal/journal.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { collectingLog } from './log.ts';

/** The state as the caller sees it, which all ways of loading must agree on: a list of entries. */
export function contents(dir: string) {
  const { log, errors, warnings } = collectingLog();
  const journal = openJournal(dir, { format: 'test', version: 1, log });
  const before: unknown[] = Array.isArray(journal.snapshot) ? journal.snapshot : [];
  const all = [...before, ...journal.entries];
  return { journal, all, errors, warnings };
}

/** 1 and 2 in the first generation, 3 in the second, 4 and 5 after the last snapshot. */
export function usedDirectory(): string {
  const dir = temporaryDirectory();
  const { journal } = contents(dir);
  journal.append(1);
  journal.append(2);
  journal.compact([1, 2]);
  journal.append(3);
  journal.compact([1, 2, 3]);
  journal.append(4);
  journal.append(5);
  journal.close();
  return dir;
}
export const ALL = [1, 2, 3, 4, 5];
/** Names of what was set aside. */
export const bad = (dir: string): string[] => readdirSync(dir).filter((name) => name.includes('.bad-'));

/** Whatever was repaired must hold: the same once more, then appended to, compacted and the same again. */
export function expectLasting(dir: string, expected: unknown[]): void {
  const again = contents(dir);
  expect(again.all).toEqual(expected);
  again.journal.append('more');
  again.journal.close();
  const appended = contents(dir);
  expect(appended.all).toEqual([...expected, 'more']);
  appended.journal.compact(appended.all);
  appended.journal.append('last');
  appended.journal.close();
  // And its own fallback is whole.
  writeFileSync(join(dir, 'state.json'), '{"torn":');
  const fallback = contents(dir);
  expect(fallback.all).toEqual([...expected, 'more', 'last']);
  fallback.journal.close();
}
