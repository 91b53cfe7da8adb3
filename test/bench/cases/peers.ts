import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { KEYS, prepare } from '../lib/daemon.ts';
import { Fifo } from '../lib/fifo.ts';
import { type Figure, againstGoal } from '../lib/figure.ts';
import { between, usageOf } from '../lib/procfs.ts';
import { Replay } from '../lib/replay.ts';

const PLOTS = 100;
/** A real plotter's: one line in 8 s. */
const LINES_A_SECOND = 1 / 8;

/** From the line `Starting phase 2/4` of a k32 log to the process of the plotter that starts on it. */
async function trigger(bench: Bench): Promise<Figure> {
  const rounds = bench.quick ? 5 : 40;
  const says = 'echo >"$BENCH_FIFO"; exec sleep 100000';
  const daemon = await prepare(bench, 'mosquitto', {
    homeassistant: { discovery: false },
    defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'plots' },
    plotters: { chia: { command: `: "$@"; ${says}` } },
    jobs: {
      chain: {
        plotter: 'chia',
        max_workers: 0,
        check_space: false,
        events: [{ fire: 'next', on: 'stage_started', stage: '2' }],
        starts: [{ on: 'next' }],
      },
    },
  });
  const fifo = new Fifo(join(daemon.dir, 'there'));
  process.env.BENCH_FIFO = fifo.path;
  const samples: number[] = [];
  try {
    await daemon.start();
    const started = 'plot2mqtt/job/chain/event/plotter_started';
    let latest = '';
    daemon.client.on('message', (topic, payload) => {
      if (topic === started) latest = /"worker":"([^"]+)"/.exec(payload.toString())?.[1] ?? '';
    });
    await daemon.client.subscribeAsync(started, { qos: 1 });
    const first = fifo.next();
    await daemon.command('job/chain/do/start', '1');
    await first;
    for (let round = 0; round < rounds; round += 1) {
      await sleep(400);
      const worker = latest;
      daemon.write(worker, 'Starting phase 1/4: Forward Propagation into tmp files...\n');
      await sleep(100);
      const there = fifo.next();
      const began = performance.now();
      daemon.write(worker, 'Starting phase 2/4: Backpropagation into tmp files...\n');
      samples.push((await there) - began);
    }
  } finally {
    fifo.close();
    await daemon.destroy();
  }
  return againstGoal(
    {
      name: 'trigger line → the next plotter’s process',
      unit: 'ms',
      against: 'the goal of 15 ms, at worst 50 ms',
      notes: ['plotman 7,700 (530 at 1 s polling), Swar 47,700 (600 at 1 s), My Chia Farm 15,300'],
    },
    samples,
    { p50: 15, p99: 50 },
  );
}

/** CPU seconds a minute with 100 live plots, whose logs have so many MiB already. */
async function hundred(bench: Bench, mebibytes: number): Promise<Figure> {
  const minutes = bench.quick ? 1 : 2;
  const daemon = await prepare(bench, 'mosquitto', {
    defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'plots' },
    plotters: { chia: { command: ': "$@"; exec sleep 100000' } },
    jobs: { farm: { plotter: 'chia', max_workers: PLOTS, check_space: false } },
  });
  try {
    await daemon.start();
    const ids = await daemon.workers('farm', PLOTS);
    const logs = new Replay(
      bench.root,
      ids.map((id) => daemon.log(id)),
    );
    await logs.begin();
    if (mebibytes > 0) {
      const noise = `${'A line that says nothing, as long as they are. '.repeat(2)}\n`;
      const text = noise.repeat(Math.round((mebibytes * 1024 * 1024) / noise.length));
      for (const id of ids) {
        daemon.write(id, text);
        await sleep(60);
      }
    }
    await sleep(15_000);
    const samples: number[] = [];
    for (let minute = 0; minute < minutes; minute += 1) {
      const before = usageOf(daemon.pid);
      await logs.run(60, LINES_A_SECOND);
      samples.push(between(before, usageOf(daemon.pid)).cpu);
    }
    return againstGoal(
      {
        name: `${PLOTS} live plots at a line in 8 s, ${mebibytes === 0 ? 'logs of a k32 run' : `logs of ${mebibytes} MiB more`}: CPU a minute`,
        unit: 's',
        against: 'the goal of 0.5 s',
        notes: ['plotman 0.71 (9.4 at 1 s polling), Swar 0.56 (19.3 at 1 s), My Chia Farm 11.5'],
      },
      samples,
      { p50: 0.5, p99: null },
    );
  } finally {
    await daemon.destroy();
  }
}

export const chain: Case = {
  name: 'chain',
  title: 'What users come from: trigger to plotter',
  run: async (bench) => [await trigger(bench)],
};

export const farm: Case = {
  name: 'farm',
  title: 'What users come from: 100 live plots',
  run: async (bench) => [await hundred(bench, 0), await hundred(bench, 5)],
};
