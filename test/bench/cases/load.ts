import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../lib/case.ts';
import { connect } from '../lib/client.ts';
import { type Daemon, KEYS, prepare } from '../lib/daemon.ts';
import { type Figure, figureOf } from '../lib/figure.ts';
import { Floor } from '../lib/floor.ts';
import { between, type Usage, usageOf } from '../lib/procfs.ts';
import { Replay } from '../lib/replay.ts';

const LINES_A_SECOND = 10;

interface About {
  bench: Bench;
  workers: number;
  rounds: number;
  seconds: number;
  /** Of the floor's messages; the daemon's have 1. */
  qos: 0 | 1;
}

interface Load {
  floor: number[];
  measured: number[];
  rss: number[];
  notes: string[];
}

/** Counts the daemon's events: none may be missing, and each log's last line must have been read. */
async function witness(daemon: Daemon, workers: number) {
  const client = await connect(daemon.url);
  const seen = { last: 0, events: 0, gaps: 0, messages: 0 };
  const closed = new Set<string>();
  let all = () => {};
  const allClosed = new Promise<void>((resolve) => {
    all = resolve;
  });
  client.on('message', (topic, payload) => {
    seen.messages += 1;
    if (topic === 'plot2mqtt/event') {
      const seq = Number(/"seq":(\d+)/.exec(payload.toString())?.[1]);
      if (seen.last > 0 && seq !== seen.last + 1) seen.gaps += 1;
      seen.last = seq;
      seen.events += 1;
    } else if (payload.includes('"error":"that is all"')) {
      closed.add(topic);
      if (closed.size === workers) all();
    }
  });
  await client.subscribeAsync(['plot2mqtt/event', 'plot2mqtt/job/+/worker/+'], { qos: 1 });
  return { seen, closed, allClosed, end: () => client.end(true) };
}

async function used(pid: number, work: () => Promise<void>): Promise<Usage> {
  const before = usageOf(pid);
  await work();
  return between(before, usageOf(pid));
}

/** The daemon and the floor in turns, each with files of its own and the same lines. */
async function measureLoad({ bench, workers, rounds, seconds, qos }: About): Promise<Load> {
  const daemon = await prepare(bench, 'mosquitto', {
    homeassistant: { discovery: false },
    defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'plots' },
    plotters: { chia: { command: ': "$@"; exec sleep 100000' } },
    jobs: { load: { plotter: 'chia', max_workers: workers, plots_to_do: 2 * workers, check_space: false } },
  });
  const floor = new Floor(bench, 'read-all', [daemon.url, String(qos)]);
  const load: Load = { floor: [], measured: [], rss: [], notes: [] };
  try {
    await daemon.start();
    const ids = await daemon.workers('load', workers);
    mkdirSync(join(daemon.dir, 'floor'));
    const files = ids.map((id) => join(daemon.dir, 'floor', `${id}.log`));
    for (const file of files) writeFileSync(file, '');
    await floor.next();
    floor.send({ files });
    await floor.next();
    const observer = await witness(daemon, workers);
    const [bare, ours] = [
      new Replay(bench.root, files),
      new Replay(
        bench.root,
        ids.map((id) => daemon.log(id)),
      ),
    ];
    await Promise.all([ours.begin(), bare.begin()]);
    // What was there before is read, and the code is warm.
    await Promise.all([ours.run(4, LINES_A_SECOND), bare.run(4, LINES_A_SECOND)]);
    await sleep(3_000);
    for (let round = 0; round < rounds; round += 1) {
      const side = async (replay: Replay) => {
        await replay.run(seconds, LINES_A_SECOND);
        await sleep(1_500);
      };
      load.floor.push((await used(floor.pid, () => side(bare))).cpu / seconds);
      const { cpu, rss } = await used(daemon.pid, () => side(ours));
      load.measured.push(cpu / seconds);
      load.rss.push(rss);
    }
    ours.end(() => 'Caught exception: that is all');
    await Promise.race([observer.allClosed, sleep(30_000)]);
    const { seen, closed } = observer;
    const lost =
      seen.gaps === 0 && closed.size === workers
        ? 'nothing lost'
        : `LOST: ${seen.gaps} gaps, ${workers - closed.size} ends`;
    const memory = load.rss.map((mebibytes) => mebibytes.toFixed(0)).join(', ');
    load.notes.push(lost, `${seen.events} events`, `memory after each round ${memory} MiB`);
    observer.end();
    return load;
  } finally {
    await floor.stop();
    await daemon.destroy();
  }
}

async function figure(about: About): Promise<Figure> {
  const { floor, measured, notes } = await measureLoad(about);
  const { workers, qos } = about;
  return figureOf({
    name: `${workers.toLocaleString('en')} live workers × ${LINES_A_SECOND} lines a second: CPU`,
    unit: 's a second',
    against: `a bare reader of the same lines that publishes each, with QoS ${qos}`,
    floor,
    measured,
    goal: workers === 1000 && qos === 1 ? { most: 1, at: ['p50'] } : null,
    notes: qos === 0 ? [...notes, 'against a floor with QoS 0, which may lose messages'] : notes,
  });
}

function length(bench: Bench): Pick<About, 'bench' | 'rounds' | 'seconds'> {
  return bench.quick ? { bench, rounds: 2, seconds: 6 } : { bench, rounds: 3, seconds: 10 };
}

export const load: Case = {
  name: 'load',
  title: '1,000 live workers writing 10 lines a second each',
  run: async (bench) => [
    // Long enough to show whether memory stays.
    await figure({ ...length(bench), ...(bench.quick ? {} : { rounds: 10 }), workers: 1000, qos: 1 }),
    await figure({ ...length(bench), workers: 1000, qos: 0 }),
  ],
};

export const scaling: Case = {
  name: 'scaling',
  title: '1, 10 and 100 live workers writing 10 lines a second each',
  run: async (bench) => {
    const figures: Figure[] = [];
    for (const workers of [1, 10, 100]) figures.push(await figure({ ...length(bench), workers, qos: 1 }));
    return figures;
  },
};
