import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinishedPlot } from '../../engine/moving/facts.ts';
import { withDirectory } from '../../host/open-directory.ts';
import { hasSuffix } from '../../host/plot-names.ts';
import { openForWriting } from '../../host/writers.ts';
import { codeOf } from '../../util/errors.ts';

/** How plots are told from what is still being written. */
export interface PlotTelling {
  /** What names of plots end with. */
  suffixes: ReadonlySet<string>;
  /** Whether this daemon has made the plot of this name: its worker has ended then. */
  isOurs(name: string): boolean;
  /** How long one of another program must not have changed, milliseconds. */
  quietMs: number;
  /** The time, as it passes; milliseconds. */
  now(): number;
}

/** A plot that isn't known to be finished, as it was when it was first seen so. */
interface Unfinished {
  found: BigIntStats;
  since: number;
}

/** So long after a directory has changed another change may leave its time as it is: its clock goes in ticks. */
const SURE_MS = 2_000;
/** Files that are looked at in one go. */
const AT_ONCE = 16;

/**
 * The finished plots in one directory. What was found is remembered as long as the directory's time is the same; but for
 * those that aren't finished yet, nothing of it is looked at again then.
 */
export class FinishedPlots {
  readonly path: string;
  readonly #finished = new Map<string, FinishedPlot>();
  readonly #unfinished = new Map<string, Unfinished>();
  #list: readonly FinishedPlot[] = [];
  /** Which directory it was, and its time; `null`: it has to be read. */
  #known: { dev: bigint; ino: bigint; mtimeNs: bigint } | null = null;
  #identity: string | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** Which directory it is, as far as that is known. */
  get identity(): string | null {
    return this.#identity;
  }

  /** As they were found last, the oldest first; the same list as long as nothing has changed. */
  get plots(): readonly FinishedPlot[] {
    return this.#list;
  }

  /** Looks again, for as long as the disk takes to answer. Rejects with the system's error. */
  async look(telling: PlotTelling): Promise<readonly FinishedPlot[]> {
    let changed = false;
    await withDirectory(this.path, async ({ base, real, dev, ino }) => {
      const { mtimeNs, mtimeMs } = await stat(base, { bigint: true });
      const known = this.#known;
      if (known?.dev !== dev || known.ino !== ino) this.#forget();
      this.#identity = `${dev}:${ino}`;
      if (this.#known?.mtimeNs !== mtimeNs) {
        changed = await this.#readNames(base, telling);
        const isSure = Date.now() - Number(mtimeMs) > SURE_MS;
        this.#known = { dev, ino, mtimeNs: isSure ? mtimeNs : -1n };
      }
      if (this.#unfinished.size > 0) changed = (await this.#lookAgain(base, real, telling)) || changed;
    });
    if (changed) this.#list = [...this.#finished.values()].sort(byAge);
    return this.#list;
  }

  /** The directory isn't there: nothing is in it. */
  missing(): readonly FinishedPlot[] {
    this.#forget();
    this.#identity = null;
    this.#list = [];
    return this.#list;
  }

  #forget(): void {
    this.#finished.clear();
    this.#unfinished.clear();
    this.#known = null;
  }

  /** Returns whether a finished one is gone. New names are unfinished until they are looked at. */
  async #readNames(base: string, { suffixes, now }: PlotTelling): Promise<boolean> {
    const names = (await readdir(base)).filter((name) => hasSuffix(name, suffixes));
    const there = new Set(names);
    let gone = false;
    for (const name of this.#finished.keys())
      if (!there.has(name)) gone = this.#finished.delete(name) || gone;
    for (const name of this.#unfinished.keys()) if (!there.has(name)) this.#unfinished.delete(name);
    const fresh = names.filter((name) => !this.#finished.has(name) && !this.#unfinished.has(name));
    for (const [name, found] of await lookAtAll(base, fresh))
      this.#unfinished.set(name, { found, since: now() });
    return gone;
  }

  /** Returns whether one of them is finished now. */
  async #lookAgain(base: string, real: string, telling: PlotTelling): Promise<boolean> {
    const now = telling.now();
    const quiet: [name: string, found: BigIntStats][] = [];
    let any = false;
    for (const [name, found] of await lookAtAll(base, [...this.#unfinished.keys()])) {
      const before = this.#unfinished.get(name);
      if (!before) continue;
      if (!isSame(before.found, found)) this.#unfinished.set(name, { found, since: now });
      if (!isPlot(found)) continue;
      if (telling.isOurs(name)) any = this.#finish(name, found);
      else if (isSame(before.found, found) && now - before.since >= telling.quietMs)
        quiet.push([name, found]);
    }
    const written = await openForWriting(new Set(quiet.map(([name]) => join(real, name))));
    for (const [name, found] of quiet)
      if (!written.has(join(real, name))) any = this.#finish(name, found) || any;
    return any;
  }

  #finish(name: string, { size, ino, mtimeNs, dev }: BigIntStats): true {
    this.#unfinished.delete(name);
    this.#finished.set(name, {
      file: join(this.path, name),
      size: Number(size),
      ...{ ino: String(ino), mtime_ns: String(mtimeNs), device: String(dev) },
    });
    return true;
  }

  /** One of them wasn't as it was found: it is looked at anew. */
  doubt(name: string): void {
    if (this.#finished.delete(name)) this.#known = null;
  }
}

/** A regular file with one name, and not empty. */
function isPlot(found: BigIntStats): boolean {
  return found.isFile() && found.nlink === 1n && found.size > 0n;
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.size === other.size && one.mtimeNs === other.mtimeNs;
}

async function lookAtAll(base: string, names: readonly string[]): Promise<[string, BigIntStats][]> {
  const found: [string, BigIntStats][] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    const looked = await Promise.all(some.map((name) => lookAt(join(base, name))));
    for (const [index, name] of some.entries()) {
      const each = looked[index];
      if (each) found.push([name, each]);
    }
  }
  return found;
}

/** `null`: it is gone meanwhile. */
async function lookAt(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function byAge(one: FinishedPlot, other: FinishedPlot): number {
  if (one.mtime_ns.length !== other.mtime_ns.length) return one.mtime_ns.length - other.mtime_ns.length;
  return one.mtime_ns < other.mtime_ns ? -1 : one.mtime_ns > other.mtime_ns ? 1 : 0;
}
