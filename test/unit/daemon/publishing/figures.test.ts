import { afterEach, expect, test, vi } from 'vitest';
import type { HostFigures } from '../../../../src/contract/views.ts';
import { Figures } from '../../../../src/daemon/publishing/figures.ts';

afterEach(() => {
  vi.useRealTimers();
});

const NOTHING_KNOWN: HostFigures = {
  cpu_percent: null,
  load: [0, 0, 0],
  memory_used_mib: null,
  memory_total_mib: null,
  disks: [],
};

/** What is published from a moment on, as `what@seconds`. */
function published(from: Date) {
  vi.useFakeTimers({
    now: from,
    toFake: ['Date', 'performance', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'],
  });
  const seen: string[] = [];
  const see = (what: string) => void seen.push(`${what}@${(Date.now() - from.getTime()) / 1000}`);
  const figures = new Figures({
    publisher: { stand: (kind) => see(kind), statsChanged: () => see('stats') },
    workers: () => 0,
    mqtt: () => ({ queue: 0, dropped: 0 }),
    storage: () => 'ok',
    disks: async () => [],
    hostFigures: async () => NOTHING_KNOWN,
    onDisks: () => {},
  });
  figures.start();
  return { figures, seen };
}

const noon = new Date(2026, 10, 23, 12);

test('the host’s figures come each 30 s, the daemon’s own each minute', async () => {
  const { figures, seen } = published(noon);
  await vi.advanceTimersByTimeAsync(120_000);
  const at = (what: string) => seen.flatMap((each) => (each.startsWith(what) ? each.split('@')[1] : []));
  expect(at('host')).toEqual(['0', '30', '60', '90', '120']);
  expect(at('bridgeHealth')).toEqual(['0', '60', '120']);
  figures.stop();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(at('host')).toHaveLength(5);
});

test('at midnight today’s plots are looked at, and at the next one', async () => {
  const { figures, seen } = published(new Date(2026, 10, 23, 23, 59, 50));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).toContain('stats@10');
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(seen).toContain('stats@86410');
  figures.stop();
});
