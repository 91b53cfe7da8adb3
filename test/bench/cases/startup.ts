import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { connect, heard } from '../lib/client.ts';
import { type Config, KEYS, prepare } from '../lib/daemon.ts';
import { type Figure, figureOf } from '../lib/figure.ts';

const ONLINE = 'plot2mqtt/bridge/state';
const FLOOR = 'floor/state';

/** Milliseconds from starting Node.js to its end. */
async function runtime(words: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, words, { stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - began;
}

async function versionFigure(bench: Bench): Promise<Figure> {
  const rounds = bench.quick ? 10 : 50;
  const samples = { floor: [] as number[], measured: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    samples.floor.push(await runtime(['-e', '0']));
    samples.measured.push(await runtime([bench.program, '--version']));
  }
  return figureOf({
    name: '`plot2mqtt --version`',
    unit: 'ms',
    against: '`node -e 0`',
    ...samples,
    goal: { most: 2, at: ['p50'] },
  });
}

export const version: Case = {
  name: 'version',
  title: 'plot2mqtt --version',
  run: async (bench) => [await versionFigure(bench)],
};

interface OnlineCase {
  name: string;
  against: string;
  rounds: number;
  most: number;
  config: Config;
  floor: string;
  /** Whether the floor publishes as much as the daemon. */
  asMuch: boolean;
}

/** How much the daemon publishes until it is online: messages, and bytes of payload in the mean. */
async function publishedBy(bench: Bench, config: Config): Promise<{ count: number; bytes: number }> {
  const daemon = await prepare(bench, 'mosquitto', config);
  const client = await connect(daemon.url);
  let count = 0;
  let bytes = 0;
  try {
    client.on('message', (_topic, payload) => {
      count += 1;
      bytes += payload.length;
    });
    const online = heard(client, (topic, text) => topic === ONLINE && text === 'online', 120_000);
    await client.subscribeAsync('#', { qos: 0 });
    daemon.spawn();
    await online;
    return { count, bytes: Math.round(bytes / count) };
  } finally {
    client.end(true);
    await daemon.destroy();
  }
}

/** From starting the program to its `online` at a second client, on a broker that knows nothing yet. */
async function onlineFigure(bench: Bench, about: OnlineCase): Promise<Figure> {
  const { config, rounds } = about;
  const samples = { floor: [] as number[], measured: [] as number[] };
  const { count, bytes } = about.asMuch ? await publishedBy(bench, config) : { count: 1, bytes: 6 };
  for (let round = 0; round < rounds; round += 1)
    for (const side of ['floor', 'measured'] as const) {
      const daemon = await prepare(bench, 'mosquitto', config);
      const client = await connect(daemon.url);
      const wanted = side === 'floor' ? FLOOR : ONLINE;
      try {
        await client.subscribeAsync([ONLINE, FLOOR], { qos: 1 });
        await sleep(50);
        const online = heard(client, (topic, text) => topic === wanted && text === 'online', 120_000);
        const began = performance.now();
        const child =
          side === 'measured'
            ? daemon.spawn()
            : spawn(
                process.execPath,
                [join(bench.floors, about.floor), daemon.url, FLOOR, String(count), String(bytes)],
                {
                  stdio: 'ignore',
                },
              );
        samples[side].push((await online) - began);
        if (side === 'floor') child.kill('SIGKILL');
      } finally {
        client.end(true);
        await daemon.destroy();
      }
    }
  return figureOf({
    name: about.name,
    unit: 'ms',
    against: about.against,
    ...samples,
    goal: { most: about.most, at: ['p50'] },
    notes: about.asMuch ? [`${count} messages of ${bytes} bytes in the mean`] : [],
  });
}

function jobs(count: number, settings: object) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `job-${index + 1}`,
      { title: `Job ${index + 1}`, plotter: index % 2 === 0 ? 'chia' : 'madmax', ...settings },
    ]),
  );
}

export const online: Case = {
  name: 'online',
  title: 'Start to online with a few jobs',
  run: async (bench) => [
    await onlineFigure(bench, {
      name: 'start to online with 3 jobs, Mosquitto',
      against:
        'a Node.js program that only connects with MQTT.js, as npm installs it, and publishes one message',
      rounds: bench.quick ? 8 : 40,
      most: 2,
      config: { defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'plots' }, jobs: jobs(3, {}) },
      floor: 'connect.mjs',
      asMuch: false,
    }),
  ],
};

export const onlineMany: Case = {
  name: 'online-many',
  title: 'Start to online with 1,000 jobs',
  run: async (bench) => [
    await onlineFigure(bench, {
      name: '1,000 jobs with 4 slots each: start to online',
      against: 'the packages’ bare import, connect and the same number of publishes',
      rounds: bench.quick ? 2 : 7,
      most: 1.5,
      config: {
        defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'plots' },
        jobs: jobs(1000, { max_workers: 4 }),
      },
      floor: 'publish-many.mjs',
      asMuch: true,
    }),
  ],
};
