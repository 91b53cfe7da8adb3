import type { PlotterDefinition } from '../config/schema/plotter.ts';
import type { ArgumentValues } from '../contract/names.ts';
import { directoriesOf } from './command.ts';

/** Room that one plot takes, in bytes. */
export interface SpaceNeeds {
  /** The final plot, in its destination. */
  plot: number;
  /** At most, while it is made: one entry for each directory. */
  temp: { argument: string; path: string; bytes: number }[];
}

/**
 * Room for one plot with these arguments; `null` where the definition doesn't know it for this size. The share of
 * a temporary directory that isn't given falls on the main one.
 */
export function spaceNeeds(definition: PlotterDefinition, values: ArgumentValues): SpaceNeeds | null {
  const space = definition.space[String(values[definition.size_argument])];
  if (space === undefined) return null;
  const shares = Object.entries(space.temp);
  const [main] = shares[0] ?? [];
  const given = directoriesOf(definition, values).temp;
  const mainPath = given.find(({ argument }) => argument === main)?.path;
  const pathOf = (argument: string) =>
    given.find((directory) => directory.argument === argument)?.path ?? mainPath;

  const byPath = new Map<string, { argument: string; path: string; bytes: number; shares: number }>();
  for (const [argument, bytes] of shares) {
    const path = pathOf(argument);
    if (path === undefined) continue;
    const before = byPath.get(path);
    if (before === undefined) byPath.set(path, { argument, path, bytes, shares: 1 });
    else byPath.set(path, { ...before, bytes: before.bytes + bytes, shares: before.shares + 1 });
  }
  const temp = [...byPath.values()].map(({ argument, path, bytes, shares: count }) => {
    const together = count === shares.length && count > 1 ? space.together : undefined;
    return { argument, path, bytes: together ?? bytes };
  });
  return { plot: space.plot, temp };
}
