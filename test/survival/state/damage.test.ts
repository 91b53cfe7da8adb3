import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { collectingLog } from '../../unit/storage/support/log.ts';
import { randomFrom } from '../support/random.ts';
import { rounds } from '../support/size.ts';
import { damaged } from './damage.ts';
import { record } from './recordings.ts';
import { verdict } from './verdict.ts';

const DAMAGES = Number(process.env.DAMAGES ?? rounds(200, 10_000));
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** Of each farm so many moments are recorded, and each is damaged so often before the next farm is played. */
const MOMENTS = 20;
const EACH = 20;

// In memory: a disk would flush for minutes.
const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'plot2mqtt-damage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test(`${DAMAGES} damages of a data directory with plots in flight, seed ${SEED}`, {
  timeout: 900_000,
}, async () => {
  const random = randomFrom(SEED);
  const dir = join(root, 'data');
  const faults: string[] = [];
  let done = 0;
  let lost = 0;
  while (done < DAMAGES && faults.length < 10) {
    const recordings = await record(dir, random, collectingLog().log, MOMENTS);
    for (const recording of recordings)
      for (let time = 0; time < EACH && done < DAMAGES; time += 1) {
        done += 1;
        const { files, damages } = damaged(recording, random);
        const result = await verdict(dir, recording, files, damages, random);
        if (result.lost) lost += 1;
        const words = damages.map(({ file, what }) => `${file}: ${what}`).join(', ');
        for (const fault of result.faults) faults.push(`damage ${done} (${words}): ${fault}`);
      }
  }
  console.log(`${done} damages, seed ${SEED}: records were lost in ${lost}`);
  expect(faults, `seed ${SEED}\n${faults.slice(0, 20).join('\n')}`).toEqual([]);
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(done);
});
