import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { threads } from './looks.ts';
import { mountOf } from './mounts.ts';
import { createTurns } from './turns.ts';

/** Clocks of file systems tick in steps, some of two seconds: what came in the same one leaves no trace. */
const TICK_MS = 3_000;
/** Not every file system says when a directory has changed: it is counted anew so often anyway. */
const ANEW_MS = 3_600_000;
/** A disk that takes longer to say when a directory has changed is away. */
const LOOK_MS = 3_000;
/** A count that takes longer is begun again. */
const TIMEOUT_MS = 60_000;
/** Plots that aren't counted by then are told as they were counted before. */
const WITHIN_MS = 500;
/** Looks at the disks have turns of their own, so that a long count doesn't hold them up. */
const AT_ONCE = 2;

interface Counted {
  /** What the directory was, and when it had changed last. */
  of: string;
  at: number;
  plots: number;
}

/**
 * Counts the files of directories that are named like plots, and remembers it until a directory changes. Only names are
 * looked at: a farm has tens of thousands.
 */
export class PlotCounts {
  readonly #counted = new Map<string, Counted>();
  readonly #counting = new Set<string>();
  readonly #turns = createTurns(AT_ONCE);

  /** How many there are in each of these directories, as far as that is known soon; `null`: it isn't. Never rejects. */
  async in(paths: Iterable<string>, suffixes: readonly string[]): Promise<Map<string, number | null>> {
    const all = new Set(paths);
    for (const path of this.#counted.keys()) if (!all.has(path)) this.#counted.delete(path);
    const counted = Promise.all([...all].map((path) => this.#count(path, suffixes)));
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, WITHIN_MS);
      void counted.then(() => {
        clearTimeout(late);
        resolve();
      });
    });
    return new Map([...all].map((path) => [path, this.#counted.get(path)?.plots ?? null]));
  }

  async #count(path: string, suffixes: readonly string[]): Promise<void> {
    if (this.#counting.has(path)) return;
    this.#counting.add(path);
    const look = () => stat(path, { bigint: true }).catch(() => null);
    const found = await threads.take(mountOf(path), look, LOOK_MS);
    if (found) await this.#countChanged(path, found, suffixes);
    this.#counting.delete(path);
  }

  async #countChanged(path: string, found: BigIntStats, suffixes: readonly string[]): Promise<void> {
    const of = [found.dev, found.ino, found.mtimeNs, ...suffixes].join(' ');
    const known = this.#counted.get(path);
    if (known?.of === of && Date.now() - known.at < ANEW_MS) return;
    const isSure = Date.now() - Number(found.mtimeMs) > TICK_MS;
    const names = await this.#turns.take(path, () => readdir(path).catch(() => null), TIMEOUT_MS);
    if (names === null) return;
    // What may have changed unseen is counted again.
    this.#counted.set(path, { of: isSure ? of : '', at: Date.now(), plots: countPlots(names, suffixes) });
  }
}

/** Hidden files are what programs are still copying. In plain loops, for a farm's tens of thousands of names. */
function countPlots(names: readonly string[], suffixes: readonly string[]): number {
  let plots = 0;
  for (const name of names) {
    if (name.startsWith('.')) continue;
    for (const suffix of suffixes) {
      if (!name.endsWith(suffix)) continue;
      plots += 1;
      break;
    }
  }
  return plots;
}
