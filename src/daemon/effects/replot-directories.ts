import { resolve } from 'node:path';
import type { ReplotRule } from '../../config/schema/replot.ts';
import { isPattern } from '../../util/directory-patterns.ts';
import { directoriesOf } from '../moving/directories-of.ts';

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
  return (await directoriesOf(dirs)).directories;
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
