import { type DirectoryChoice, directoryChoices, remoteValues } from '../../../plotters/command.ts';
import { spaceNeeds } from '../../../plotters/space.ts';
import type { DirectoryFacts, StartFacts } from '../../inputs.ts';
import { replotKey } from '../../effects.ts';
import type { Placed } from '../../model/worker-state.ts';
import { replotRule } from '../../moving/replot-rule.ts';
import { type Candidate, inTurn } from './choose.ts';
import { keptFree } from '../limits/disk-rules.ts';
import type { Look } from './placing.ts';
import type { ResolvedJob } from './resolve.ts';
import { freeOn, type RoomOnDisks, roomFor } from './room.ts';

/** A directory that an argument may get. */
export interface Option extends Candidate {
  found: DirectoryFacts;
}

/** An argument with the directories that it may get. */
export interface OpenArgument extends DirectoryChoice {
  options: Option[];
}

/**
 * For whom is searched, and what others will take of the disks: starts that come before (`taken`: each one's claims),
 * and all of these with workers in flight.
 */
export interface Search extends Look {
  taken: readonly (readonly Placed[])[];
  coming: readonly Placed[];
}

/** Bytes that each argument needs; `null`: its plotter's needs aren't known. */
export type Needs = ReadonlyMap<string, number> | null;

/** What a choice comes to. */
export type Try =
  | { verdict: 'ok'; resolved: ResolvedJob; room: RoomOnDisks }
  /** `chosen`: which directories it had when room was lacking. */
  | ({ verdict: 'temp_full' | 'dest_full'; chosen: readonly Option[]; needs: Needs } & Pick<
      RoomOnDisks,
      'wouldGo'
    >);

/**
 * A directory for each argument: one main directory after the other is tried, and for each the best of the others. A
 * choice that fails is that which comes furthest.
 */
export function searchFor(search: Search, [main, ...others]: readonly OpenArgument[]): Try {
  if (!main) return complete(search, []);
  if (main.list) return takeAll(search, [], main, others);
  let furthest: Failed | null = null;
  for (const option of inTheirTurn(search, main, others)) {
    const tried = goOn(search, [option], main.role, others);
    if (tried.verdict === 'ok') return tried;
    furthest = further(furthest, tried);
    // A destination that is full, and not of what this one takes, is full whichever of them it is.
    const shared = others.some(({ options }) =>
      options.some(({ fileSystem }) => fileSystem === option.fileSystem),
    );
    if (tried.verdict === 'dest_full' && !shared) break;
  }
  return furthest ?? complete(search, []);
}

/** Goes on from a choice: each further argument gets the first directory with which it works. */
function goOn(
  search: Search,
  chosen: Option[],
  role: OpenArgument['role'],
  [next, ...rest]: readonly OpenArgument[],
): Try {
  const needs = needsOf(search, chosen);
  if (role === 'temp' && !hasRoom(search, chosen, needs))
    return { verdict: 'temp_full', chosen, needs, wouldGo: [] };
  if (!next) return complete(search, chosen);
  if (next.list) return takeAll(search, chosen, next, rest);
  let furthest: Failed | null = null;
  for (const option of inTheirTurn(search, next, rest, chosen[0])) {
    const tried: Try = isFull(search, option, next, needs)
      ? { verdict: FULL[next.role], chosen: [...chosen, option], needs, wouldGo: [] }
      : goOn(search, [...chosen, option], next.role, rest);
    if (tried.verdict === 'ok') return tried;
    furthest = further(furthest, tried);
    // It had room itself, and what comes behind it lacks some: only another main one may help.
    if (tried.chosen.length > chosen.length + 1) break;
  }
  return furthest ?? complete(search, chosen);
}

/**
 * A list that is handed over: the plotter chooses among its directories, so each of them has the room by itself; what is
 * too full isn't handed over.
 */
function takeAll(search: Search, chosen: Option[], next: OpenArgument, rest: readonly OpenArgument[]): Try {
  const needs = needsOf(search, [...chosen, ...next.options.slice(0, 1)]);
  const isRoomy = (option: Option) => {
    if (!search.job.definition.check_space || needs === null) return true;
    const free = freeOn(narrowed(search, [...chosen, option]).directories, search.coming);
    const taken = chosen.filter(({ fileSystem }) => fileSystem === option.fileSystem);
    const bytes = onceEach([...taken, option]).reduce(
      (sum, { found }) => sum + (needs.get(found.argument) ?? 0),
      0,
    );
    return bytes <= (free.get(option.fileSystem) ?? 0);
  };
  const roomy = next.options.filter(isRoomy);
  if (roomy.length === 0)
    return { verdict: FULL[next.role], chosen: [...chosen, ...next.options.slice(0, 1)], needs, wouldGo: [] };
  return goOn(search, [...chosen, ...roomy], next.role, rest);
}

const FULL = { temp: 'temp_full', destination: 'dest_full' } as const;

