import { join } from 'node:path';
import { lstat, readdir } from 'node:fs/promises';
import { suffixesOf } from '../../config/schema/plotter.ts';
import { destinationsOf } from '../../engine/model/placement.ts';
import { runOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { newFiles } from '../../engine/working/new-files.ts';
import { definitionOf } from '../../engine/working/stages.ts';
import { withDirectory } from '../../host/open-directory.ts';
import { hasSuffix } from '../../host/plot-names.ts';
import { openForWriting } from '../../host/writers.ts';
import { notedDestination } from '../worker-directory/destination-names.ts';
import { within } from './within.ts';

/** A disk has so long to say what was left there. */
const WAITS_MS = 10_000;
/** What was last written to earlier is no work of a plotter that has just ended. */
const JUST_NOW_MS = 60_000;

/**
 * Names of what a plotter that has ended without naming a plot may have left in its destinations: new files that are named
 * as finished ones, and that no other worker, move or process has in hand. Some write under the final name from the first
 * byte on, and say it last. Empty where nobody can look.
 * @param own the directory of its run
 */
export async function unnamedLeftovers(state: State, worker: WorkerState, own: string): Promise<string[]> {
  const suffixes = suffixesOf(definitionOf(state, worker));
  const { interrupted } = runOf(state, worker);
  // Nobody knows when it ended while the daemon was away.
  const since = interrupted ? Number.NEGATIVE_INFINITY : Date.now() - JUST_NOW_MS;
  const looks = destinationsOf(worker).map((destination, index) =>
    leftIn(state, worker, {
      destination,
      before: notedDestination(own, index)?.found ?? null,
      suffixes,
      since,
    }),
  );
  const found = await within(
    WAITS_MS,
    Promise.all(looks).catch(() => []),
  );
  return (found ?? []).flat();
}

interface Look {
  destination: string;
  /** What was there before the plotter began; `null`: that isn't known. */
  before: { ino: string; names: readonly string[] } | null;
  suffixes: readonly string[];
  /** Milliseconds since 1970. */
  since: number;
}

async function leftIn(
  state: State,
  worker: WorkerState,
  { destination, before, suffixes, since }: Look,
): Promise<string[]> {
  if (before === null) return [];
  return withDirectory(destination, async ({ base, real, ino }) => {
    if (String(ino) !== before.ino) return [];
    const fits = (name: string) => hasSuffix(name, suffixes);
    const names = newFiles(state, worker, { now: await readdir(base), before: before.names, fits });
    const writing = await openForWriting(new Set(names.map((name) => join(real, name))));
    const left: string[] = [];
    for (const name of names)
      if (!writing.has(join(real, name)) && (await lstat(join(base, name))).mtimeMs >= since) left.push(name);
    return left;
  });
}
