import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cutHead } from '../../../src/storage/cut-head.ts';
import { EventFile, type PastLines } from '../../../src/storage/event-file.ts';
import { lastLines } from '../../../src/storage/last-lines.ts';
import { handlesOf } from '../../survival/support/processes.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { collectingLog } from './support/log.ts';

function open(file = join(temporaryDirectory(), 'events.jsonl')) {
  const { log, errors } = collectingLog();
  const events = new EventFile(file, log);
  onTestFinished(() => events.stop());
  return { events, file, said: errors };
}

async function all(past: PastLines): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of past) lines.push(line);
  return lines;
}

const inFile = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean);

test('lines of a turn are written together, for the owner alone', async () => {
  const { events, file } = open();
  events.add(['1', '2']);
  events.add(['3']);
  await turn();
  events.add(['4']);
  events.stop();
  expect(inFile(file)).toEqual(['1', '2', '3', '4']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('what is past is all there is at that moment, written or not, and nothing later', async () => {
  const { events } = open();
  expect(await all(events.past())).toEqual([]);
  events.add(['1']);
  await turn();
  events.add(['2']);
  const past = events.past();
  events.add(['3']);
  await turn();
  expect(await all(past)).toEqual(['1', '2']);
  expect(await all(events.past())).toEqual(['1', '2', '3']);
});

test('who does not read what is past leaves nothing open', async () => {
  const { events } = open();
  events.add(['1']);
  await turn();
  const before = handlesOf(process.pid).length;
  for (let count = 0; count < 20; count++) events.past().close();
  await expect.poll(() => handlesOf(process.pid).length).toBeLessThanOrEqual(before);
});

test('a disk that takes nothing is said once, and gets its lines later', () => {
  const dir = temporaryDirectory();
  const { events, file, said } = open(join(dir, 'no', 'events.jsonl'));
  events.add(['1']);
  events.flush();
  events.add(['2']);
  events.flush();
  expect(said).toEqual([expect.stringContaining("events.jsonl can't be written")]);
  expect(() => statSync(file)).toThrow();
});

test('nothing is written while the disk has no room for it', () => {
  const file = join(temporaryDirectory(), 'events.jsonl');
  let room = false;
  const events = new EventFile(file, collectingLog().log, () => room);
  events.add(['1']);
  events.flush();
  expect(lastLines(file, 100)).toEqual([]);
  room = true;
  events.flush();
  expect(lastLines(file, 100)).toEqual(['1']);
});

describe('old lines go', () => {
  const isOld = (line: string) => Number(line) < 500;
  const LINES = Array.from({ length: 1000 }, (_, index) => `${index}`);

  test('while others come', async () => {
    const { events, file } = open();
    events.add(LINES);
    events.flush();
    const past = events.past();
    const cut = events.cut(isOld);
    for (let line = 1000; line < 1010; line++) {
      events.add([`${line}`]);
      events.flush();
      await turn();
    }
    await cut;
    events.flush();
    expect(inFile(file)).toEqual(Array.from({ length: 510 }, (_, index) => `${index + 500}`));
    expect(await all(past)).toEqual(LINES);
    expect(readdirSync(dirname(file))).toEqual(['events.jsonl']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('all of them, none, or those of a file that is too long', async () => {
    const { events, file } = open();
    await events.cut(() => true);
    events.add(LINES);
    await events.cut(() => false);
    expect(inFile(file)).toEqual(LINES);
    const { size } = statSync(file);
    await cutHead(file, { isOld: () => false, most: size - 1, kept: 100 });
    const kept = inFile(file);
    expect(kept).toEqual(LINES.slice(-kept.length));
    expect(statSync(file).size).toBeGreaterThan(90);
    expect(statSync(file).size).toBeLessThanOrEqual(100);
    await events.cut(() => true);
    expect(inFile(file)).toEqual([]);
    events.add(['1000']);
    events.flush();
    expect(inFile(file)).toEqual(['1000']);
  });

  test('a torn line at the end stays one, and costs no other', async () => {
    const { events, file } = open();
    writeFileSync(file, '1\n2\n{"to');
    appendFileSync(file, '');
    events.add(['500']);
    events.flush();
    await events.cut((line) => isOld(line) || line.startsWith('{'));
    expect(inFile(file)).toEqual(['500']);
  });
});

test('the last lines are whole ones', () => {
  const file = join(temporaryDirectory(), 'lines');
  expect(lastLines(file, 10)).toEqual([]);
  writeFileSync(file, 'one\ntwo\nthree\n');
  expect(lastLines(file, 100)).toEqual(['one', 'two', 'three']);
  expect(lastLines(file, 8)).toEqual(['three']);
});
