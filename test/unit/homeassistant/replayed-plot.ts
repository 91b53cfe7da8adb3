import { vi } from 'vitest';
import { createGrowingMask } from '../../../src/config/mask.ts';
import { publishOutcome, stateReader } from '../../../src/daemon/publishing/publishing.ts';
import { Door } from '../../../src/mqtt/door.ts';
import { Outbox } from '../../../src/mqtt/sending/outbox.ts';
import { Publisher } from '../../../src/mqtt/states/publisher.ts';
import { planOf } from '../../../src/engine/working/stages.ts';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { compileParser } from '../../../src/plotters/parser.ts';
import { loadRun, steps } from '../../../src/simulator/recording.ts';
import { Bench } from '../engine/bench.ts';
import { collectingLog } from '../mqtt/support/fixture.ts';

export const BASE = 'b';
export const JOB = 'nightly';

/**
 * A job whose plotter says what a real one said, each line at its time, on a clock that is moved: what is published goes
 * to `heard`.
 */
export class ReplayedPlots {
  readonly #bench: Bench;
  readonly #plotter: string;
  readonly #publisher: Publisher;

  constructor(plotter: string, job: object, heard: (topic: string, payload: string) => void) {
    this.#plotter = plotter;
    const definition = builtInPlotters().get(plotter);
    if (!definition) throw new Error(`no plotter ${plotter}`);
    const keys = { farmer_key: '0'.repeat(96), pool_key: '0'.repeat(96) };
    this.#bench = new Bench(
      {},
      {
        settings: {
          plotters: new Map([[plotter, { definition, arguments: {}, command: plotter }]]),
          defaults: { ...keys, temp_dir: '/mnt/fast', dest_dir: '/mnt/farm' },
          progress_interval_ms: 1_000,
        },
      },
    );
    const { log } = collectingLog();
    const door = new Door(createGrowingMask([]), BASE);
    const outbox = new Outbox({ door, log, onAcked: () => {}, onStuck: () => {} });
    outbox.connected({
      ...{ maximumPacketSize: 1e6, receiveMaximum: 1000 },
      publish: ({ topic, payload }, done) => {
        heard(topic, payload.toString());
        done();
      },
    });
    const bench = this.#bench;
    const reader = stateReader({ ...bench, storage: 'ok' }, { now: () => bench.now });
    this.#publisher = new Publisher(outbox, reader, { base: BASE, intervalMs: 1_000 });
    const publisher = this.#publisher;
    bench.before = () => {
      const ahead = bench.now - Date.now();
      if (ahead > 0) vi.advanceTimersByTime(ahead);
    };
    bench.after = (outcome) =>
      publishOutcome(
        outcome,
        bench.state,
        {
          mqtt: { publisher, event: (event, subject) => publisher.event(event, subject) },
          discovery: { jobChanged: () => {}, moveChanged: () => {} },
        },
        log,
      );
    bench.configure({ [JOB]: { plotter, ...job } });
    this.pass(1_000);
  }

  /** Time goes by. */
  pass(ms: number): void {
    this.#bench.pass(ms);
    this.#bench.before({ type: 'startup' });
    this.#publisher.flush();
  }

  /** Makes the plot of a recorded run; answers how long it took, in milliseconds. */
  async make(name: string): Promise<number> {
    const recording = await loadRun(name);
    const definition = builtInPlotters().get(this.#plotter);
    if (!recording || !definition) throw new Error(`no run ${name}`);
    const bench = this.#bench;
    const began = bench.now;
    const worker = bench.startOne(JOB);
    const { leaves } = planOf(definition);
    const parser = compileParser(definition);
    let offset = 0;
    for (const section of ['banner', 'header', 'plot', 'rename', 'footer'] as const)
      for (const step of steps(recording, section)) {
        if (step.kind === 'stage') continue;
        this.pass(step.pauseMs);
        offset += step.text.length + 1;
        const innermost = leaves[bench.state.workers.get(worker.id)?.leaf ?? -1]?.id ?? null;
        const signals = parser.parse(step.text, innermost);
        if (signals.length > 0) bench.feed({ type: 'log', run: worker.run, offset, signals });
      }
    bench.exit(worker);
    this.pass(60_000);
    return bench.now - began;
  }

  stop(): void {
    this.#publisher.stop();
  }
}
