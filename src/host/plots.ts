import { lstat, readdir, realpath, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';

export interface PlotFile {
  /** Absolute where the directory is. */
  file: string;
  /** Bytes. */
  size: number;
}

/** `plot-k32-2021-07-14-21-56-<id>.plot`, `plot-k32-c07-2021-…`, `plot-mmx-k32-2021-…`: local time. */
const DATE_IN_NAME = /^plot-.*?(\d{4})-(\d{2})-(\d{2})-(\d{2})-(\d{2})-/;
/** As a shell reads `*.plot`: hidden files, such as what a copying program is writing, are none. */
const PLOT_NAME = /^[^./\0][^/\0]*\.plot$/;

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
 * The oldest plots of a directory that are not newer than `before`, oldest first, at most `count`: regular
 * files named `*.plot` directly in it, by the date in their names, else by their time of modification.
 * Throws the system's error where the directory can't be read.
 */
export async function oldestPlots(
  dir: string,
  { before, count }: { before: Date; count: number },
): Promise<PlotFile[]> {
  const dated: { name: string; time: number }[] = [];
  for (const name of await readdir(dir)) {
    if (!PLOT_NAME.test(name)) continue;
    // A farm has thousands of plots: only those without a date in their name are asked for one.
    const time = plotNameDate(name)?.getTime() ?? (await regularFile(join(dir, name)))?.mtimeMs;
    if (time !== undefined && time <= before.getTime()) dated.push({ name, time });
  }
  dated.sort((a, b) => a.time - b.time || (a.name < b.name ? -1 : 1));
  const plots: PlotFile[] = [];
  for (const { name } of dated) {
    if (plots.length >= count) break;
    const found = await regularFile(join(dir, name));
    if (found !== null) plots.push({ file: join(dir, name), size: found.size });
  }
  return plots;
}

/** What lstat says of a regular file; null for links, directories, pipes and what has gone meanwhile. */
async function regularFile(file: string): Promise<{ size: number; mtimeMs: number } | null> {
  try {
    const found = await lstat(file);
    return found.isFile() ? found : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export type PlotRemoval =
  | { outcome: 'removed'; size: number }
  /** Somebody, or this daemon before a crash, has removed it already. */
  | { outcome: 'missing' }
  /** It isn't, or isn't any more, a plot that may be removed: nothing was touched. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'failed'; reason: string };

/**
 * Removes one plot that `oldestPlots` found: `file` must name a regular file `*.plot` directly in `dir`,
 * still of the size it was found with. Nothing else is ever removed; a link isn't, nor what it points to.
 * Never throws.
 */
export async function removePlot(
  dir: string,
  file: string,
  expected: { size: number },
): Promise<PlotRemoval> {
  const name = basename(file);
  if (!PLOT_NAME.test(name)) return { outcome: 'refused', reason: 'it is not named *.plot' };
  // `resolve` of a name alone would depend on the working directory; a name alone is in `dir`.
  const where = file === name ? dir : dirname(file);
  if (resolve(where) !== resolve(dir) || file.split('/').includes('..')) {
    return { outcome: 'refused', reason: `it is not directly in ${dir}` };
  }
  try {
    const path = join(await realpath(dir), name);
    const found = await lstat(path);
    if (!found.isFile()) return { outcome: 'refused', reason: 'it is not a regular file' };
    if (found.size !== expected.size) {
      return { outcome: 'refused', reason: `it has ${found.size} bytes, not ${expected.size} as before` };
    }
    await unlink(path);
    return { outcome: 'removed', size: found.size };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { outcome: 'missing' };
    return { outcome: 'failed', reason: messageOf(error) };
  }
}
