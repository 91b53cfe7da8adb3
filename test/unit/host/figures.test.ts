import { writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHostFigures, memoryByNode, timesOfStat } from '../../../src/host/figures.ts';
import { memoryByPackage } from '../../../src/host/memory.ts';
import { temporaryDirectory } from '../../support/directory.ts';

test('figures of this host, with null for a disk that is away', async () => {
  const dir = temporaryDirectory();
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const hostFigures = createHostFigures();
  const figures = await hostFigures([
    { role: 'destination', path: dir },
    { role: 'temporary', path: join(dir, 'absent') },
    { role: 'temporary', path: file },
  ]);
  expect(Object.keys(figures)).toEqual([
    'cpu_percent',
    'load',
    'memory_used_mib',
    'memory_total_mib',
    'disks',
  ]);
  expect(figures.load).toHaveLength(3);
  expect(figures.memory_total_mib).toBe(Math.round(totalmem() / 1024 / 1024));
  expect(figures.memory_used_mib).toBeGreaterThan(0);
  expect(figures.memory_used_mib).toBeLessThan(figures.memory_total_mib ?? 0);
  const [there, away, none] = figures.disks;
  expect(there).toMatchObject({ role: 'destination', path: dir });
  expect(there?.free_bytes).toBeGreaterThan(0);
  expect(away).toEqual({ role: 'temporary', path: join(dir, 'absent'), free_bytes: null, total_bytes: null });
  expect(none).toEqual({ role: 'temporary', path: file, free_bytes: null, total_bytes: null });
});

test('the share of busy CPUs is that since the figures before', async () => {
  const hostFigures = createHostFigures();
  const busy = async (): Promise<number | null> => {
    // The system counts CPU time in hundredths of a second: some of them must pass.
    for (let spin = 0; spin < 2e6; spin++) Math.sqrt(spin);
    return (await hostFigures([])).cpu_percent;
  };
  await expect.poll(busy).toBeGreaterThan(0);
  expect((await hostFigures([])).cpu_percent ?? 0).toBeLessThanOrEqual(100);
});

test('a CPU that waits for a disk is idle, and a guest’s time is counted once', () => {
  const stat = 'cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5 6\n';
  expect(timesOfStat(stat)).toEqual({ busy: 100 + 20 + 30 + 6 + 7 + 8, all: 621 });
});

test.runIf(process.platform === 'linux')('Node says of memory what node-os-utils says', async () => {
  const [node, other] = [memoryByNode(), await memoryByPackage()];
  expect(other.memory_total_mib).toBe(node.memory_total_mib);
  // Others on this machine take and give back memory between the two.
  const difference = (node.memory_used_mib ?? 0) - (other.memory_used_mib ?? Number.POSITIVE_INFINITY);
  expect(Math.abs(difference)).toBeLessThan((node.memory_total_mib ?? 0) / 10);
});
