import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isHanging } from './looks.ts';
import { mountOf, mountPoints } from './mounts.ts';
import { type OpenDirectory, withDirectory } from './open-directory.ts';
import { isPlotName, plotNameDate } from './plot-names.ts';
import type { RememberedPlot } from './plot-times.ts';
import { removableFile } from './plots.ts';
import { createTurns } from './turns.ts';

/** A plot's file as it was when its directory was last looked at. */
export interface LookedPlot extends RememberedPlot {
  /** Bytes. */
  size: number;
}

/** What a directory had when it was last looked at. */
export interface PlotLook {
  /** Device and inode: the same directory under another name has the same. */
  device: string;
  ino: string;
  /** Those that may be removed at all: regular files with one name on the directory's own file system. */
  plots: readonly LookedPlot[];
}

/** Two changes within so long may have one time: what is younger is looked at again. */
const SETTLED_MS = 3_000;
const LOOK_MS = 60_000;
/** What hangs keeps no place of others for longer. */
const PLACE_MS = 5_000;
const turns = createTurns(2, { placeMs: PLACE_MS, skips: isHanging });

/**
 * The plots of directories, looked at anew only when a directory has changed: a farm has thousands of plots, and each is
 * a call of the system. One call at a time, so that neither the event loop nor other files have to wait.
 */
export class PlotLooks {
  readonly #known = new Map<string, { stamp: string; look: PlotLook }>();

  /** What the directory has; `null` where it can't be looked at, or its disk doesn't answer. Never rejects. `suffixes`: as for names. */
  look(path: string, suffixes: readonly string[] = []): Promise<PlotLook | null> {
    const call = () =>
      withDirectory(path, (directory) => this.#lookInto(path, directory, suffixes)).catch(() => null);
    return turns.take(mountOf(path), call, LOOK_MS);
  }

  /** Forgets all but these. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }

  async #lookInto(path: string, directory: OpenDirectory, suffixes: readonly string[]): Promise<PlotLook> {
    const { mtimeNs, ctimeNs, mtimeMs } = await stat(directory.base, { bigint: true });
    const stamp = [directory.dev, directory.ino, mtimeNs, ctimeNs, ...suffixes].join(' ');
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.look;
    const isSettled = Date.now() - Number(mtimeMs) > SETTLED_MS;
    const look = {
      device: String(directory.dev),
      ino: String(directory.ino),
      plots: await plotsIn(directory, suffixes),
    };
    if (isSettled) this.#known.set(path, { stamp, look });
    else this.#known.delete(path);
    return look;
  }
}

async function plotsIn(directory: OpenDirectory, suffixes: readonly string[]): Promise<LookedPlot[]> {
  const plots: LookedPlot[] = [];
  const mounted = new Set(mountPoints());
  for (const name of await readdir(directory.base)) {
    if (!isPlotName(name, suffixes) || mounted.has(join(directory.real, name))) continue;
    const found = await removableFile(directory, name);
    if (found === null) continue;
    const named = plotNameDate(name)?.getTime() ?? null;
    plots.push({ name, named, modified: Number(found.mtimeMs), size: Number(found.size) });
  }
  return plots;
}
