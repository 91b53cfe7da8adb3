import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { KEYS, prepare } from '../lib/daemon.ts';
import { type Figure, figureOf } from '../lib/figure.ts';
import { Floor } from '../lib/floor.ts';
import { between, usageOf } from '../lib/procfs.ts';

const WORKERS = 10;

async function measure(bench: Bench): Promise<Figure[]> {
  const minutes = bench.quick ? 1 : 3;
  const daemon = await prepare(bench, 'mosquitto', {
    defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'plots' },
    plotters: { chia: { command: ': "$@"; exec sleep 100000' } },
    jobs: { silent: { plotter: 'chia', max_workers: WORKERS, check_space: false } },
  });
  const floors = ['idle', 'idle-figures'].map((name) => ({ name, floor: undefined as Floor | undefined }));
  try {
    await daemon.start();
    await daemon.workers('silent', WORKERS);
    const started: Floor[] = [];
    for (const each of floors) {
      each.floor = new Floor(bench, each.name, [daemon.url]);
      await each.floor.next();
      started.push(each.floor);
    }
    // What follows a start is over by then, on both sides: some time in the first two minutes the engine (V8) gives
    // memory back, which takes a bare client more than an hour of idling.
    await sleep(150_000);
    const pids = [daemon.pid, ...started.map(({ pid }) => pid)];
    const used: { cpu: number; sleeps: number }[][] = pids.map(() => []);
    for (let minute = 0; minute < minutes; minute += 1) {
      const before = pids.map(usageOf);
      await sleep(60_000);
      for (const [index, pid] of pids.entries()) {
        const from = before[index];
        if (from) used[index]?.push(between(from, usageOf(pid)));
      }
    }
    const [ours = [], bare = [], figures = []] = used;
    const figure = (kind: 'cpu' | 'sleeps', floor: typeof ours, against: string, most: number | null) =>
      figureOf({
        name: `idle for a minute with ${WORKERS} silent workers: ${kind === 'cpu' ? 'CPU' : 'wake-ups'}`,
        unit: kind === 'cpu' ? 'ms' : '',
        against,
        floor: floor.map((each) => (kind === 'cpu' ? each.cpu * 1000 : each.sleeps)),
        measured: ours.map((each) => (kind === 'cpu' ? each.cpu * 1000 : each.sleeps)),
        goal: most === null ? null : { most, at: ['p50'] },
        notes: most === null ? ['against a client that publishes as many figures of its host'] : [],
      });
    return [
      figure('cpu', bare, 'a bare connected client', 1.5),
      figure('sleeps', bare, 'a bare connected client', 1.5),
      figure('cpu', figures, 'a bare client that publishes as many messages', null),
      figure('sleeps', figures, 'a bare client that publishes as many messages', null),
    ];
  } finally {
    for (const { floor } of floors) await floor?.stop();
    await daemon.destroy();
  }
}

export const idle: Case = {
  name: 'idle',
  title: 'Idle with 10 workers that write nothing',
  run: measure,
};
