import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FifoStock } from '../../../src/process/fifo-stock.ts';
import { processFiles } from '../../../src/process/files.ts';
import { find } from '../../../src/process/find.ts';
import { launch } from '../../../src/process/launch.ts';
import { isRunning, killAfterwards, makeDir, printed, specOf } from './support.ts';

test('gives a FIFO to a path that is free, and makes a new one', async () => {
  const dir = join(makeDir(), 'fifos');
  const stock = new FifoStock(dir);
  await stock.fill();
  const full = readdirSync(dir).length;
  const path = join(makeDir(), 'given');
  expect(stock.give(path)).toBe(true);
  expect(statSync(path).isFIFO()).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const { ino } = statSync(path);
  expect(stock.give(path)).toBe(false);
  expect(statSync(path).ino).toBe(ino);
  await stock.fill();
  await expect.poll(() => readdirSync(dir)).toHaveLength(full);
});

test('an empty stock gives nothing, and what an earlier run left in it goes', () => {
  const dir = makeDir();
  writeFileSync(join(dir, 'left'), '');
  const stock = new FifoStock(dir);
  expect(readdirSync(dir)).toEqual([]);
  expect(stock.give(join(makeDir(), 'none'))).toBe(false);
});

test('a wrapper uses the one it is given, and its end is told by it', async () => {
  const fifos = new FifoStock(join(makeDir(), 'fifos'));
  await fifos.fill();
  const spec = specOf('echo up; sleep 60', { fifos });
  const { pid } = await launch(spec);
  killAfterwards(pid);
  await printed(spec, 'up');
  expect(statSync(processFiles(spec.dir, 'plotter').alive).nlink).toBe(1);
  const found = await find(spec.dir, 'plotter');
  if (found.state !== 'running') throw new Error(`it is ${found.state}`);
  process.kill(pid, 'SIGKILL');
  expect(await found.exited).toMatchObject({ lost: true });
  expect(isRunning(pid)).toBe(false);
});
