import type { DiskFigures, HostFigures } from '../../contract/views.ts';
import type { createHostFigures } from '../../host/figures.ts';
import type { Publisher } from '../../mqtt/publisher.ts';
import { toMib } from '../../util/bytes.ts';

/** The host's figures come so often, the daemon's own with every second of them, so that it seldom wakes up. */
const HOST_MS = 30_000;
const HEALTH_EVERY = 2;

export interface FiguresOptions {
  publisher: Pick<Publisher, 'stand' | 'statsChanged'>;
  workers(): number;
  mqtt(): { queue: number; dropped: number };
  /** Whether the state can be written. */
  storage(): 'ok' | 'failing';
  /** Looks at the disks. */
  disks(): Promise<DiskFigures[]>;
  hostFigures: ReturnType<typeof createHostFigures>;
  /** Before disks are looked at, and after patterns may have matched others. */
  onDisks(): void;
}

/** Publishes how the daemon and its host are, at the start and from time to time (contract, section 4). */
export class Figures {
  readonly #options: FiguresOptions;
  readonly #began = performance.now();
  #lag = 0;
  #timer: NodeJS.Timeout | undefined;
  #midnight: NodeJS.Timeout | undefined;
  #figures: HostFigures | null = null;

  constructor(options: FiguresOptions) {
    this.#options = options;
  }

  /** The host's latest figures; `null` before the first. */
  get host(): HostFigures | null {
    return this.#figures;
  }

  start(): void {
    this.healthChanged();
    void this.#lookAtHost();
    this.#waitForMidnight();
    let due = performance.now() + HOST_MS;
    let times = 0;
    this.#timer = setInterval(() => {
      const now = performance.now();
      times += 1;
      if (times % HEALTH_EVERY === 0) {
        this.#lag = Math.max(0, now - due);
        this.healthChanged();
      }
      void this.#lookAtHost();
      due = now + HOST_MS;
    }, HOST_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#midnight);
  }

  /** Today's plots start anew then. Where the clock is set meanwhile, the next figures of the host notice. */
  #waitForMidnight(): void {
    const midnight = new Date().setHours(24, 0, 0, 0);
    this.#midnight = setTimeout(() => {
      this.#options.publisher.statsChanged();
      this.#waitForMidnight();
    }, midnight - Date.now());
  }

  /** Publishes the daemon's own figures now. */
  healthChanged(): void {
    const { publisher, workers, mqtt, storage } = this.#options;
    const { queue, dropped } = mqtt();
    publisher.stand('bridgeHealth', {
      uptime_s: Math.round((performance.now() - this.#began) / 1000),
      rss_mib: toMib(process.memoryUsage.rss()),
      event_loop_lag_ms: Math.round(this.#lag * 10) / 10,
      workers: workers(),
      mqtt_queue: queue,
      mqtt_dropped: dropped,
      storage: storage(),
    });
  }

  async #lookAtHost(): Promise<void> {
    const { publisher, onDisks, disks, hostFigures } = this.#options;
    onDisks();
    publisher.statsChanged();
    const before = awayOf(this.#figures);
    this.#figures = await hostFigures(disks());
    onDisks();
    publisher.stand('host', this.#figures);
    // The farm's problems name disks that are away.
    if (awayOf(this.#figures) !== before) publisher.statsChanged();
  }
}

/** Which disks are away, and how. */
function awayOf(figures: HostFigures | null): string {
  const away = (figures?.disks ?? []).filter(({ state }) => state !== 'ok');
  return JSON.stringify(away.map(({ role, path, state }) => [role, path, state]));
}
