import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { heard } from '../lib/client.ts';
import { prepare, steppingPlotter } from '../lib/daemon.ts';
import { Fifo } from '../lib/fifo.ts';
import { type Figure, figureOf } from '../lib/figure.ts';

const SAYS_IT_IS_THERE = 'echo >"$BENCH_FIFO"';

async function measure(bench: Bench): Promise<Figure> {
  const rounds = bench.quick ? 30 : 200;
  process.env.BENCH_FIFO = '';
  // A plot within the tick of the clock in which its plotter began would count as one that was there before.
  const plots = 'plot=$PWD/plots/$PLOT2MQTT_WORKER.plot; sleep 0.05; echo plot >"$plot"; echo "Wrote $plot"';
  const makesItsPlot = `: "$@"; ${SAYS_IT_IS_THERE}; ${plots}`;
  const daemon = await prepare(bench, 'mosquitto', {
    homeassistant: { discovery: false },
    plotters: {
      steps: steppingPlotter(rounds + 20),
      next: steppingPlotter(1, makesItsPlot),
    },
    jobs: {
      first: {
        plotter: 'steps',
        events: Array.from({ length: rounds + 20 }, (_, index) => ({
          fire: 'go',
          on: 'stage_started',
          stage: `1.${index + 1}`,
        })),
      },
      second: { plotter: 'next', starts: [{ on: 'go' }] },
    },
  });
  const fifo = new Fifo(join(daemon.dir, 'there'));
  process.env.BENCH_FIFO = fifo.path;
  try {
    await daemon.start();
    const [worker = ''] = await daemon.workers('first', 1);
    const ended = 'plot2mqtt/job/second/event/worker_end';
    await daemon.client.subscribeAsync(ended, { qos: 1 });
    const samples = { floor: [] as number[], measured: [] as number[] };
    for (let round = 1; round <= rounds + 5; round += 1) {
      for (const side of round % 2 === 0
        ? (['floor', 'measured'] as const)
        : (['measured', 'floor'] as const)) {
        await sleep(120 + Math.random() * 10);
        const there = fifo.next();
        const done = side === 'measured' ? heard(daemon.client, (topic) => topic === ended) : undefined;
        const began = performance.now();
        if (side === 'measured') daemon.write(worker, `Stage ${round}\n`);
        else spawn('/bin/sh', ['-c', SAYS_IT_IS_THERE], { detached: true, stdio: 'ignore' }).unref();
        const took = (await there) - began;
        await done;
        if (round > 5) samples[side].push(took);
      }
    }
    return figureOf({
      name: 'stage that fires a named event → the next plotter’s process',
      unit: 'ms',
      against: 'a bare detached spawn of the same shell command',
      ...samples,
      goal: { most: 3, at: ['p99'] },
    });
  } finally {
    fifo.close();
    await daemon.destroy();
  }
}

export const launch: Case = {
  name: 'launch',
  title: 'A stage that fires a named event → the next plotter’s process exists',
  run: async (bench) => [await measure(bench)],
};
