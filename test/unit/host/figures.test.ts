import { promises, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { DiskFigures } from '../../../src/contract/views.ts';
import { createHostFigures, timesOfStat } from '../../../src/host/figures.ts';
import { memoryFigures } from '../../../src/host/memory.ts';

const NO_DISKS = Promise.resolve([]);

test('figures of this host, with the disks as they were looked at', async () => {
  const disk: DiskFigures = {
    ...{ path: '/disk', free_bytes: 1, total_bytes: 2, filesystem: '/' },
    role: 'temp',
    state: 'ok',
  };
  const hostFigures = createHostFigures();
  const figures = await hostFigures(Promise.resolve([disk]));
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
  expect(figures.disks).toEqual([disk]);
});

test('the share of busy CPUs is that since the figures before', async () => {
  const hostFigures = createHostFigures();
  const busy = async (): Promise<number | null> => {
    // The system counts CPU time in hundredths of a second: some of them must pass.
    for (let spin = 0; spin < 2e6; spin++) Math.sqrt(spin);
    return (await hostFigures(NO_DISKS)).cpu_percent;
  };
  await expect.poll(busy).toBeGreaterThan(0);
  expect((await hostFigures(NO_DISKS)).cpu_percent ?? 0).toBeLessThanOrEqual(100);
});

test('a CPU that waits for a disk is idle, and a guest’s time is counted once', () => {
  const stat = 'cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5 6\n';
  expect(timesOfStat(stat)).toEqual({ busy: 100 + 20 + 30 + 6 + 7 + 8, all: 621 });
});

test.runIf(process.platform === 'linux')(
  'memory in use is what isn’t available, as the kernel says',
  async () => {
    const meminfo = readFileSync('/proc/meminfo', 'utf8');
    const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1]);
    const figures = await memoryFigures();
    expect(figures.memory_total_mib).toBe(Math.round(kib('MemTotal') / 1024));
    // Others on this machine take and give back memory between the two.
    const difference = (figures.memory_used_mib ?? 0) - (kib('MemTotal') - kib('MemAvailable')) / 1024;
    expect(Math.abs(difference)).toBeLessThan((figures.memory_total_mib ?? 0) / 10);
  },
);

test.runIf(process.platform === 'linux')('memory is unknown where the kernel doesn’t say', async () => {
  const read = vi.spyOn(promises, 'readFile').mockRejectedValue(new Error('EMFILE'));
  onTestFinished(() => read.mockRestore());
  expect(await memoryFigures()).toEqual({ memory_used_mib: null, memory_total_mib: null });
  expect(read).toHaveBeenCalledWith('/proc/meminfo', 'utf8');
});

test('memory that is not told in time is unknown, all else is told', async () => {
  const read = vi.spyOn(promises, 'readFile').mockReturnValue(new Promise(() => undefined));
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
    read.mockRestore();
  });
  const figures = createHostFigures()(NO_DISKS);
  await vi.waitFor(() => expect(read).toHaveBeenCalled());
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await figures).toMatchObject({ memory_used_mib: null, memory_total_mib: null, disks: [] });
  expect((await figures).load).toHaveLength(3);
});
