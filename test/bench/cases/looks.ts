import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { type Daemon, KEYS, prepare } from '../lib/daemon.ts';
import { againstGoal, type Figure, spreadOf } from '../lib/figure.ts';
import { Floor } from '../lib/floor.ts';

const [DIRECTORIES, PLOTS] = [20, 2_000];
/** All that looks from time to time has looked after so long (docs/topics.md). */
const ALL_LOOKED_MS = 40_000;
const OLD = new Date('2022-01-01T00:00:00Z');

/** How long the event loop is held up at most while directories full of plots are looked at, in each round anew. */
async function measure(bench: Bench): Promise<Figure[]> {
  const rounds = bench.quick ? 2 : 6;
  const monitor = join(bench.floors, 'event-loop.mjs');
  const paths = Array.from({ length: DIRECTORIES }, (_, index) => `farm${index + 1}`);
  const daemon = await prepare(bench, 'embedded', {
    defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'farm*' },
    plotters: { chia: { command: ': "$@"; exec sleep 100000' } },
    jobs: {
      again: {
        plotter: 'chia',
        max_workers: 0,
        check_space: false,
        replot: { before: '2025-01-01T00:00:00Z', dirs: 'farm*' },
      },
    },
    // Its plots are all seen, and none goes anywhere.
    moves: { out: { from: 'done', to: 'farm*', replot: { before: '2025-01-01T00:00:00Z' } } },
    disks: [{ match: 'farm*', keep_free: '900TB' }],
  });
  const says = { ours: join(daemon.dir, 'event-loop'), bare: join(daemon.dir, 'event-loop-bare') };
  let floor: Floor | undefined;
  try {
    for (const path of [...paths, 'done']) fill(join(daemon.dir, path));
    process.env.BENCH_EVENT_LOOP = says.ours;
    await daemon.start([monitor]);
    process.env.BENCH_EVENT_LOOP = says.bare;
    floor = new Floor(bench, 'event-loop');
    await sleep(5_000);
    const held = { ours: [] as number[], bare: [] as number[] };
    for (let round = 1; round <= rounds; round += 1) {
      for (const file of Object.values(says)) writeFileSync(file, '');
      for (const path of [...paths, 'done']) change(daemon, path);
      await sleep(ALL_LOOKED_MS / 2);
      // A start looks at them too: one old plot goes.
      const answer = await daemon.command('job/again/do/start', '1');
      if (!answer.startsWith('{"status":"ok"')) throw new Error(answer);
      await sleep(ALL_LOOKED_MS / 2);
      for (const side of ['ours', 'bare'] as const) held[side].push(Math.max(...delays(says[side])));
    }
    return [
      againstGoal(
        {
          name: `${DIRECTORIES} directories of ${PLOTS} plots, all of which change: the event loop is held up for at most`,
          unit: 'ms',
          against: 'the goal of 20 ms',
          notes: [`of a program that does nothing, beside it: ${spreadOf(held.bare).p50.toFixed(1)} ms`],
        },
        held.ours,
        { p50: 20, p99: null },
      ),
    ];
  } finally {
    await floor?.stop();
    await daemon.destroy();
  }
}

function fill(directory: string): void {
  mkdirSync(directory);
  for (let plot = 0; plot < PLOTS; plot += 1) {
    const id = `${directory.length}`.padStart(8, '0') + `${plot}`.padStart(56, '0');
    const file = join(directory, `plot-k32-2022-01-01-00-00-${id}.plot`);
    writeFileSync(file, 'a plot');
    utimesSync(file, OLD, OLD);
  }
}

/** Whatever was remembered of a directory doesn't hold any more. */
function change({ dir }: Daemon, path: string): void {
  const file = join(dir, path, 'changed');
  writeFileSync(file, '');
  rmSync(file);
}

function delays(file: string): number[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
}

export const looks: Case = {
  name: 'looks',
  title: 'Looking at directories full of plots',
  run: measure,
};
