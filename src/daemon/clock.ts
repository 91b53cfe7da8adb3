import { randomBytes } from 'node:crypto';
import { uptime } from 'node:os';
import type { Timescale } from '../engine/model/meta.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { pidNamespace } from '../host/pid-namespace.ts';
import { bootId } from '../host/process-identity.ts';

/** The sleep of the host is noticed so soon; milliseconds of its being awake. */
const LOOK_MS = 1_000;
/** The host's uptime is told in hundredths of a second. */
const UPTIME_STEP_MS = 10;

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/**
 * Time as it passes: the host's uptime, its sleep included, which goes on while the daemon is away and which nobody
 * sets. `now` is in milliseconds from a beginning that was 1970 by the clock of the scale's first start.
 */
export class SteadyClock {
  #base: number;
  /** Uptime less `performance.now()`, which stands still while the host sleeps but costs no system call. */
  #ahead = 0;
  #slept = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor() {
    this.#base = Date.now() - this.#uptime();
  }

  now(): number {
    return this.#base + this.#uptime();
  }

  /** How much of the time since the start the host has slept, in milliseconds. */
  slept(): number {
    this.#uptime();
    return this.#slept;
  }

  /** The scale, to be kept; `null` where no later start could tell that it is in the same run of the host. */
  timescale(): Timescale | null {
    const run = runOfHost();
    return run === null ? null : { run, base: this.#base };
  }

  /** Goes on with the scale of an earlier start in the same run of the host. */
  goOn(scale: Timescale | null): void {
    if (scale !== null && scale.run === runOfHost()) this.#base = scale.base;
  }

  /**
   * When something happened that was noted by the host's uptime or, where that is missing, by its clock; both in
   * milliseconds. Never later than now.
   */
  at(uptimeMs: number | null, clock: number): number {
    const now = this.now();
    if (uptimeMs === null) return Math.min(now, now + clock - Date.now());
    const then = this.#base + uptimeMs;
    // What has just happened is known better than in hundredths of a second.
    return now - then < 2 * UPTIME_STEP_MS ? now : then;
  }

  #uptime(): number {
    const awake = performance.now();
    if (awake - this.#lookedAt >= LOOK_MS) {
      const ahead = uptime() * 1000 - awake;
      const slept = this.#lookedAt < 0 ? 0 : ahead - this.#ahead;
      if (this.#lookedAt < 0 || slept > LOOK_MS) {
        this.#ahead = ahead;
        this.#slept += slept;
      }
      this.#lookedAt = awake;
    }
    return awake + this.#ahead;
  }
}

/** This run of the host, or of the container, whose uptime may be its own. */
function runOfHost(): string | null {
  const namespace = pidNamespace();
  return namespace === null ? null : `${bootId()}/${namespace}`;
}

/** The real clock and real randomness. */
export function realSurroundings(clock: SteadyClock): Surroundings {
  return {
    now: () => Date.now(),
    steady: () => clock.now(),
    slept: () => clock.slept(),
    timescale: () => clock.timescale(),
    start: randomBytes(4).toString('hex'),
    random: () => randomBytes(4).toString('hex'),
    dateOf,
  };
}

/** The local date of a time, `YYYY-MM-DD`. */
export function dateOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}
