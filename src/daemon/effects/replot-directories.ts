import { resolve } from 'node:path';
import type { ReplotRule } from '../../config/schema/replot.ts';
import { listNames } from '../../host/directories.ts';
import { isPattern, type NamesReader, pathsMatching } from '../../util/directory-patterns.ts';

/** A disk that takes longer to answer counts as away. */
const TIMEOUT_MS = 5_000;

const names: NamesReader = (directory) => listNames(directory, { timeoutMs: TIMEOUT_MS });

/**
 * The directories in which a rule looks for old plots: those that its `dirs` match now, else the destination. Some may
 * be none, or not be there: whoever looks into them sees it.
 * @param rule with absolute directories
 */
export async function replotDirectories(
  { dirs }: Pick<ReplotRule, 'dirs'>,
  destination: string,
): Promise<string[]> {
  if (dirs === undefined) return [resolve(destination)];
  const found = await Promise.all(
    dirs.map(async (dir) => (isPattern(dir) ? (await pathsMatching(dir, names)).directories : [dir])),
  );
  return [...new Set(found.flat())];
}

/** Whether a rule looks for old plots in this directory now. */
export async function isReplotDirectory(
  rule: Pick<ReplotRule, 'dirs'>,
  directory: string,
  destination: string,
): Promise<boolean> {
  return (await replotDirectories(rule, destination)).includes(resolve(directory));
}

/** What of a pattern comes before its first wildcard: all that it can match is in there. */
export function beforeWildcard(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex(isPattern);
  return first === -1 ? pattern : parts.slice(0, first).join('/') || '/';
}
