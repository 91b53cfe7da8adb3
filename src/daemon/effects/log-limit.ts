import { statSync } from 'node:fs';
import type { ProcessRef } from '../../engine/model/process-ref.ts';

/** A log that is longer fails its worker (contract, section 3). */
export const MAX_LOG_BYTES = 2 ** 30;
/** So often logs are looked at: a disk writes some GiB in that time. */
const LOOK_MS = 2_000;

/** Length of a log in bytes; 0 where there is none, or where its disk doesn't say. */
export function logBytes(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

/** Looks at logs while there are any, and tells of each that is too long. */
export class LogLimit {
  readonly #logs: () => Iterable<readonly [process: ProcessRef, path: string]>;
  readonly #onOverflow: (process: ProcessRef, bytes: number) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    logs: () => Iterable<readonly [process: ProcessRef, path: string]>,
    onOverflow: (process: ProcessRef, bytes: number) => void,
  ) {
    this.#logs = logs;
    this.#onOverflow = onOverflow;
  }

  /** There are logs to be looked at. */
  watch(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    let any = false;
    for (const [process, path] of this.#logs()) {
      any = true;
      const bytes = logBytes(path);
      if (bytes > MAX_LOG_BYTES) this.#onOverflow(process, bytes);
    }
    if (!any) this.stop();
  }
}
