import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createGrowingMask } from '../../../src/config/mask.ts';
import { jobSchema } from '../../../src/config/schema/job.ts';
import { realSurroundings, SteadyClock } from '../../../src/daemon/clock.ts';
import { JournalledEngine } from '../../../src/daemon/journalled-engine/journalled-engine.ts';
import { deviceReader } from '../../../src/daemon/publishing/device-reader.ts';
import { publishOutcome, stateReader } from '../../../src/daemon/publishing/publishing.ts';
import type { Input } from '../../../src/engine/inputs.ts';
import { stateFormat } from '../../../src/engine/model/snapshot.ts';
import { emptyState } from '../../../src/engine/model/state.ts';
import type { WorkerState } from '../../../src/engine/model/worker-state.ts';
import { plottersOf } from '../../../src/engine/starting/places/resolve.ts';
import { Discovery } from '../../../src/homeassistant/discovery.ts';
import { startMqtt } from '../../../src/mqtt/service.ts';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { writeFileAtomic } from '../../../src/storage/atomic.ts';
import { openHistory } from '../../../src/storage/history.ts';
import { openJournal } from '../../../src/storage/journal/journal.ts';
import { openReserve } from '../../../src/storage/reserve.ts';
import { VERSION } from '../../../src/util/version.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import type { Bench, Case } from '../lib/case.ts';
import { KEYS } from '../lib/daemon.ts';
import { type Figure, figureOf } from '../lib/figure.ts';

const log = pino({ level: 'silent' });

/** What the disks would say of a start: all is there. */
const ROOM = 1e15;

async function measure(bench: Bench): Promise<Figure> {
  const rounds = bench.quick ? 40 : 200;
  const dir = mkdtempSync(join(tmpdir(), 'plot2mqtt-bench-'));
  const mosquitto = await startMosquitto();
  const journal = openJournal(dir, { ...stateFormat, log });
  const history = openHistory(join(dir, 'history.jsonl'));
  const argumentsOf = { ...KEYS, temp_dir: dir, dest_dir: dir };
  const clock = new SteadyClock();
  const engine = new JournalledEngine({
    journal,
    reserve: openReserve(dir),
    settings: {
      plotters: plottersOf({ plotters: {} }, builtInPlotters()),
      defaults: argumentsOf,
      directory: dir,
      progress_interval_ms: 1000,
      holds: new Map(),
      disks: [],
      moves: new Map(),
      time_zone: 'UTC',
      limits: new Map(),
      allow_replot_over_mqtt: false,
    },
    surroundings: realSurroundings(clock),
    state: emptyState('bench'),
    log,
  });
  const mqtt = await startMqtt({
    broker: { external: { url: mosquitto.url } },
    baseTopic: 'plot2mqtt',
    version: 'auto',
    progressIntervalMs: 1000,
    instance: () => 'bench',
    secrets: createGrowingMask([]),
    reader: stateReader(engine, clock),
    execute: async () => ({ status: 'ok', data: null }),
    onAcked: (seq) => engine.take({ type: 'acked', seq }),
    log,
  });
  const discovery = new Discovery({
    enabled: true,
    prefix: 'homeassistant',
    statusTopic: 'homeassistant/status',
    file: join(dir, 'discovery.json'),
    base: 'plot2mqtt',
    instance: 'bench',
    version: VERSION,
    onLeftOut: () => {},
    reader: deviceReader(engine, { fileSystems: () => [], mask: (text) => text }),
    broker: mqtt,
    log,
  });
  const take = (input: Input) => engine.take(input);
  engine.start({
    perform: (effect) => {
      if (effect.type !== 'history') return;
      const lines = [...engine.state.history];
      const bytes = history.append(lines.map(([, line]) => JSON.stringify(line)));
      take({ type: 'history_written', workers: lines.map(([key]) => key), bytes });
    },
    publish: (outcome) => publishOutcome(outcome, engine.state, { mqtt, discovery }, log),
    storageChanged: () => {},
  });
  const files = () =>
    journal.size() + (statSync(join(dir, 'history.jsonl'), { throwIfNoEntry: false })?.size ?? 0);
  const definition = jobSchema.parse({ plotter: 'madmax', plots_to_do: 1000 });
  take({ type: 'configured', jobs: new Map([['bench', definition]]) });
  mqtt.ready();
  const samples = { floor: [] as number[], measured: [] as number[] };
  let size = 0;
  try {
    for (let round = 0; round < rounds + 10; round += 1) {
      const worker = upToItsEnd(engine, dir);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const before = files();
      const began = performance.now();
      take({ type: 'cleaned', worker: worker.id, problem: null });
      mqtt.publisher.flush();
      const took = performance.now() - began;
      size = files() - before;
      const text = 'x'.repeat(Math.max(1, size));
      await new Promise((resolve) => setTimeout(resolve, 20));
      const bare = performance.now();
      writeFileAtomic(join(dir, 'floor.json'), text);
      const floor = performance.now() - bare;
      if (round < 10) continue;
      samples.measured.push(took);
      samples.floor.push(floor);
    }
    return figureOf({
      name: 'a finished worker: state, history, publishes',
      unit: 'ms',
      against: 'one atomic flushed write of the same size',
      ...samples,
      goal: { most: 2, at: ['p50', 'p99'] },
      notes: [`${size} bytes`],
    });
  } finally {
    discovery.stop();
    await mqtt.stop();
    engine.stop();
    journal.close();
    await mosquitto.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A worker whose plotter has made its plot, and of which nothing is left but its end. */
function upToItsEnd(engine: JournalledEngine, dir: string): WorkerState {
  void engine.command({ type: 'start', job: 'bench', workers: 1 });
  const directory = {
    ...{ path: dir, problem: null, device: '1', free_bytes: ROOM },
    ...{ old_plots: [], filesystem: null },
  };
  engine.take({
    type: 'probed',
    job: 'bench',
    facts: {
      wanted: [
        { argument: 'temp_dir', role: 'temp', path: dir, over_mqtt: false },
        { argument: 'dest_dir', role: 'destination', path: dir, over_mqtt: false },
      ],
      directories: [
        { argument: 'temp_dir', role: 'temp', ...directory },
        { argument: 'dest_dir', role: 'destination', ...directory },
      ],
      old_plots: new Map(),
      used: null,
    },
  });
  const [worker] = engine.state.workers.values();
  if (!worker) throw new Error('no worker started');
  engine.take({ type: 'launched', owner: worker.id, kind: 'plotter', pid: 4711, recovered: false });
  engine.take({
    type: 'exited',
    owner: worker.id,
    kind: 'plotter',
    exit: { code: 0, lost: false, ended_at: Date.now() },
    plot: { file: join(dir, 'a.plot'), problem: null, bytes: 1 },
    tail: [],
  });
  return worker;
}

export const finished: Case = {
  name: 'finished',
  title: 'A finished worker',
  run: async (bench) => [await measure(bench)],
};
