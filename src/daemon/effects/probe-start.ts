import { type Effect, type ReplotQuery, replotKey, type WantedDirectory } from '../../engine/effects.ts';
import type { DirectoryFacts, DiskFacts, OldPlotsLook } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import { isPattern } from '../../util/directory-patterns.ts';
import { type Allowance, outsideOf } from '../commands/allowed-directories.ts';
import { LOOK_MS, measureRoom } from './measure-room.ts';
import type { OldPlotsRemoval } from './old-plots.ts';
import type { Place, Places } from './places.ts';
import { within } from './within.ts';

/** With what is looked at of directories that have answered. */
const ALL_MS = 4_500;

type ProbeEffect = Extract<Effect, { type: 'probe' }>;

export interface ProbeParts {
  state: State;
  places: Places;
  oldPlots: Pick<OldPlotsRemoval, 'list'>;
  allowance(): Allowance;
}

/** Looks at everything that a start has to know of the disks. Never rejects. */
export async function probeStart(effect: ProbeEffect, parts: ProbeParts): Promise<DiskFacts> {
  const { state } = parts;
  const by = performance.now() + ALL_MS;
  const [{ directories, old_plots }, used] = await Promise.all([
    lookAtAll(effect, parts, by),
    effect.measure ? measureRoom([...state.workers.values()], state) : null,
  ]);
  return { wanted: effect.directories, directories, old_plots, used };
}

async function lookAtAll({ directories: wanted, replot }: ProbeEffect, parts: ProbeParts, by: number) {
  const written = wanted.map(({ path }) => path);
  const found = await parts.places.find(written, { withinMs: LOOK_MS });
  const each = wanted.map((directory) => factsOf(directory, found.get(directory.path) ?? []));
  const directories = await heldToAllowance(eachOnce(each.flat()), wanted, parts, by);
  return { directories, old_plots: await listOldPlots(directories, replot, parts, by) };
}

/** What is known of the places that an argument may get by one of its directories or patterns. */
function factsOf({ argument, role, path: written }: WantedDirectory, found: readonly Place[]) {
  if (found.length === 0 && isPattern(written)) return [unmatched({ argument, role, path: written })];
  return found.map(
    ({ path, problem, filesystem, free_bytes }): DirectoryFacts => ({
      ...{ argument, role, path, problem },
      device: filesystem?.key ?? '',
      free_bytes: free_bytes ?? 0,
    }),
  );
}

function unmatched(of: Pick<DirectoryFacts, 'argument' | 'role' | 'path'>): DirectoryFacts {
  return { ...of, problem: 'unmatched', device: '', free_bytes: 0 };
}

/** What several patterns of an argument match is one directory. */
function eachOnce(directories: readonly DirectoryFacts[]): DirectoryFacts[] {
  const known = new Map<string, DirectoryFacts>();
  for (const directory of directories) {
    const key = `${directory.argument} ${directory.path}`;
    if (!known.has(key)) known.set(key, directory);
  }
  return [...known.values()];
}

/** Those that arrived over MQTT must lie where config.yaml allows, whatever they lead to by now. */
async function heldToAllowance(
  directories: readonly DirectoryFacts[],
  wanted: readonly WantedDirectory[],
  { allowance }: ProbeParts,
  by: number,
): Promise<DirectoryFacts[]> {
  const arrived = new Set(wanted.filter(({ over_mqtt }) => over_mqtt).map(({ argument }) => argument));
  const asked = directories.filter(({ argument, problem }) => problem === null && arrived.has(argument));
  if (asked.length === 0) return [...directories];
  const paths = asked.map(({ path }) => path);
  const outside = await outsideOf(allowance(), paths, Math.max(1, by - performance.now()));
  return directories.map((directory) =>
    asked.includes(directory) && outside.has(directory.path)
      ? { ...directory, problem: 'not_allowed' }
      : directory,
  );
}

/** Where old plots can't be looked for none goes, and none counts as room. */
async function listOldPlots(
  directories: readonly DirectoryFacts[],
  queries: readonly ReplotQuery[],
  { oldPlots }: ProbeParts,
  by: number,
): Promise<Map<string, OldPlotsLook>> {
  const usable = directories.filter(({ role, problem }) => role === 'destination' && problem === null);
  const destinations = [...new Set(usable.map(({ path }) => path))];
  const found = new Map<string, OldPlotsLook>();
  // Those with one rule together: of several on one file system one look is enough.
  const byRule = new Map<string, ReplotQuery[]>();
  for (const query of queries) {
    const key = replotKey({ ...query, directory: null });
    byRule.set(key, [...(byRule.get(key) ?? []), query]);
  }
  const looks = [...byRule.values()].map(async (same) => {
    const [first] = same;
    if (!first) return;
    const { rule } = first;
    const wanted = same.flatMap(({ directory }) => (directory === null ? destinations : [directory]));
    const count = Math.max(...same.map((query) => query.count));
    const listed = await within(by - performance.now(), oldPlots.list([...new Set(wanted)], { rule, count }));
    for (const [path, look] of listed ?? []) found.set(replotKey({ directory: path, rule }), look);
  });
  await Promise.all(looks);
  return found;
}
