import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeenPlot } from '../../engine/inputs.ts';
import { destinationOf } from '../../engine/model/placement.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { whyNotAPlot } from '../../engine/working/final-plot.ts';
import { newFiles, whyNotOne } from '../../engine/working/new-files.ts';
import { withDirectory } from '../../host/open-directory.ts';
import { openForWriting } from '../../host/writers.ts';
import { messageOf } from '../../util/errors.ts';
import { notedDestination } from '../worker-directory/destination-names.ts';
import { noteProduced, notedProduced } from '../worker-directory/produced-note.ts';
import { type ReadWait, untilReadable } from './until-readable.ts';
import { within } from './within.ts';

/** A file has stopped growing when it is the same after so long, and nobody has it open for writing. */
const QUIET_MS = 1_000;
/** Of several files others have so many looks to say that they are theirs: their logs may have to be read after a restart. */
const LOOKS_AT_SEVERAL = 5;
/** A disk has so long to say what a plotter that has failed left there. */
const FAILED_WAITS_MS = 10_000;

/** How a plotter whose log names no plot ended, and where its run keeps its files. */
export interface ProducedLook {
  own: string;
  well: boolean;
  pattern: RegExp;
}

/** What a look at the destination finds: a file that may be the plot, as it is now, else why there is none. */
type Found =
  | { name: string; file: BigIntStats; written: boolean }
  | { problem: string; names: readonly string[] };

/**
 * The plot of a worker whose log doesn't name it: the one new file in its destination, once that has stopped growing.
 * What was there before was noted before the plotter began; without that note nothing counts. What a plotter that failed
 * left behind is named too (`spoilt`): it is nobody's plot.
 */
export async function producedPlot(
  state: State,
  worker: WorkerState,
  wait: ReadWait,
  { own, well, pattern }: ProducedLook,
): Promise<SeenPlot> {
  const destination = destinationOf(worker);
  if (destination === null) return noPlot('its plotter has no destination in which it could be looked for');
  const look = () => lookFor(state, worker, destination, { own, pattern });
  if (!well) {
    const found = await within(
      FAILED_WAITS_MS,
      look().catch(() => null),
    );
    if (found === null) return noPlot('its plotter has failed');
    return noPlot('its plotter has failed', 'names' in found ? found.names : [found.name]);
  }
  const unreadable = (error: unknown): Found => ({
    problem: `its plot can't be looked at: ${messageOf(error)}`,
    names: [],
  });
  let before: Found | null = null;
  for (let looks = 1; ; looks += 1) {
    const found: Found = await untilReadable(wait, look, unreadable);
    if ('problem' in found) {
      const mayBeOthers = found.names.length > 1 && looks < LOOKS_AT_SEVERAL;
      if (!mayBeOthers || wait.run.dismissed) return noPlot(found.problem, found.names);
    } else {
      const isQuiet = before !== null && 'file' in before && !found.written && isSame(before, found);
      if (isQuiet) return judged(worker, destination, found, own);
      if (wait.run.dismissed && before !== null)
        return noPlot(`its plot was still being written when it was dismissed: ${found.name}`, [found.name]);
    }
    before = found;
    // The daemon ends whoever waits here.
    await sleep(QUIET_MS, undefined, { ref: false });
  }
}

function noPlot(problem: string, spoilt: readonly string[] = []): SeenPlot {
  return { file: '', problem, bytes: 0, spoilt };
}

/** Throws where the disk doesn't say now what is there. */
async function lookFor(
  state: State,
  worker: WorkerState,
  destination: string,
  { own, pattern }: Pick<ProducedLook, 'own' | 'pattern'>,
): Promise<Found> {
  const noted = notedDestination(own)?.found ?? null;
  if (noted === null)
    return { problem: 'what was in its destination before its plotter began is lost', names: [] };
  const decided = notedProduced(own);
  return withDirectory(destination, async ({ base, real, ino }) => {
    if (String(ino) !== noted.ino)
      return {
        problem: `${destination} is another directory than the one that its plotter began with`,
        names: [],
      };
    const now = await readdir(base);
    const names =
      decided === null
        ? newFiles(state, worker, { now, before: noted.names, fits: (name) => pattern.test(name) })
        : now.filter((name) => name === basename(decided));
    const [name] = names;
    const problem = whyNotOne(names, destination, pattern);
    if (problem !== null || name === undefined) return { problem: problem ?? '', names };
    const file = await lstat(join(base, name), { bigint: true });
    return { name, file, written: (await openForWriting(new Set([join(real, name)]))).size > 0 };
  });
}

function isSame(one: Extract<Found, { file: BigIntStats }>, other: Extract<Found, { file: BigIntStats }>) {
  const { ino, size, mtimeNs } = other.file;
  return (
    one.name === other.name && one.file.ino === ino && one.file.size === size && one.file.mtimeNs === mtimeNs
  );
}

/** It counts as any plot does, and is written down before anybody hears of it. */
function judged(
  worker: WorkerState,
  destination: string,
  { name, file: found }: Extract<Found, { file: BigIntStats }>,
  own: string,
): SeenPlot {
  const file = join(destination, name);
  const bytes = Number(found.size);
  const kind = found.isFile() ? 'file' : found.isSymbolicLink() ? 'link' : 'other';
  const problem = whyNotAPlot({
    ...{ file, kind, bytes, inDestination: true, expectedBytes: worker.plot_bytes, owner: null },
    ...{ changedAt: Number(found.mtimeNs / 1_000_000n), before: { there: false, at: 0 } },
  });
  if (problem !== null) return { file, problem, bytes, spoilt: [name] };
  noteProduced(own, file);
  return { file, problem, bytes };
}
