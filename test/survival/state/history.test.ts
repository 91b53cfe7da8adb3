import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { collectingLog } from '../../unit/storage/support/log.ts';
import { randomFrom } from '../support/random.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { emptyWorld } from './world.ts';

const dir = mkdtempSync(join(tmpdir(), 'plot2mqtt-history-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('kills around the line of history of an end are no loss, whichever comes after which', async () => {
  const truth = emptyWorld();
  const options: MachineOptions = { dir, truth, random: randomFrom(1), log: collectingLog().log };
  const first = await Machine.boot(options);
  first.comeUp();
  first.settle();
  first.command({ type: 'start', job: 'alpha', workers: 1 });
  first.settle();
  first.command({ type: 'dismiss_worker', job: 'alpha', slot: 1 });
  while (first.state.history.size === 0) first.settle(1);
  // The line is in the file, and nothing says so yet.
  first.killInHistory();

  const second = await Machine.boot(options);
  expect(second.problems).toEqual([]);
  expect(second.state.history.size).toBe(1);
  second.comeUp();
  second.settle();
  expect(second.state.history.size).toBe(0);
  second.kill();

  const third = await Machine.boot(options);
  expect(third.problems).toEqual([]);
  expect(third.state.seq).toBe(second.state.seq);
});
