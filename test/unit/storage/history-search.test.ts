import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findEnds, type Wanted } from '../../../src/storage/history-search.ts';
import { temporaryDirectory } from '../../support/directory.ts';

/** A worker's line; `day` of November. */
const line = (worker: string | null, day: number, change: object = {}) => ({
  worker,
  job: 'a',
  result: 'done',
  plot: '/plots/x.plot',
  ended_at: new Date(Date.UTC(2026, 10, day)).toISOString(),
  ...change,
});
type Line = ReturnType<typeof line>;

const ALL: Wanted = { job: null, since: null, limit: 1000 };

function written(...lines: (object | string)[]): string {
  const file = join(temporaryDirectory(), 'history.jsonl');
  const text = lines.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`);
  writeFileSync(file, text.join(''));
  return file;
}

async function found(file: string, wanted: Partial<Wanted> = {}, unwritten: Line[] = []) {
  const { lines, total } = await findEnds(file, unwritten, { ...ALL, ...wanted });
  return { workers: lines.map(({ worker }) => worker), total };
}

it('finds the last ones, of a job, since a time, and counts all that there are', async () => {
  const file = written(line('1', 1), line('2', 2, { job: 'b' }), line('3', 3), line('4', 4));
  expect(await found(file)).toEqual({ workers: ['1', '2', '3', '4'], total: 4 });
  expect(await found(file, { limit: 2 })).toEqual({ workers: ['3', '4'], total: 4 });
  expect(await found(file, { job: 'a', limit: 2 })).toEqual({ workers: ['3', '4'], total: 3 });
  expect(await found(file, { since: Date.UTC(2026, 10, 2) })).toEqual({
    workers: ['2', '3', '4'],
    total: 3,
  });
  expect(await found(file, { job: 'nobody' })).toEqual({ workers: [], total: 0 });
});

it('passes over what is no end of a worker, and a line that is there twice', async () => {
  const reset = line(null, 2, { result: 'reset' });
  const moved = line('1', 2, { result: 'moved' });
  const file = written(line('1', 1), '', '{"worker":', '7', reset, moved, line('1', 1), line('2', 3));
  expect(await found(file)).toEqual({ workers: ['1', '2'], total: 2 });
});

it('knows lines that are still to be written, each once', async () => {
  const file = written(line('1', 1), line('2', 2));
  expect(await found(file, {}, [line('2', 2), line('3', 3)])).toEqual({
    workers: ['1', '2', '3'],
    total: 3,
  });
});

it('hands over all that a line says, beyond what counts are made of', async () => {
  const whole = line('1', 1, { phases: { '1': 3 }, something: { new: true } });
  expect((await findEnds(written(whole), [], ALL)).lines).toEqual([whole]);
});

it('has nothing to tell without a file, and tells of one that ends in mid-line', async () => {
  expect(await found(join(temporaryDirectory(), 'history.jsonl'))).toEqual({ workers: [], total: 0 });
  const file = written(line('1', 1));
  appendFileSync(file, JSON.stringify(line('2', 2)));
  expect(await found(file)).toEqual({ workers: ['1', '2'], total: 2 });
  appendFileSync(file, '\n{"worker":"3","jo');
  expect(await found(file)).toEqual({ workers: ['1', '2'], total: 2 });
});

it('reads lines over the borders of chunks, in whatever script they are', async () => {
  const plot = `/plots/${'ü'.repeat(500)}.plot`;
  const many = Array.from({ length: 300 }, (_, index) => line(`${index}`, 1, { plot }));
  const { lines, total } = await findEnds(written(...many), [], { ...ALL, limit: 300 });
  expect(total).toBe(300);
  expect(new Set(lines.map((each) => each.plot))).toEqual(new Set([plot]));
});

it('does not take a directory in its place for an empty history', async () => {
  await expect(findEnds(temporaryDirectory(), [], ALL)).rejects.toThrow('EISDIR');
});
