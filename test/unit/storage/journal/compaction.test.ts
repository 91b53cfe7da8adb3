import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALL, contents, expectLasting, usedDirectory } from '../support/state.ts';

describe('a crash between the steps of a compaction loses nothing', () => {
  const at = (dir: string, name: string): string => join(dir, name);
  const newState = '{"format":"test","version":1,"generation":3,"saved_at":"","state":[1,2,3,4,5]}\n';
  /** The steps in their order; each case has done all up to one of them. */
  const steps: [string, (dir: string) => void][] = [
    ['the next journal is made', (dir) => writeFileSync(at(dir, 'journal.3.jsonl'), '')],
    [
      'half of the new state is written',
      (dir) => writeFileSync(at(dir, 'state.json.tmp'), newState.slice(0, 30)),
    ],
    ['all of it is', (dir) => writeFileSync(at(dir, 'state.json.tmp'), newState)],
    [
      'the old one has a second name',
      (dir) => linkSync(at(dir, 'state.json'), at(dir, 'state.previous.json.tmp')),
    ],
    [
      'which is the previous one now',
      (dir) => {
        rmSync(at(dir, 'state.previous.json'));
        linkSync(at(dir, 'state.json'), at(dir, 'state.previous.json'));
        rmSync(at(dir, 'state.previous.json.tmp'));
      },
    ],
    [
      'the new one is in place',
      (dir) => {
        rmSync(at(dir, 'state.json'));
        rmSync(at(dir, 'state.json.tmp'));
        writeFileSync(at(dir, 'state.json'), newState);
      },
    ],
    ['the oldest journal is gone', (dir) => rmSync(at(dir, 'journal.1.jsonl'))],
  ];

  test.each(steps.map(([name], index) => [name, index] as const))('%s', (_, index) => {
    const dir = usedDirectory();
    for (const [, step] of steps.slice(0, index + 1)) step(dir);
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual(ALL);
    expect(errors).toEqual([]);
    expectLasting(dir, ALL);
  });

  test.each(steps.map(([name], index) => [name, index] as const))(
    '%s, and then the state file is torn',
    (_, index) => {
      const dir = usedDirectory();
      for (const [, step] of steps.slice(0, index + 1)) step(dir);
      rmSync(at(dir, 'state.json'));
      writeFileSync(at(dir, 'state.json'), 'torn');
      const { journal, all } = contents(dir);
      journal.close();
      expect(all).toEqual(ALL);
      expectLasting(dir, ALL);
    },
  );
});
