import { createHostFigures } from '../host/figures.ts';
import type { Publisher } from '../mqtt/publisher.ts';

const HEALTH_MS = 60_000;
const HOST_MS = 30_000;
const STATS_MS = 10_000;
const MIB = 1024 * 1024;

export interface FiguresOptions {
  publisher: Publisher;
  workers(): number;
  mqtt(): { queue: number; dropped: number };
  disks(): { role: string; path: string }[];
  /** These are the disks that are about to be looked at. */
  onDisks(disks: readonly { path: string }[]): void;
}

/** Publishes how the daemon and its host are, at the start and from time to time (contract, section 4). */
export class Figures {
  readonly #options: FiguresOptions;
  readonly #began = performance.now();
  readonly #hostFigures = createHostFigures();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: FiguresOptions) {
    this.#options = options;
  }

  start(): void {
    this.#health(0);
    void this.#host();
    this.#every(HEALTH_MS, (lag) => this.#health(lag));
    this.#every(HOST_MS, () => void this.#host());
    // Today's plots start anew at midnight, whenever that is by a clock that may be set or stand still.
    this.#every(STATS_MS, () => this.#options.publisher.statsChanged());
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** `work` gets how late the event loop came to it, in milliseconds. */
  #every(ms: number, work: (lag: number) => void): void {
    let due = performance.now() + ms;
    const timer = setInterval(() => {
      const now = performance.now();
      work(Math.max(0, now - due));
      due = now + ms;
    }, ms);
    this.#timers.push(timer);
  }

  #health(lag: number): void {
    const { publisher, workers, mqtt } = this.#options;
    const { queue, dropped } = mqtt();
    publisher.health({
      uptime_s: Math.round((performance.now() - this.#began) / 1000),
      rss_mib: Math.round(process.memoryUsage.rss() / MIB),
      event_loop_lag_ms: Math.round(lag * 10) / 10,
      workers: workers(),
      mqtt_queue: queue,
      mqtt_dropped: dropped,
    });
  }

  async #host(): Promise<void> {
    const disks = this.#options.disks();
    this.#options.onDisks(disks);
    this.#options.publisher.host(await this.#hostFigures(disks));
  }
}
