import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeRecord } from '../../../../src/storage/journal/record.ts';
import { sealed } from '../../../../src/storage/sealed.ts';
import { StateTooNewError } from '../../../../src/storage/journal/snapshot.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { ALL, bad, contents, expectLasting, usedDirectory } from '../support/state.ts';

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

test('with neither state file what the journals have left is used, and told', () => {
  const dir = usedDirectory();
  writeFileSync(join(dir, 'state.json'), 'torn');
  rmSync(join(dir, 'state.previous.json'));
  const { journal, all, errors } = contents(dir);
  journal.close();
  expect(all).toEqual([3, 4, 5]);
  expect(journal.lost).toBe(true);
  expect(bad(dir).map((name) => name.split('.bad-')[0])).toEqual(['state.json']);
  expect(errors.join()).toContain('journal.0.jsonl is missing');
  expect(journal.problems).toEqual(errors);
  expectLasting(dir, [3, 4, 5]);
});

describe('a single flipped bit', () => {
  test.each(['state.json', 'state.previous.json', 'journal.1.jsonl', 'journal.2.jsonl'])(
    'anywhere in %s is never believed',
    (name) => {
      const dir = usedDirectory();
      const whole = readFileSync(join(dir, name));
      for (let bit = 0; bit < whole.length * 8; bit += 5) {
        const copy = join(temporaryDirectory(), 'copy');
        cpSync(dir, copy, { recursive: true });
        const flipped = Buffer.from(whole);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        writeFileSync(join(copy, name), flipped);
        const { journal, all } = contents(copy);
        journal.close();
        expect(ALL).toEqual(expect.arrayContaining(all));
        expect([bit, journal.lost]).toEqual([bit, all.length < ALL.length]);
        if (!name.startsWith('journal.2')) expect([bit, all]).toEqual([bit, ALL]);
      }
    },
  );
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

test('an old state file put back is set aside: the one before the last and its journals are newer', () => {
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
  expect(after.all).toEqual([1, 3, 4, 5]);
  expect(after.journal.lost).toBe(false);
  expect(after.errors.join()).toContain('it is older than');
  expect(bad(dir).map((name) => name.split('.bad-')[0])).toEqual(['state.json']);
  expectLasting(dir, [1, 3, 4, 5]);
});

test('another journal in the place of one is none of its generation', () => {
  const dir = usedDirectory();
  copyFileSync(join(dir, 'journal.1.jsonl'), join(dir, 'journal.2.jsonl'));
  const { journal, all, errors } = contents(dir);
  journal.close();
  expect(all).toEqual([1, 2, 3]);
  expect(journal.lost).toBe(true);
  expect(errors.join()).toContain('is damaged from line 1 on');
});

test('what is set aside is bounded, and the same damage is kept once', () => {
  const dir = usedDirectory();
  const file = join(dir, 'journal.2.jsonl');
  const text = readFileSync(file, 'utf8');
  for (let time = 0; time < 5; time += 1) {
    writeFileSync(file, text.replace('"entry":4', '"entry":7'));
    contents(dir).journal.close();
  }
  expect(bad(dir)).toHaveLength(1);
  for (let time = 0; time < 20; time += 1) {
    writeFileSync(file, text.replace('"entry":4', `"entry":${time + 10}`));
    contents(dir).journal.close();
  }
  expect(bad(dir)).toHaveLength(8);
});

describe('a newer version', () => {
  test.each(['state.json', 'journal.2.jsonl'])('in %s is refused, and nothing is touched', (name) => {
    const dir = usedDirectory();
    if (name === 'state.json')
      writeFileSync(join(dir, name), sealed({ format: 'test', version: 9, shape: 'new' }));
    else
      appendFileSync(join(dir, name), encodeRecord({ version: 9, generation: 2, number: 3, entry: 'new' }));
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

  test('torn at any byte of its last line loses that line alone, and says so', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    const whole = readFileSync(file);
    const start = whole.indexOf('\n') + 1;
    for (let length = start; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      const { journal, all, errors, warnings } = contents(dir);
      journal.append('next');
      journal.close();
      expect([length, all, warnings]).toEqual([length, [1, 2, 3, 4], []]);
      expect(errors.join()).toContain('the last 1 records are missing');
      expect(journal.lost).toBe(true);
      const after = contents(dir);
      after.journal.close();
      expect([length, after.all]).toEqual([length, [1, 2, 3, 4, 'next']]);
    }
  });

  test('with a damaged line in the middle loses that line alone, loudly, and a copy is kept', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"entry":4', '"entry":7'));
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual([1, 2, 3, 5]);
    expect(journal.lost).toBe(true);
    expect(errors.join()).toContain(`${file} is damaged from line 1 on`);
    const [copy = ''] = bad(dir);
    expect(readFileSync(join(dir, copy), 'utf8')).toContain('"entry":7');
    expectLasting(dir, [1, 2, 3, 5]);
  });

  test('with a whole line missing in the middle goes on behind it', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(1).join('\n'));
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual([1, 2, 3, 5]);
    expect(errors).toHaveLength(1);
  });

  test('goes on after the torn part of a write that failed and could not be cut off', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    appendFileSync(
      file,
      encodeRecord({ version: 1, generation: 2, number: 3, entry: 'failed' }).subarray(0, 20),
    );
    appendFileSync(file, '\n');
    appendFileSync(file, encodeRecord({ version: 1, generation: 2, number: 3, entry: 6 }));
    const { journal, all, errors, warnings } = contents(dir);
    journal.close();
    expect(all).toEqual([...ALL, 6]);
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
    expectLasting(dir, [...ALL, 6]);
  });

  test('damaged before the last generation: what comes after it says how things are', () => {
    const dir = usedDirectory();
    writeFileSync(join(dir, 'state.json'), 'torn');
    writeFileSync(join(dir, 'journal.1.jsonl'), 'damage\n');
    const { journal, all, errors } = contents(dir);
    journal.close();
    expect(all).toEqual([1, 2, 4, 5]);
    expect(errors).toHaveLength(3);
    expectLasting(dir, [1, 2, 4, 5]);
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

  test('torn by a kill in the middle of a write lost nothing that was told', () => {
    const dir = usedDirectory();
    const file = join(dir, last);
    const record = encodeRecord({ version: 1, generation: 2, number: 3, entry: 'x'.repeat(9000) });
    appendFileSync(file, record.subarray(0, 8192));
    const { journal, all, errors, warnings } = contents(dir);
    journal.close();
    expect([all, errors, warnings, journal.lost]).toEqual([ALL, [], [], false]);
    expectLasting(dir, ALL);
  });
});
