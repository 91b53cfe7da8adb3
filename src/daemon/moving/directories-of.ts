import { listNames } from '../../host/directories.ts';
import { isPattern, type PatternMatches, pathsMatching } from '../../util/directory-patterns.ts';

/** A disk that takes longer to answer counts as away. */
export const LOOK_MS = 4_000;

/** The directories that `from`, or a rule's `dirs`, mean now, in their order, each once; whether they are any is the caller's to see. */
export async function directoriesOf(written: readonly string[]): Promise<PatternMatches> {
  const all = await Promise.all(
    written.map(async (each): Promise<PatternMatches> => {
      if (!isPattern(each)) return { directories: [each], silent: [] };
      return pathsMatching(each, (directory) => listNames(directory, { timeoutMs: LOOK_MS }));
    }),
  );
  return {
    directories: [...new Set(all.flatMap(({ directories }) => directories))],
    silent: [...new Set(all.flatMap(({ silent }) => silent))],
  };
}
