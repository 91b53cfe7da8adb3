import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeRecord } from '../../../src/storage/record.ts';
import { StateTooNewError } from '../../../src/storage/snapshot.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { ALL, bad, contents, expectLasting, usedDirectory } from './support/state.ts';

describe('a state file that cannot be used is set aside, and the one before it leads to the same state', () => {
  test.each([
    ['torn', '{"format":"test","version":1,"gener'],
    ['empty', ''],
    ['foreign JSON', '{"hello":"world"}'],
    ['another program', '{"format":"other","version":1,"generation":2,"saved_at":"","state":[]}'],
    ['of a wrong shape', '{"format":"test","version":1,"generation":"two","saved_at":"","state":[]}'],
    ['without a state', '{"format":"test","version":1,"generation":2,"saved_at":""}'],
    ['binary', '\0\0\0\0'],
  ])('%s', (_, text) => {
    const dir = usedDirectory();
    writeFileSync(join(dir, 'state.json'), text);
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual(ALL);
    const [aside = ''] = bad(dir);
    expect(readFileSync(join(dir, aside), 'utf8')).toBe(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(join(dir, 'state.json'));
    expect(errors[0]).toContain(aside);
    expect(errors[0]).toContain(join(dir, 'state.previous.json'));
    expectLasting(dir, ALL);
  });

  test('missing', () => {
    const dir = usedDirectory();
    rmSync(join(dir, 'state.json'));
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual(ALL);
    expect(errors.join()).toContain('state.json is missing');
    expectLasting(dir, ALL);
  });

  test('the first one ever: what came before was empty', () => {
    const dir = temporaryDirectory();
    const { journal } = contents(dir);
    journal.append(1);
    journal.compact([1]);
    journal.append(2);
    journal.close();
    writeFileSync(join(dir, 'state.json'), 'torn');
    const after = contents(dir);
    after.journal.close();
    expect(after.all).toEqual([1, 2]);
    expectLasting(dir, [1, 2]);
  });
});

test('with neither state file nothing is guessed: all is set aside and told', () => {
  const dir = usedDirectory();
  writeFileSync(join(dir, 'state.json'), 'torn');
  rmSync(join(dir, 'state.previous.json'));
  const { journal, all, errors } = contents(dir);
  journal.close();
  expect(all).toEqual([]);
  expect(
    bad(dir)
      .map((name) => name.split('.bad-')[0])
      .sort(),
  ).toEqual(['journal.1.jsonl', 'journal.2.jsonl', 'state.json']);
  expect(errors).toHaveLength(4);
  expectLasting(dir, []);
});

test('a previous file that is missing is made anew by the next snapshot', () => {
  const dir = usedDirectory();
  rmSync(join(dir, 'state.previous.json'));
  const { journal, all, errors } = contents(dir);
  journal.close();
  expect(all).toEqual(ALL);
  expect(errors).toEqual([]);
  expectLasting(dir, ALL);
});

test('an old state file put back is used alone, and the journals that do not follow it are set aside', () => {
  const dir = temporaryDirectory();
  const { journal } = contents(dir);
  journal.append(1);
  journal.compact([1]);
  copyFileSync(join(dir, 'state.json'), join(dir, 'backup'));
  for (const number of [2, 3, 4]) {
    journal.append(number);
    journal.compact([1, number]);
  }
  journal.append(5);
  journal.close();
  copyFileSync(join(dir, 'backup'), join(dir, 'state.json'));
  const after = contents(dir);
  after.journal.close();
  expect(after.all).toEqual([1]);
  expect(after.errors.join()).toContain('journal.1.jsonl is missing');
  expect(bad(dir).map((name) => name.split('.bad-')[0])).toContain('journal.4.jsonl');
  expectLasting(dir, [1]);
});

describe('a newer version', () => {
  test.each(['state.json', 'journal.2.jsonl'])('in %s is refused, and nothing is touched', (name) => {
    const dir = usedDirectory();
    if (name === 'state.json') writeFileSync(join(dir, name), '{"format":"test","version":9,"shape":"new"}');
    else appendFileSync(join(dir, name), encodeRecord({ version: 9, number: 3, entry: 'new' }));
    appendFileSync(join(dir, 'journal.2.jsonl'), '{"crc":"torn');
    const before = listing(dir);
    expect(() => contents(dir)).toThrow(StateTooNewError);
    expect(() => contents(dir)).toThrow(/state version 9, this one knows up to 1/);
    expect(listing(dir)).toEqual(before);
  });
});

function listing(dir: string): [string, string][] {
  return readdirSync(dir)
    .sort()
    .map((name) => [name, readFileSync(join(dir, name), 'utf8')]);
}

describe('a journal', () => {
  const last = 'journal.2.jsonl';

  test('torn at any byte of its last line loses that line alone, without a word', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    const whole = readFileSync(file);
    const start = whole.indexOf('\n') + 1;
    for (let length = start; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      const { journal, all, errors, warnings } = contents(dir);
      journal.append('next');
      journal.close();
      expect([length, all, errors, warnings]).toEqual([length, [1, 2, 3, 4], [], []]);
      const after = contents(dir);
      after.journal.close();
      expect([length, after.all]).toEqual([length, [1, 2, 3, 4, 'next']]);
    }
  });

  test('with a damaged line in the middle ends there, loudly, and a copy is kept', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"entry":4', '"entry":7'));
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual([1, 2, 3]);
    expect(errors.join()).toContain(`${file} is damaged from line 1 on`);
    const [copy = ''] = bad(dir);
    expect(readFileSync(join(dir, copy), 'utf8')).toContain('"entry":7');
    expectLasting(dir, [1, 2, 3]);
  });

  test('with a whole line missing in the middle ends there', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(1).join('\n'));
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual([1, 2, 3]);
    expect(errors).toHaveLength(1);
  });

  test('goes on after the torn part of a write that failed and could not be cut off', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    appendFileSync(file, encodeRecord({ version: 1, number: 3, entry: 'failed' }).subarray(0, 20));
    appendFileSync(file, '\n');
    appendFileSync(file, encodeRecord({ version: 1, number: 3, entry: 6 }));
    const { journal, all, errors, warnings } = contents(dir);
    journal.close();
    expect(all).toEqual([...ALL, 6]);
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
    expectLasting(dir, [...ALL, 6]);
  });

  test('damaged before the last generation: nothing after the damage is replayed on a wrong state', () => {
    const dir = usedDirectory();
    writeFileSync(join(dir, 'state.json'), 'torn');
    writeFileSync(join(dir, 'journal.1.jsonl'), 'damage\n');
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual([1, 2]);
    expect(errors).toHaveLength(3);
    expectLasting(dir, [1, 2]);
  });

  test('that is missing is told', () => {
    const dir = usedDirectory();
    rmSync(join(dir, last));
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual([1, 2, 3]);
    expect(errors.join()).toContain(`${last} is missing`);
  });

  test('of zeros, as after a loss of power, is dropped', () => {
    const dir = usedDirectory();
    truncateSync(join(dir, last), statSync(join(dir, last)).size + 4096);
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual(ALL);
    expect(errors).toEqual([]);
    expectLasting(dir, ALL);
  });
});
