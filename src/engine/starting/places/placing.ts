import { directoryChoices } from '../../../plotters/command.ts';
import type { DiskFacts } from '../../inputs.ts';
import type { JobState } from '../../model/job-state.ts';
import type { Transaction } from '../../transaction.ts';
import type { Wanting } from '../limits/disk-limit.ts';
import { busyOn, type HeldByDisks, heldByDisks, keptFree } from '../limits/disk-rules.ts';
import { needsOf, type OpenArgument, type Search, searchFor, type Try } from './place-search.ts';
import type { ResolvedJob } from './resolve.ts';
import { type FullPlace, freeOn, noRoomMessage, type RoomOnDisks, stillComing } from './room.ts';
import { someOf } from './some-of.ts';

/** A look at the disks, and what it was for. */
export interface Look {
  transaction: Transaction;
  job: JobState;
  resolved: ResolvedJob;
  facts: DiskFacts;
}

/** What a start gets: a directory for each argument, and the room there; else which gate keeps it back, and why. */
export type Placing =
  | { verdict: 'ok'; resolved: ResolvedJob; room: RoomOnDisks }
  | ({ verdict: 'temp_full' | 'dest_full'; text: string } & Pick<RoomOnDisks, 'wouldGo'>)
  /** `full`: directories that have no room, while others that may have are at a limit. */
  | { verdict: 'disk'; text: string; full: readonly { argument: string; path: string }[] };

/**
 * Chooses the directories of one start (contract, section 8): the main temporary one first, then the others, which
 * prefer its file system, each with the room that those before took. `start`: its turn, and the claims of starts that
 * come before it and are no workers yet.
 */
export function place(job: Look, start: Omit<Wanting, 'coming'>): Placing {
  const look = { ...job, start };
  const { taken } = start;
  const coming = [...stillComing(look.transaction, look.facts), ...taken.flat()];
  const open = optionsOf(look, freeOn(look.facts.directories, coming));
  const held = open.find(({ options }) => options.length === 0);
  if (held)
    return {
      verdict: 'disk',
      text: heldText(held.argument, heldIn(look, held.argument)),
      full: [],
    };
  const search: Search = { ...look, taken, coming };
  const found = searchFor(search, open);
  if (found.verdict === 'ok') return found;
  // One at a limit speaks before one that is full.
  for (const { argument, options } of open.filter(isFullIn(found))) {
    const limits = heldIn(look, argument).filter(({ isLimit }) => isLimit);
    if (limits.length === 0) continue;
    const full = options.map(({ directory }) => ({ argument, path: directory }));
    return { verdict: 'disk', text: heldText(argument, limits), full };
  }
  const { verdict, wouldGo } = found;
  const text = noRoomMessage(look.job, verdict, fullPlaces(search, open, found));
  return { verdict, text, wouldGo };
}

/** The same, for one start. */
interface LookOfStart extends Look {
  start: Omit<Wanting, 'coming'>;
}

/** The directories of each argument that can be used and that no rule of `disks` holds back. */
function optionsOf({ transaction, resolved, facts, start }: LookOfStart, free: ReadonlyMap<string, number>) {
  const busy = busyOn(transaction.state);
  return directoryChoices(resolved.definition, resolved.values).map(
    (choice): OpenArgument => ({
      ...choice,
      options: facts.directories
        .filter(({ argument, problem }) => argument === choice.argument && problem === null)
        .filter((found) => heldByDisks(transaction, found, start) === null)
        .map((found) => ({
          found,
          directory: found.path,
          fileSystem: found.device,
          busy: busy.get(found.device) ?? 0,
          free: (free.get(found.device) ?? 0) - keptFree(transaction, found),
        })),
    }),
  );
}

/** By which rules the directories of an argument are held back that could be used otherwise. */
function heldIn({ transaction, facts, start }: LookOfStart, argument: string): HeldByDisks[] {
  return facts.directories
    .filter((found) => found.argument === argument && found.problem === null)
    .flatMap((found) => heldByDisks(transaction, found, start) ?? []);
}

function heldText(argument: string, held: readonly HeldByDisks[]): string {
  const texts = held.map(({ text }) => text);
  return texts.length === 1 ? someOf(texts) : `${argument}: ${someOf(texts, '; ')}`;
}

/** The arguments of whose directories one is too full. */
function isFullIn({ verdict }: Failed): (open: OpenArgument) => boolean {
  const full = verdict === 'dest_full' ? 'destination' : 'temp';
  return ({ role }) => role === full;
}

/** The directories of the arguments for which there is no room, each once. */
function fullPlaces(search: Search, open: readonly OpenArgument[], failed: Failed): FullPlace[] {
  const needs = needsOf(search, failed.chosen);
  const places = new Map<string, FullPlace>();
  for (const { argument, options } of open.filter(isFullIn(failed)))
    for (const { found } of options) {
      const { path, free_bytes } = found;
      const needed = Math.max(needs?.get(argument) ?? 0, places.get(path)?.needed ?? 0);
      const kept_free = keptFree(search.transaction, found);
      places.set(path, { path, free_bytes, kept_free, needed });
    }
  return [...places.values()];
}

type Failed = Exclude<Try, { verdict: 'ok' }>;
