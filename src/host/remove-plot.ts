import { lstat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';
import { type OpenDirectory, withDirectory } from './open-directory.ts';
import { isPlotName } from './plot-names.ts';
import { identityOf, type PlotFile } from './plots.ts';
import { openForWriting } from './writers.ts';

export type PlotRemoval =
  | { outcome: 'removed'; size: number }
  /** Somebody, or this daemon before a crash, has removed it already. */
  | { outcome: 'missing' }
  /** It isn't, or isn't any more, a plot that may be removed: nothing was touched. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'failed'; reason: string };

/** What is known of the plot since it was found: its size at least. */
export type ExpectedPlot = Pick<PlotFile, 'size'> & Partial<Pick<PlotFile, 'ino' | 'mtime_ms'>>;

export interface RemovalRules {
  /** Why nothing may be removed in this directory, links resolved; `null` where it may. */
  refuses?: (real: string) => string | null;
  /** How files of plots end, beside `.plot` and the like. */
  suffixes?: readonly string[];
  /** The directory must be on the file system of this one; by default it is this one. */
  near?: string;
}

/**
 * Removes one plot that `oldestPlots` found: `file` must name a plot's regular file directly in `dir`, still the
 * one that was found. The directory is held open meanwhile, so that a link put in its place leads nowhere. Nothing
 * else is ever removed; a link isn't, nor what it points to. Never throws.
 */
export async function removePlot(
  dir: string,
  file: string,
  expected: ExpectedPlot,
  { refuses = () => null, near = dir, suffixes = [] }: RemovalRules = {},
): Promise<PlotRemoval> {
  const name = basename(file);
  if (!isPlotName(name, suffixes)) return { outcome: 'refused', reason: 'it is not named like a plot' };
  // `resolve` of a name alone would depend on the working directory; a name alone is in `dir`.
  const where = file === name ? dir : dirname(file);
  if (resolve(where) !== resolve(dir) || file.split('/').includes('..'))
    return { outcome: 'refused', reason: `it is not directly in ${dir}` };
  try {
    const { dev } = await withDirectory(near, async (directory) => directory);
    return await withDirectory(dir, async (directory) => {
      const away = directory.dev === dev ? null : `${dir} is on another file system than ${near}`;
      const reason = refuses(directory.real) ?? away;
      return reason === null ? removeIn(directory, name, expected) : { outcome: 'refused', reason };
    });
  } catch (error) {
    return { outcome: 'failed', reason: messageOf(error) };
  }
}

async function removeIn(
  directory: OpenDirectory,
  name: string,
  expected: ExpectedPlot,
): Promise<PlotRemoval> {
  const path = join(directory.base, name);
  try {
    const reason = await whyNot(directory, name, expected);
    if (reason !== null) return { outcome: 'refused', reason };
    await unlink(path);
    return { outcome: 'removed', size: expected.size };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { outcome: 'missing' };
    throw error;
  }
}

/** Why the file must stay. Throws where it isn't there. */
async function whyNot(
  directory: OpenDirectory,
  name: string,
  expected: ExpectedPlot,
): Promise<string | null> {
  const real = join(directory.real, name);
  if ((await openForWriting(new Set([real]))).has(real)) return 'somebody is writing to it';
  const found = await lstat(join(directory.base, name), { bigint: true });
  if (!found.isFile()) return 'it is not a regular file';
  if (found.dev !== directory.dev) return 'it is on another file system than its directory';
  if (found.nlink > 1n) return 'it has another name on this disk';
  const { size, ino, mtime_ms } = identityOf(found);
  if (size !== expected.size) return `it has ${size} bytes, not ${expected.size} as before`;
  const same = (expected.ino ?? ino) === ino && (expected.mtime_ms ?? mtime_ms) === mtime_ms;
  return same ? null : 'it is another file of that name';
}
