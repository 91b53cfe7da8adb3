import type { BigIntStats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createTurns } from './turns.ts';

/** Clocks of file systems tick in steps, some of two seconds: what came in the same one leaves no trace. */
const TICK_MS = 3_000;
/** Not every file system says when a directory has changed: it is counted anew so often anyway. */
const ANEW_MS = 3_600_000;
/** A count that takes longer is begun again. */
const TIMEOUT_MS = 60_000;
/** Looks at the disks have turns of their own, so that a long count doesn't hold them up. */
const AT_ONCE = 2;

interface Counted {
  /** What the directory was, and when it had changed last. */
  of: string;
  at: number;
  plots: number;
}

/** What stat(2) says of a directory. */
export type DirectoryStats = Pick<BigIntStats, 'dev' | 'ino' | 'mtimeNs' | 'mtimeMs'>;

/**
 * Counts the files of directories that are named like plots, and remembers it until a directory changes. Only names are
 * looked at: a farm has tens of thousands.
 */
export class PlotCounts {
  readonly #counted = new Map<string, Counted>();
  readonly #counting = new Set<string>();
  readonly #turns = createTurns(AT_ONCE);

  /** How many there are, once that is known; `null`: it can't be. Never rejects. */
  count(path: string, found: DirectoryStats, suffixes: readonly string[]): Promise<number | null> {
    const of = [found.dev, found.ino, found.mtimeNs, ...suffixes].join(' ');
    const known = this.#counted.get(path);
    const isFresh = known?.of === of && Date.now() - known.at < ANEW_MS;
    if (isFresh || this.#counting.has(path)) return Promise.resolve(known?.plots ?? null);
    return this.#countAnew(path, of, { suffixes, isSure: Date.now() - Number(found.mtimeMs) > TICK_MS });
  }

  /** How many there were when they were last counted. */
  known(path: string): number | null {
    return this.#counted.get(path)?.plots ?? null;
  }

  /** Forgets all directories but these. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#counted.keys()) if (!paths.has(path)) this.#counted.delete(path);
  }

  async #countAnew(
    path: string,
    of: string,
    { suffixes, isSure }: { suffixes: readonly string[]; isSure: boolean },
  ): Promise<number | null> {
    this.#counting.add(path);
    const names = await this.#turns.take(path, () => readdir(path).catch(() => null), TIMEOUT_MS);
    this.#counting.delete(path);
    if (names === null) return this.known(path);
    const plots = countPlots(names, suffixes);
    // What may have changed unseen is counted again.
    this.#counted.set(path, { of: isSure ? of : '', at: Date.now(), plots });
    return plots;
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
