import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { isForEach, type SpaceDefinition } from '../config/schema/plotter-space.ts';
import type { ArgumentValues } from '../contract/names.ts';
import { directoriesOf, remoteValues } from './command.ts';

/** Room that one plot takes, in bytes. */
export interface SpaceNeeds {
  /** The final plot, in its destination. */
  plot: number;
  /** At most, while it is made: one entry for each directory; of a list that is handed over, each of them. */
  temp: { argument: string; path: string; bytes: number }[];
}

/**
 * Room for one plot with these arguments; `null` where the definition doesn't know it for this size. The share of
 * a temporary directory that isn't given falls on the main one.
 */
export function spaceNeeds(definition: PlotterDefinition, values: ArgumentValues): SpaceNeeds | null {
  const space = roomFor(definition, values);
  if (space === null) return null;
  const shares = Object.entries(space.temp);
  const [main] = shares[0] ?? [];
  const given = directoriesOf(definition, values).temp;
  const mainPath = given.find(({ argument }) => argument === main)?.path;
  const pathOf = (argument: string) => {
    const own = given.find((directory) => directory.argument === argument)?.path;
    // What is elsewhere takes no room here.
    return own ?? (remoteValues(definition, values, argument).length > 0 ? undefined : mainPath);
  };

  const byPath = new Map<string, { argument: string; path: string; bytes: number; shares: number }>();
  for (const [argument, bytes] of shares) {
    const path = pathOf(argument);
    if (path === undefined) continue;
    // Any of a list may get all of its share, so it is counted by itself.
    const key = definition.arguments[argument]?.list ? `${argument} ${path}` : path;
    const before = byPath.get(key);
    if (before === undefined) byPath.set(key, { argument, path, bytes, shares: 1 });
    else byPath.set(key, { ...before, bytes: before.bytes + bytes, shares: before.shares + 1 });
  }
  const temp = [...byPath.values()].map(({ argument, path, bytes, shares: count }) => {
    const together = count === shares.length && count > 1 ? space.together : undefined;
    return { argument, path, bytes: together ?? bytes };
  });
  return { plot: space.plot, temp };
}

/** What `space` says of these arguments. */
function roomFor(
  { space, size_argument }: PlotterDefinition,
  values: ArgumentValues,
): SpaceDefinition | null {
  if (!isForEach(space)) {
    const key = sizeKey(space.by ?? [size_argument], values);
    return key === 'by' ? null : (space[key] ?? null);
  }
  const count = values[space.per];
  if (typeof count !== 'number' || count <= 0) return null;
  const all = (bytes: number) => bytes * count + space.plus;
  const temp = Object.entries(space.temp).map(([name, bytes]) => [name, all(bytes)] as const);
  return {
    plot: all(space.plot),
    temp: Object.fromEntries(temp),
    together: space.together === undefined ? undefined : all(space.together),
  };
}

/** `32/7` by two arguments; `32` where the second has no value. */
export function sizeKey(by: readonly string[], values: ArgumentValues): string {
  return by.flatMap((name) => (values[name] === undefined ? [] : [String(values[name])])).join('/');
}

/** The size of a plot as times are remembered by: of a group, with how many there are in it. */
export function paceSize({ space, size_argument }: PlotterDefinition, values: ArgumentValues): string {
  return sizeKey(isForEach(space) ? [size_argument, space.per] : (space.by ?? [size_argument]), values);
}
