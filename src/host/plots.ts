import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../util/errors.ts';
import { mountOf, mountPoints } from './mounts.ts';
import { type OpenDirectory, withDirectory } from './open-directory.ts';
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

/** How a plot's age is known. */
export const PLOT_TIME_SOURCES = ['record', 'name', 'file'] as const;
export type PlotTimeSource = (typeof PLOT_TIME_SOURCES)[number];

/** A plot's age: milliseconds since 1970, and where that comes from. */
export interface PlotTime {
  time: number;
  source: PlotTimeSource;
}

export type OldPlot = PlotFile & PlotTime;

/** Which plots may go. More rules will join here: each narrows it. */
export interface OldPlotRule {
  before: Date;
}

export interface OldPlotSearch extends OldPlotRule {
  /** At most so many are looked at closely, and come back. */
  count: number;
  /** Names that must stay: what somebody has in hand. */
  inHand?: ReadonlySet<string>;
  /** When this daemon made the plot of this name (milliseconds since 1970); `null` where it has no record of it. */
  recordOf?: (name: string) => number | null;
  /** Those that somebody is writing count too: nobody is asked about open files, which takes a while. */
  evenWritten?: boolean;
  /** Records may be missing: of all that speaks of a plot without one, the youngest counts. */
  cautious?: boolean;
}

export interface OldPlots {
  plots: OldPlot[];
  /** The mount point of the file system that they are on, and their directory without links. */
  filesystem: string;
  real: string;
}

/** `plot-k32-2021-07-14-21-56-<id>.plot`, `plot-k32-c07-2021-…`, `plot-mmx-k32-2021-…`: local time. */
const DATE_IN_NAME = /^plot-.*?(\d{4})-(\d{2})-(\d{2})-(\d{2})-(\d{2})-/;
/** As a shell reads `*.plot`: hidden files, such as what a copying program is writing, are none. */
const PLOT_NAME = /^[^./\0][^/\0]*\.plot$/;

/** Looked at beyond what is wanted, in place of those that somebody is writing. */
const SPARE = 8;

/** Whether a plot's file may have this name: no directory in it, and `*.plot`. */
export function isPlotName(name: string): boolean {
  return PLOT_NAME.test(name);
}

/** The date in a plot's name, in local time as the plotters write it; null where it has none. */
export function plotNameDate(name: string): Date | null {
  const parts = DATE_IN_NAME.exec(name)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts;
  const date = new Date(year, month - 1, day, hour, minute);
  // A 31st of February or a 25th hour would roll over: then these digits are no date.
  const same = date.getMonth() === month - 1 && date.getDate() === day;
  return same && hour < 24 && minute < 60 ? date : null;
}

/**
 * The oldest plots of a directory that are not newer than `before`, oldest first: regular files named `*.plot`
 * directly in it, with no other name on the disk, on the directory's own file system, which nobody has in hand or is
 * writing. A plot's time is the daemon's record of it, else the date in its name, else its time of modification.
 * Throws the system's error where the directory can't be read.
 */
export function oldestPlots(dir: string, search: OldPlotSearch): Promise<OldPlots> {
  return withDirectory(dir, async (directory) => {
    const candidates = await candidatesIn(directory, search);
    const mounted = new Set(mountPoints());
    const plots: OldPlot[] = [];
    for (const { name, ...when } of candidates) {
      if (plots.length >= search.count + SPARE) break;
      const found = await removableFile(directory, name);
      if (found === null || mounted.has(join(directory.real, name))) continue;
      plots.push({ file: join(dir, name), ...identityOf(found), ...when });
    }
    const asked = search.evenWritten === true ? [] : plots;
    const writing = await openForWriting(new Set(asked.map(({ file }) => realName(directory, file))));
    const free = plots.filter(({ file }) => !writing.has(realName(directory, file)));
    const { real } = directory;
    return { plots: free.slice(0, search.count), filesystem: mountOf(real), real };
  });
}

function realName({ real }: OpenDirectory, file: string): string {
  return join(real, file.slice(file.lastIndexOf('/') + 1));
}

/** By name and time alone, oldest first: a farm has thousands of plots, few of which are looked at closely. */
async function candidatesIn(
  directory: OpenDirectory,
  search: OldPlotSearch,
): Promise<(PlotTime & { name: string })[]> {
  const dated: (PlotTime & { name: string })[] = [];
  for (const name of await readdir(directory.base)) {
    if (!isPlotName(name) || search.inHand?.has(name) === true) continue;
    const when = await timeOf(directory, name, search);
    if (when !== null && when.time <= search.before.getTime()) dated.push({ name, ...when });
  }
  return dated.sort((a, b) => a.time - b.time || (a.name < b.name ? -1 : 1));
}

async function timeOf(
  directory: OpenDirectory,
  name: string,
  { before, recordOf, cautious = false }: OldPlotSearch,
): Promise<PlotTime | null> {
  const record = recordOf?.(name) ?? null;
  if (record !== null) return { time: record, source: 'record' };
  const named = plotNameDate(name)?.getTime() ?? null;
  // The file is asked only where its answer can matter.
  if (named !== null && (!cautious || named > before.getTime())) return { time: named, source: 'name' };
  const found = await removableFile(directory, name);
  if (found === null) return null;
  const modified = Number(found.mtimeMs);
  return named !== null && named >= modified
    ? { time: named, source: 'name' }
    : { time: modified, source: 'file' };
}

/** What lstat says of a file that may go; null for links of either kind, directories, pipes, other disks' files. */
export async function removableFile(directory: OpenDirectory, name: string): Promise<BigIntStats | null> {
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
