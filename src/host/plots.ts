import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { codeOf } from '../util/errors.ts';
import { isHanging } from './looks.ts';
import { mountOf, mountPoints } from './mounts.ts';
import { type OpenDirectory, withDirectory } from './open-directory.ts';
import { isMeantBy, isPlotName, plotNameDate } from './plot-names.ts';
import { type OldPlotRule, type PlotKnowledge, type PlotTime, timeByName, timeOfFile } from './plot-times.ts';
import { createTurns } from './turns.ts';
import { openForWriting } from './writers.ts';

/** A plot as it was found: what it is told apart by when it is to be removed. */
export interface PlotFile {
  /** Absolute where the directory is. */
  file: string;
  /** Bytes. */
  size: number;
  /** Its inode, and when it was last written to (milliseconds since 1970). */
  ino: string;
  mtime_ms: number;
}

export type OldPlot = PlotFile & PlotTime;

export interface OldPlotSearch extends OldPlotRule, PlotKnowledge {
  /** At most so many are looked at closely, and come back. */
  count: number;
  /** Names that must stay: what somebody has in hand. */
  inHand?: ReadonlySet<string>;
  /** Those that somebody is writing count too: nobody is asked about open files, which takes a while. */
  evenWritten?: boolean;
}

export interface OldPlots {
  plots: OldPlot[];
  /** The mount point of the file system that they are on, and what tells it from others while the host runs. */
  filesystem: string;
  device: string;
  /** How many files are named as plots, whatever the rule says of them. */
  seen: number;
}

/** Looked at beyond what is wanted, in place of those that somebody is writing. */
const SPARE = 8;
/** A disk that takes longer has none. */
const LOOK_MS = 30_000;
/** Names that are looked at before others have their turn. */
const NAMES_AT_ONCE = 50;

/** A look at a dead disk never ends: it keeps one of Node's few threads for files, but no place of others for longer. */
const PLACE_MS = 5_000;
const turns = createTurns(2, { placeMs: PLACE_MS, skips: isHanging });

/** What one directory has: names without links beside what is found, so that open files can be told. */
interface Found {
  dev: bigint;
  ino: bigint;
  real: string;
  seen: number;
  plots: { plot: OldPlot; real: string }[];
}

/**
 * The oldest plots of a directory that a rule means, oldest first: regular files directly in it whose names it means,
 * not newer than `before`, with no other name on the disk, on the directory's own file system, which nobody has in hand
 * or is writing. A plot's time is the daemon's record of it, else the date in its name, else its time of modification.
 * Throws the system's error where the directory can't be read.
 */
export async function oldestPlots(dir: string, search: OldPlotSearch): Promise<OldPlots> {
  return chosenOf(await lookInto(dir, search), [], search);
}

/**
 * The same in several directories, of those alone that are on the file system of `destination`, each once. One that
 * can't be read has none. `allows`: whether this directory, links resolved, may be touched.
 */
export async function oldestPlotsIn(
  destination: string,
  directories: readonly string[],
  search: OldPlotSearch,
  allows: (real: string, directory: string) => boolean = () => true,
): Promise<OldPlots> {
  const identity = () => withDirectory(destination, async ({ dev, ino, real }) => ({ dev, ino, real }));
  const here = await turns.take(mountOf(destination), identity, LOOK_MS);
  if (here === null) throw new Error(`${destination} doesn't answer`);
  const known = new Set<bigint>();
  const found: Found[] = [];
  for (const dir of directories) {
    const isWanted = (open: OpenDirectory) => {
      if (open.dev !== here.dev || known.has(open.ino) || !allows(open.real, dir)) return false;
      known.add(open.ino);
      return true;
    };
    const look = () => lookInto(dir, search, isWanted).catch(() => null);
    const each = await turns.take(mountOf(dir), look, LOOK_MS);
    if (each) found.push(each);
  }
  return chosenOf({ ...here, seen: 0, plots: [] }, found, search);
}

/** What tells a directory's file system from others while the host runs; `null` where nobody can look at it. */
export function deviceOf(dir: string): Promise<string | null> {
  const look = () => withDirectory(dir, async ({ dev }) => String(dev)).catch(() => null);
  return turns.take(mountOf(dir), look, LOOK_MS);
}

