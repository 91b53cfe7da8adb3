import { setTimeout as pause } from 'node:timers/promises';
import type { DiskFigures, FarmDisks, FileSystemFigures, HostFigures } from '../../contract/views.ts';
import type { createHostFigures } from '../../host/figures.ts';
import type { Publisher } from '../../mqtt/states/publisher.ts';
import { toMib } from '../../util/bytes.ts';
import { NOTHING_SHOWN } from './disk-room.ts';
import { SteadyFileSystems } from './file-systems.ts';
import type { OldPlotCount, OldPlotFigures } from './old-plot-figures.ts';

/** The host's figures come so often, the daemon's own with every second of them, so that it seldom wakes up. */
const HOST_MS = 30_000;
const HEALTH_EVERY = 2;
/** So long they wait for a look at old plots. */
const OLD_PLOTS_MS = 2_000;

/** What was measured last, for those who show it. */
export interface Measured {
  /** `null` before the first look. */
  host: HostFigures | null;
  farm: FarmDisks;
  /** As they are shown in steps. */
  fileSystems: readonly FileSystemFigures[];
  /** What Home Assistant doesn't get, in words. */
  leftOut: readonly string[];
  /** What replotting would still remove; `null`: it isn't known. */
  oldPlots: OldPlotCount | null;
}

/** Nothing was measured yet. */
export const nothingMeasured = (): Measured => ({
  ...{ host: null, farm: NOTHING_SHOWN.farm },
  ...{ fileSystems: [], leftOut: [], oldPlots: null },
});

export interface FiguresOptions {
  publisher: Pick<Publisher, 'stand' | 'statsChanged'>;
  workers(): number;
  mqtt(): { queue: number; dropped: number };
  /** Whether the state can be written. */
  storage(): 'ok' | 'failing';
  /** Looks at the disks. */
  disks(): Promise<DiskFigures[]>;
  /** What replotting would still remove, looked at from time to time. */
  oldPlots: Pick<OldPlotFigures, 'look' | 'of' | 'farm'>;
  hostFigures: ReturnType<typeof createHostFigures>;
  /** Before disks are looked at, and after patterns may have matched others. */
  onDisks(): void;
  /** All is looked at: what changes with time alone may be another now. */
  onLook(): void;
  measured: Measured;
}

/** Publishes how the daemon and its host are, at the start and from time to time (contract, section 4). */
export class Figures {
  readonly #options: FiguresOptions;
  readonly #began = performance.now();
  readonly #startedAt = new Date().toISOString();
  readonly #fileSystems = new SteadyFileSystems();
  #lag = 0;
  #timer: NodeJS.Timeout | undefined;
  #midnight: NodeJS.Timeout | undefined;

  constructor(options: FiguresOptions) {
    this.#options = options;
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
      started_at: this.#startedAt,
      rss_mib: toMib(process.memoryUsage.rss()),
      event_loop_lag_ms: Math.round(this.#lag * 10) / 10,
      workers: workers(),
      mqtt_queue: queue,
      mqtt_dropped: dropped,
      storage: storage(),
    });
  }

  async #lookAtHost(): Promise<void> {
    const { publisher, measured, onDisks, onLook, disks, hostFigures, oldPlots } = this.#options;
    onDisks();
    const [figures] = await Promise.all([hostFigures(disks()), this.#lookAtOldPlots()]);
    measured.host = {
      ...figures,
      disks: figures.disks.map((disk) => ({ ...disk, ...oldPlots.of(disk.path) })),
    };
    const filesystems = this.#fileSystems.of(measured.host.disks, performance.now());
    measured.fileSystems = filesystems;
    onDisks();
    publisher.stand('host', measured.host);
    publisher.stand('fileSystems', { filesystems });
    // The farm's problems name disks that are away, and it tells the room of all.
    publisher.statsChanged();
    onLook();
  }

  /** A first look at a large farm takes its time: the host's other figures don't wait for it. */
  async #lookAtOldPlots(): Promise<void> {
    const { oldPlots, measured, publisher } = this.#options;
    const looked = oldPlots.look().then(() => {
      measured.oldPlots = oldPlots.farm;
      publisher.statsChanged();
    });
    await Promise.race([looked, pause(OLD_PLOTS_MS, null, { ref: false })]);
  }
}
