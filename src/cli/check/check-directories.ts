import { resolvePath } from '../../config/paths.ts';
import type { Path } from '../../config/positions.ts';
import { rulesFor } from '../../config/schema/disks.ts';
import type { JobDefinition } from '../../config/schema/job.ts';
import type { ArgumentValue, ArgumentValues } from '../../contract/names.ts';
import type { Place } from '../../daemon/effects/places.ts';
import { choose } from '../../engine/starting/places/choose.ts';
import type { ResolvedJob } from '../../engine/starting/places/resolve.ts';
import { someOf } from '../../engine/starting/places/some-of.ts';
import { type DirectoryChoice, directoryChoices, remoteValues } from '../../plotters/command.ts';
import { isPattern } from '../../util/directory-patterns.ts';
import { argumentPath, levelOf } from './argument-places.ts';
import { diskWarnings, type FoundDirectory } from './check-disks.ts';
import type { CheckContext, Misfit } from './check-job.ts';

/** How long all disks together may take to answer, in milliseconds. */
const WITHIN_MS = 5_000;

const WHAT_IS_WRONG: Readonly<Record<NonNullable<Place['problem']>, string>> = {
  missing: "does not exist (is its disk mounted?); directories are never made, make it with 'mkdir -p'",
  not_a_directory: 'is no directory',
  not_writable: "can't be written by this account",
  not_answering: 'does not answer',
  not_mounted: 'is not mounted: the daemon leaves it out until it is',
};

/** What a job's directories are on this machine. */
export interface CheckedDirectories {
  misfits: Misfit[];
  /** What patterns and lists mean now, in lines to print. */
  lines: string[];
  /** The job as a worker would be started now, were nothing else in flight. */
  chosen: ResolvedJob;
  /** Every destination that may be chosen. */
  destinations: string[];
}

/** An argument's directories, and where it is written. */
interface Asked extends DirectoryChoice {
  isList: boolean;
  written: string[];
  /** By directory or pattern. */
  places: Map<string, Place[]>;
  pathOf(written: string): Path;
}

/** Looks at the directories of a job, all that patterns match, as a start does. */
export async function checkDirectories(
  id: string,
  job: JobDefinition,
  resolved: ResolvedJob,
  context: CheckContext,
): Promise<CheckedDirectories> {
  const asked = await lookAtAll(id, job, resolved, context);
  const who = `job '${id}': plotter '${resolved.plotter}'`;
  const wrong = asked.flatMap((each) => [...misfitsOf(who, each), ...allClosed(who, each, context)]);
  const chosen = chosenOf(job, asked, context);
  const withChosen = { ...resolved, values: withChoice(resolved, chosen) };
  const isFine = wrong.every(({ warning }) => warning === true);
  const about = withMostRoom(chosen).map((each) => foundOf(each, context));
  const all = asked.flatMap((each) =>
    usable(each).map((place) => foundOf({ ...each, asked: each, place }, context)),
  );
  const onDisks =
    isFine && job.check_space
      ? diskWarnings(who, withChosen, { chosen: about, all }, context.machine.systemDisk)
      : [];
  return {
    misfits: [...wrong, ...onDisks.map((each) => ({ ...each, at: 'value' as const, warning: true }))],
    lines: [
      ...asked.filter(({ isList }) => isList).flatMap((each) => linesOf(each, context)),
      ...elsewhere(resolved),
    ],
    chosen: withChosen,
    destinations: asked
      .filter(({ role }) => role === 'destination')
      .flatMap(usable)
      .map(({ path }) => path),
  };
}

async function lookAtAll(
  id: string,
  job: JobDefinition,
  { plotter, definition, values }: ResolvedJob,
  context: CheckContext,
): Promise<Asked[]> {
  const choices = directoryChoices(definition, values);
  const written = choices.flatMap((choice) => choice.written);
  const places = await context.places.find(written, { withinMs: WITHIN_MS });
  return choices.map((choice) => {
    const { argument } = choice;
    const { level, value } = levelOf(argument, job, context);
    const path = argumentPath(id, plotter, argument, level);
    return {
      ...choice,
      isList: Array.isArray(values[argument]),
      places,
      pathOf: (each) => itemPath(path, value, each, context.directory),
    };
  });
}

/** Where in a list a directory is written; the argument itself where it is no list. */
function itemPath(path: Path, value: ArgumentValue | undefined, written: string, directory: string): Path {
  if (!Array.isArray(value)) return path;
  const index = value.findIndex((each) => resolvePath(directory, each) === written);
  return index === -1 ? path : [...path, index];
}

function placesIn({ written, places }: Asked): Place[] {
  return written.flatMap((each) => places.get(each) ?? []);
}

function usable(asked: Asked): Place[] {
  return placesIn(asked).filter(({ problem }) => problem === null);
}

