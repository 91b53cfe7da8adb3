import { readdir, stat } from 'node:fs/promises';
import { threads } from './looks.ts';
import { mountOf } from './mounts.ts';

/** Clocks of file systems tick in steps, some of two seconds: what came in the same one leaves no trace. */
const TICK_MS = 3_000;
/** Not every file system says when a directory has changed: it is counted anew so often anyway. */
const ANEW_MS = 3_600_000;
/** A count that takes longer is begun again. */
const TIMEOUT_MS = 60_000;
/** Plots that aren't counted by then are shown as they were counted before. */
const SHOWN_WITHIN_MS = 500;

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

  /** How many there are in a directory that answers; as it was before where that takes long; `null`: not known. Never rejects. */
  async count(path: string, suffixes: readonly string[]): Promise<number | null> {
    if (!this.#counting.has(path)) await this.#inTime(this.#look(path, suffixes));
    return this.#counted.get(path)?.plots ?? null;
  }

  /** Forgets all directories but these. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#counted.keys()) if (!paths.has(path)) this.#counted.delete(path);
  }

  #inTime(look: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SHOWN_WITHIN_MS);
      void look.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** It has a turn of its own on its mount, so that a long count doesn't hold up looks there. */
  async #look(path: string, suffixes: readonly string[]): Promise<void> {
    this.#counting.add(path);
    const known = this.#counted.get(path);
    const count = () => countIn(path, suffixes, known).catch(() => null);
    const counted = await threads.take(`plots ${mountOf(path)}`, count, TIMEOUT_MS);
    this.#counting.delete(path);
    if (counted) this.#counted.set(path, counted);
  }
}

async function countIn(
  path: string,
  suffixes: readonly string[],
  known: Counted | undefined,
): Promise<Counted> {
  const { dev, ino, mtimeNs, mtimeMs } = await stat(path, { bigint: true });
  const of = [dev, ino, mtimeNs, ...suffixes].join(' ');
  const at = Date.now();
  if (known?.of === of && at - known.at < ANEW_MS) return known;
  const plots = countPlots(await readdir(path), suffixes);
  // What may have changed unseen is counted again.
  return { of: at - Number(mtimeMs) > TICK_MS ? of : '', at, plots };
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
