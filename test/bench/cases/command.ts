import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { heard } from '../lib/client.ts';
import { type Broker, prepare } from '../lib/daemon.ts';
import { type Figure, figureOf } from '../lib/figure.ts';
import { Floor } from '../lib/floor.ts';

async function measure(bench: Bench, broker: Broker): Promise<Figure> {
  const rounds = bench.quick ? 60 : 400;
  const daemon = await prepare(bench, broker, {
    homeassistant: { discovery: false },
    jobs: { bench: { plotter: 'chia', enabled: false } },
  });
  let floor: Floor | undefined;
  try {
    await daemon.start();
    floor = new Floor(bench, 'echo', [daemon.url, 'floor/asked', 'floor/answered']);
    await floor.next();
    const { client } = daemon;
    const [asked, state] = ['plot2mqtt/job/bench/set/emit_events', 'plot2mqtt/job/bench/emit_events'];
    const answered = 'plot2mqtt/bridge/response/job/bench/set/emit_events';
    await client.subscribeAsync([answered, state, 'floor/answered'], { qos: 1 });
    const samples = { floor: [] as number[], measured: [] as number[] };
    let stateFirst = 0;
    for (let round = 1; round <= rounds + 10; round += 1) {
      for (const side of round % 2 === 0
        ? (['floor', 'measured'] as const)
        : (['measured', 'floor'] as const)) {
        await sleep(5 + Math.random() * 5);
        const wanted = round % 2 === 0 ? 'ON' : 'OFF';
        let stateSeen = false;
        const came = heard(client, (topic, text) => {
          if (topic === state && text === wanted) stateSeen = true;
          return topic === (side === 'floor' ? 'floor/answered' : answered);
        });
        const began = performance.now();
        client.publish(side === 'floor' ? 'floor/asked' : asked, wanted, { qos: 1 });
        const took = (await came) - began;
        if (side === 'measured' && stateSeen) stateFirst += 1;
        if (round > 10) samples[side].push(took);
      }
    }
    if (stateFirst < rounds + 10) throw new Error('an answer came before its state');
    return figureOf({
      name: `command → state topic → answer, ${broker === 'mosquitto' ? 'Mosquitto' : 'embedded broker'}`,
      unit: 'ms',
      against: 'bare publish and echo between two clients, same broker',
      ...samples,
      goal: { most: 2, at: ['p50', 'p99'] },
    });
  } finally {
    await floor?.stop();
    await daemon.destroy();
  }
}

export const command: Case = {
  name: 'command',
  title: 'A command → its state topic → its answer',
  run: async (bench) => [await measure(bench, 'mosquitto'), await measure(bench, 'embedded')],
};