/** Whether a destination is too full by itself, so that nothing more need be tried: no old plot goes for its plot. */
function isFull({ job }: Search, { free }: Option, { role, argument }: OpenArgument, needs: Needs): boolean {
  if (role !== 'destination' || needs === null) return false;
  const { check_space, replot } = job.definition;
  return check_space && replot === undefined && free < (needs.get(argument) ?? 0);
}

type Failed = Exclude<Try, { verdict: 'ok' }>;

/** What would go were it no dry run, would for the first directory where that makes room. */
function further(one: Failed | null, other: Failed): Failed {
  if (one === null || (one.verdict === 'temp_full' && other.verdict === 'dest_full')) return other;
  return one.wouldGo.length === 0 ? { ...one, wouldGo: other.wouldGo } : one;
}

/**
 * Options in the order in which they are tried: those beside the main directory first. Of several on one file system
 * with the same room the first speaks for all, but where old plots may go, or where it is the directory of another
 * argument too.
 */
function inTheirTurn(
  { transaction, job, facts }: Search,
  { options }: OpenArgument,
  others: readonly OpenArgument[],
  main?: Option,
): Option[] {
  const turn = inTurn(options, job.definition.choose);
  const isBeside = ({ fileSystem }: Option) => fileSystem === main?.fileSystem;
  const shared = new Set(
    others.flatMap((other) => other.options.map(({ directory }) => directory)).concat(main?.directory ?? []),
  );
  const { rule } = replotRule(transaction, job);
  const hasOldPlots = (directory: string) =>
    rule !== null && (facts.old_plots.get(replotKey({ directory, rule }))?.plots.length ?? 0) > 0;
  const tried = new Set<string>();
  return [...turn.filter(isBeside), ...turn.filter((option) => !isBeside(option))].filter(
    ({ fileSystem, free, directory }) => {
      const alone = hasOldPlots(directory) || shared.has(directory);
      const key = `${fileSystem} ${free}${alone ? ` ${directory}` : ''}`;
      const again = tried.has(key);
      tried.add(key);
      return !again;
    },
  );
}

/** Whether temporary directories have their room. */
function hasRoom(search: Search, chosen: readonly Option[], needs: Needs): boolean {
  if (!search.job.definition.check_space || needs === null) return true;
  const free = freeOn(narrowed(search, chosen).directories, search.coming);
  return chosen.every(({ fileSystem }) => {
    const here = onceEach(chosen.filter((option) => option.fileSystem === fileSystem));
    const bytes = here.reduce((sum, { found }) => sum + (needs.get(found.argument) ?? 0), 0);
    return bytes <= (free.get(fileSystem) ?? 0);
  });
}

/** Of a list that is handed over, one directory of each file system: the plot goes into one of them. */
function onceEach(chosen: readonly Option[]): Option[] {
  const known = new Set<string>();
  return chosen.filter(({ found, fileSystem }) => {
    const key = `${found.argument} ${fileSystem}`;
    const first = !known.has(key);
    known.add(key);
    return first;
  });
}

/** Whether all of it has room, with old plots that go for it. */
function complete(search: Search, chosen: readonly Option[]): Try {
  const { transaction, job, taken } = search;
  const resolved = resolvedFor(search, chosen);
  const room = roomFor(transaction, job, resolved, narrowed(search, chosen), { taken });
  if (room.verdict === 'ok') return { verdict: 'ok', resolved, room };
  const { verdict, wouldGo } = room;
  return { verdict, chosen, needs: needsOf(search, chosen), wouldGo };
}

/** What each argument needs; what isn't chosen yet counts as if it had a directory of its own. */
export function needsOf(search: Search, chosen: readonly Option[]): Needs {
  const { definition } = search.resolved;
  const { values } = resolvedFor(search, chosen);
  const choices = directoryChoices(definition, values);
  const apart = choices.filter(({ argument, list }) => !list && Array.isArray(values[argument]));
  const own = Object.fromEntries(
    apart.map(({ argument, written }) => [argument, `${written[0]}/${argument}`]),
  );
  const needs = spaceNeeds(definition, { ...values, ...own });
  if (needs === null) return null;
  const bytes = new Map(needs.temp.map((temp) => [temp.argument, temp.bytes]));
  for (const { argument, role } of choices) if (role === 'destination') bytes.set(argument, needs.plot);
  return bytes;
}

function resolvedFor({ resolved }: Search, chosen: readonly Option[]): ResolvedJob {
  const { definition } = resolved;
  const values = { ...resolved.values };
  const directories = new Map<string, string[]>();
  for (const { found } of chosen)
    directories.set(found.argument, [...(directories.get(found.argument) ?? []), found.path]);
  for (const [argument, paths] of directories) {
    const all = [...paths, ...remoteValues(definition, resolved.values, argument)];
    values[argument] = definition.arguments[argument]?.list ? all : (all[0] ?? '');
  }
  return { ...resolved, values };
}

/** What is known of this choice alone; room that is to be kept free isn't there. */
function narrowed({ transaction, facts }: Search, chosen: readonly Option[]): StartFacts {
  const directories = chosen.map(({ found }) => ({
    ...found,
    free_bytes: found.free_bytes - keptFree(transaction, found),
  }));
  return { directories, old_plots: facts.old_plots, used: facts.used };
}