/** Where others can be used, one that can't is a warning: it is left out. */
function misfitsOf(who: string, asked: Asked): Misfit[] {
  const { argument, isList, written, places, pathOf } = asked;
  const others = isList && usable(asked).length > 0;
  const misfits = written.flatMap((each): Misfit[] => {
    const found = places.get(each) ?? [];
    const misfit = (message: string, warning: boolean): Misfit => ({
      ...{ path: pathOf(each), at: 'value', message: `${who}: ${argument} ${message}` },
      ...(warning ? { warning } : {}),
    });
    if (found.length === 0) return [misfit(`${each} matches no directory now`, true)];
    return found.flatMap(({ path, problem }) =>
      problem === null
        ? []
        : [misfit(`${path} ${WHAT_IS_WRONG[problem]}`, others || problem === 'not_mounted')],
    );
  });
  const none = misfits.length > 0 && usable(asked).length === 0 && misfits.every(({ warning }) => warning);
  if (!none || !isList) return misfits;
  const [first = ''] = written;
  const message = `${who}: ${argument} has no directory that can be used: ${someOf(written)}; the job waits for one`;
  return [...misfits, { path: pathOf(first), at: 'value', message, warning: true }];
}

/** That waits for somebody to open a disk, which is no block and seldom meant. */
function allClosed(who: string, asked: Asked, { disks }: CheckContext): Misfit[] {
  const open = usable(asked);
  const [first = ''] = asked.written;
  if (open.length === 0 || open.some(({ path }) => !rulesFor(disks, path).closed)) return [];
  const message = `${who}: ${asked.argument} has no directory that isn't closed (disks: closed): ${someOf(asked.written)}; the job waits for one`;
  return [{ path: asked.pathOf(first), at: 'value', message, warning: true }];
}

interface Chosen {
  argument: string;
  asked: Asked;
  place: Place;
}

/** Of a list that is handed over the one with the most room: what is too full there is left out. */
function withMostRoom(chosen: readonly Chosen[]): Chosen[] {
  const free = ({ place }: Chosen) => place.free_bytes ?? 0;
  return chosen.filter(
    (each) =>
      !each.asked.list ||
      chosen.every((other) => other.asked !== each.asked || other === each || free(other) <= free(each)),
  );
}

/** What is no local directory isn't looked at. */
function elsewhere({ definition, values }: ResolvedJob): string[] {
  return Object.keys(definition.arguments).flatMap((argument) =>
    remoteValues(definition, values, argument).map(
      (value) => `${argument} ${value}: no local directory, its room isn't looked at`,
    ),
  );
}

/** The arguments with the directories that were chosen: of a list that is handed over all of them. */
function withChoice({ definition, values }: ResolvedJob, chosen: readonly Chosen[]): ArgumentValues {
  const filled = { ...values };
  for (const { argument, asked } of chosen) {
    const paths = chosen.filter((each) => each.argument === argument).map(({ place }) => place.path);
    const all = [...paths, ...remoteValues(definition, values, argument)];
    filled[argument] = asked.list ? all : (all[0] ?? '');
  }
  return filled;
}

/** The directory of each argument that would be chosen if nothing were in flight; of a list that is handed over all. */
function chosenOf(job: JobDefinition, asked: readonly Asked[], { disks }: CheckContext): Chosen[] {
  const chosen: Chosen[] = [];
  for (const each of asked) {
    const main = chosen[0]?.place.filesystem?.key;
    const open = usable(each)
      .filter(({ path }) => !rulesFor(disks, path).closed)
      .map((place) => ({
        ...{ place, directory: place.path, fileSystem: place.filesystem?.key ?? '', busy: 0 },
        free: (place.free_bytes ?? 0) - rulesFor(disks, place.path).keep_free,
      }));
    if (each.list) {
      for (const { place } of open) chosen.push({ argument: each.argument, asked: each, place });
      continue;
    }
    const beside = open.filter(({ fileSystem }) => fileSystem === main);
    const taken = choose(beside.length > 0 ? beside : open, job.choose);
    if (taken) chosen.push({ argument: each.argument, asked: each, place: taken.place });
  }
  return chosen;
}

function foundOf({ argument, asked, place }: Chosen, { disks }: CheckContext): FoundDirectory {
  const written = asked.written.find((each) => asked.places.get(each)?.includes(place)) ?? place.path;
  const { path, filesystem, free_bytes, total_bytes } = place;
  return {
    ...{ argument, written: asked.pathOf(written), path, free_bytes, total_bytes },
    device: filesystem?.key ?? null,
    keep_free: rulesFor(disks, path).keep_free,
  };
}

function linesOf({ argument, written, places }: Asked, { disks }: CheckContext): string[] {
  return written.map((each) => {
    const found = (places.get(each) ?? []).map(({ path, problem }) => {
      const closed = rulesFor(disks, path).closed ? 'closed' : null;
      const state = problem === null ? closed : problem.replaceAll('_', ' ');
      return `${isPattern(each) ? path : ''}${state === null ? '' : `${isPattern(each) ? ' ' : ''}(${state})`}`;
    });
    const means = isPattern(each)
      ? `: ${found.join(', ') || 'matches none'}`
      : found.map((text) => text && ` ${text}`).join('');
    return `${argument} ${each}${means}`;
  });
}
