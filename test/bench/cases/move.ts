import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Case } from '../lib/case.ts';
import { type Figure, figureOf } from '../lib/figure.ts';

const SHM = '/dev/shm';
const MIB = 2 ** 20;
/** proc(5): the times of children that were waited for are the 16th and 17th field, in ticks of 10 ms. */
const [CHILDREN, TICK_S] = [13, 0.01];

/** A mover against `cp`, from memory to a disk: each flushes what it has written, and removes the source. */
async function measure(bench: Bench): Promise<Figure[]> {
  if (!existsSync(SHM) || statSync(SHM).dev === statSync(tmpdir()).dev) {
    bench.say('move: there is no second file system here');
    return [];
  }
  const [rounds, mib] = bench.quick ? [3, 1024] : [7, 4096];
  const from = mkdtempSync(join(SHM, 'plot2mqtt-bench-'));
  const to = mkdtempSync(join(tmpdir(), 'plot2mqtt-bench-'));
  const file = join(from, 'a.plot');
  const samples = {
    time: { floor: [] as number[], measured: [] as number[] },
    cpu: { floor: [] as number[], measured: [] as number[] },
  };
  try {
    // The first round counts for neither: it takes memory that this machine has not had before.
    for (let round = 0; round <= rounds; round += 1)
      for (const side of round % 2 === 0
        ? (['floor', 'measured'] as const)
        : (['measured', 'floor'] as const)) {
        makePlot(file, mib);
        const { size, ino, mtimeNs } = statSync(file, { bigint: true });
        const copy = `cp --preserve=mode,timestamps "$1" "$2/a.plot" && sync "$2/a.plot" "$2" && rm "$1"`;
        const words =
          side === 'floor'
            ? ['sh', '-c', copy, 'sh', file, to]
            : [
                ...[process.execPath, bench.program, 'move-file', file, to, join(to, 'note')],
                ...[String(size), String(ino), String(mtimeNs)],
              ];
        const { seconds, cpu } = await timed(words);
        rmSync(join(to, 'a.plot'));
        if (round === 0) continue;
        samples.time[side].push(seconds);
        samples.cpu[side].push(cpu);
      }
  } finally {
    rmSync(from, { recursive: true, force: true });
    rmSync(to, { recursive: true, force: true });
  }
  const about = { unit: 's', against: '`cp`, `sync` of the copy, `rm`' };
  const gib = `a move of ${mib / 1024} GiB to another disk`;
  return [
    figureOf({ name: `${gib}: time`, ...about, ...samples.time, goal: { most: 1.1, at: ['p50'] } }),
    figureOf({ name: `${gib}: CPU`, ...about, ...samples.cpu, goal: { most: 1.3, at: ['p50'] } }),
  ];
}

function makePlot(file: string, mib: number): void {
  const piece = randomFillSync(Buffer.allocUnsafe(MIB));
  const fd = openSync(file, 'w');
  for (let written = 0; written < mib; written += 1) writeSync(fd, piece);
  closeSync(fd);
}

async function timed([file = '', ...words]: string[]): Promise<{ seconds: number; cpu: number }> {
  const before = childrenSeconds();
  const began = performance.now();
  const child = spawn(file, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return { seconds, cpu: childrenSeconds() - before };
}

function childrenSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[CHILDREN]) + Number(fields[CHILDREN + 1])) * TICK_S;
}

export const move: Case = {
  name: 'move',
  title: 'A mover against cp',
  run: measure,
};
