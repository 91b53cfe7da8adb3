import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { heard } from '../lib/client.ts';
import { type Broker, prepare, steppingPlotter } from '../lib/daemon.ts';
import { type Figure, figureOf } from '../lib/figure.ts';
import { Floor } from '../lib/floor.ts';

/** Lines come apart, as a plotter's do, and not in step with any timer. */
const APART_MS = 25;

async function measure(bench: Bench, broker: Broker): Promise<Figure> {
  const rounds = bench.quick ? 60 : 400;
  const daemon = await prepare(bench, broker, {
    homeassistant: { discovery: false },
    plotters: { steps: steppingPlotter(rounds + 20) },
    jobs: { bench: { plotter: 'steps' } },
  });
  const file = join(daemon.dir, 'floor.log');
  writeFileSync(file, '');
  let floor: Floor | undefined;
  try {
    await daemon.start();
    const [worker = ''] = await daemon.workers('bench', 1);
    floor = new Floor(bench, 'line', [file, daemon.url, 'floor/line']);
    await floor.next();
    const event = 'plot2mqtt/job/bench/event/stage_started';
    await daemon.client.subscribeAsync(['floor/line', event], { qos: 1 });
    const samples = { floor: [] as number[], measured: [] as number[] };
    for (let round = 1; round <= rounds + 10; round += 1) {
      for (const side of round % 2 === 0
        ? (['floor', 'measured'] as const)
        : (['measured', 'floor'] as const)) {
        await sleep(APART_MS + Math.random() * 5);
        const line = `Stage ${round}`;
        const wanted = side === 'floor' ? line : `"stage":"1.${round}"`;
        const came = heard(daemon.client, (topic, text) => topic !== 'x' && text.includes(wanted));
        const began = performance.now();
        if (side === 'floor') appendFileSync(file, `${line}\n`);
        else daemon.write(worker, `${line}\n`);
        const took = (await came) - began;
        // The first rounds warm both sides up.
        if (round > 10) samples[side].push(took);
      }
    }
    return figureOf({
      name: `log line → message, ${broker === 'mosquitto' ? 'Mosquitto' : 'embedded broker'}`,
      unit: 'ms',
      against: 'the same line through a bare file watch and one MQTT.js publish, same broker',
      ...samples,
      goal: { most: 2, at: ['p50', 'p99'] },
    });
  } finally {
    await floor?.stop();
    await daemon.destroy();
  }
}

export const line: Case = {
  name: 'line',
  title: 'A plotter’s log line → message at a second MQTT client',
  run: async (bench) => [await measure(bench, 'mosquitto'), await measure(bench, 'embedded')],
};