/** Of all that was found, what nobody is writing. */
async function chosenOf(first: Found, others: readonly Found[], search: OldPlotSearch): Promise<OldPlots> {
  const near = oldestOf([first, ...others], search.count + SPARE);
  const writing = await openForWriting(
    new Set(search.evenWritten === true ? [] : near.map((each) => each.real)),
  );
  const free = near.filter(({ real }) => !writing.has(real)).map(({ plot }) => plot);
  return {
    plots: free.slice(0, search.count),
    filesystem: mountOf(first.real),
    device: String(first.dev),
    seen: [first, ...others].reduce((sum, { seen }) => sum + seen, 0),
  };
}

/** The oldest of several directories, each of which has its own in order: sorting all of a farm's would hold others up. */
function oldestOf(directories: readonly Found[], most: number): Found['plots'] {
  const oldest: Found['plots'] = [];
  const taken = directories.map(() => 0);
  while (oldest.length < most) {
    let from = -1;
    let next: Found['plots'][number] | undefined;
    for (const [index, { plots }] of directories.entries()) {
      const head = plots[taken[index] ?? 0];
      if (head && (!next || isOlder(head.plot, next.plot))) [from, next] = [index, head];
    }
    if (!next) break;
    taken[from] = (taken[from] ?? 0) + 1;
    oldest.push(next);
  }
  return oldest;
}

function isOlder(a: OldPlot, b: OldPlot): boolean {
  return a.time === b.time ? a.file < b.file : a.time < b.time;
}

function lookInto(
  dir: string,
  search: OldPlotSearch,
  isWanted: (directory: OpenDirectory) => boolean = () => true,
): Promise<Found> {
  return withDirectory(dir, async (directory) => {
    const { dev, ino, real } = directory;
    if (!isWanted(directory)) return { dev, ino, real, seen: 0, plots: [] };
    const { candidates, seen } = await candidatesIn(directory, search);
    const mounted = new Set(mountPoints());
    const plots: Found['plots'] = [];
    for (const { name, ...when } of candidates) {
      if (plots.length >= search.count + SPARE) break;
      const found = await removableFile(directory, name);
      if (found === null || mounted.has(join(real, name))) continue;
      plots.push({ plot: { file: join(dir, name), ...identityOf(found), ...when }, real: join(real, name) });
    }
    return { dev, ino, real, seen, plots };
  });
}

/** By name and time alone, oldest first: a farm has thousands of plots, few of which are looked at closely. */
async function candidatesIn(
  directory: OpenDirectory,
  search: OldPlotSearch,
): Promise<{ candidates: (PlotTime & { name: string })[]; seen: number }> {
  const dated: (PlotTime & { name: string })[] = [];
  const names = (await readdir(directory.base)).filter((name) => isPlotName(name, search.suffixes));
  for (const [index, name] of names.entries()) {
    if (index % NAMES_AT_ONCE === 0) await setImmediate();
    if (!isMeantBy(search, name, search.suffixes) || search.inHand?.has(name) === true) continue;
    const when = timeByName(name, search) ?? (await timeByFile(directory, name));
    if (when !== null && when.time <= search.before.getTime()) dated.push({ name, ...when });
  }
  dated.sort((a, b) => a.time - b.time || (a.name < b.name ? -1 : 1));
  return { candidates: dated, seen: names.length };
}

async function timeByFile(directory: OpenDirectory, name: string): Promise<PlotTime | null> {
  const found = await removableFile(directory, name);
  return found && timeOfFile(plotNameDate(name)?.getTime() ?? null, Number(found.mtimeMs));
}

/** What lstat says of a file that may go; null for links of either kind, directories, pipes, other disks' files. */
export async function removableFile(
  directory: Pick<OpenDirectory, 'base' | 'dev'>,
  name: string,
): Promise<BigIntStats | null> {
  try {
    const found = await lstat(join(directory.base, name), { bigint: true });
    return found.isFile() && found.nlink === 1n && found.dev === directory.dev ? found : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** What a file is told apart by. */
export function identityOf({ size, ino, mtimeMs }: BigIntStats): Pick<PlotFile, 'size' | 'ino' | 'mtime_ms'> {
  return { size: Number(size), ino: String(ino), mtime_ms: Number(mtimeMs) };
}
