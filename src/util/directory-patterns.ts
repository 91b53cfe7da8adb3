import { matchesWildcard, patternsMeet } from './wildcard.ts';

/**
 * The names in a directory; `missing` where it isn't there, is none or can't be read, `not_answering` where its disk
 * says nothing in time. It never rejects, and must come back in bounded time: nothing here waits longer than it does.
 */
export type NamesReader = (directory: string) => Promise<readonly string[] | 'missing' | 'not_answering'>;

/** What a pattern matches now, in the order of names, in which 2 comes before 10. */
export interface PatternMatches {
  directories: string[];
  /** Directories that didn't answer: what the pattern means in them, or whether they are any, nobody knows. */
  silent: string[];
}

const WILDCARD = /[*?]/;
const byName = new Intl.Collator('en', { numeric: true });

/** Whether a directory as a user writes it is a pattern: `*` stands for any characters of a name, `?` for one. */
export function isPattern(path: string): boolean {
  return WILDCARD.test(path);
}

/**
 * The names that a pattern can mean, by a look at each directory in which it has a wildcard. What follows the last
 * wildcard is appended unseen: whoever uses them looks whether they are directories. As in a shell, `*` and `?` at
 * the beginning of a name don't mean a dot.
 * @param pattern absolute
 */
export async function pathsMatching(pattern: string, names: NamesReader): Promise<PatternMatches> {
  const silent: string[] = [];
  let found = ['/'];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    if (!isPattern(part)) {
      found = found.map((above) => inside(above, part));
      continue;
    }
    // All of one level at once: one that doesn't answer holds up none of the others.
    const inEach = await Promise.all(found.map(async (above) => ({ above, read: await names(above) })));
    found = inEach.flatMap(({ above, read }) => {
      if (read === 'not_answering') silent.push(above);
      return typeof read === 'string' ? [] : namesLike(part, read).map((name) => inside(above, name));
    });
  }
  return { directories: found, silent };
}

/**
 * Whether a pattern, or a plain directory, means this one or one above it; both absolute.
 * @returns the directory that it means: `/mnt/farm1` of `/mnt/farm1/plots` for `/mnt/farm*`; `null`: none
 */
export function meantBy(pattern: string, directory: string): string | null {
  const wanted = partsOf(pattern);
  const parts = partsOf(directory);
  if (wanted.length > parts.length) return null;
  const all = wanted.every((part, index) => isLike(part, parts[index] ?? ''));
  return all ? `/${parts.slice(0, wanted.length).join('/')}` : null;
}

/** Whether a pattern can mean a directory that another pattern can mean, or one above it; both absolute. */
export function mayMean(pattern: string, other: string): boolean {
  const wanted = partsOf(pattern);
  const parts = partsOf(other);
  return (
    wanted.length <= parts.length && wanted.every((part, index) => patternsMeet(part, parts[index] ?? ''))
  );
}

/**
 * The directory that the last wildcard of a pattern stands for, of one that it matches: `/mnt/farm1` of
 * `/mnt/farm1/plots` for `/mnt/farm*` + `/plots`. `null` where it has none.
 */
export function atLastWildcard(pattern: string, directory: string): string | null {
  const last = partsOf(pattern).findLastIndex(isPattern);
  return last === -1
    ? null
    : `/${partsOf(directory)
        .slice(0, last + 1)
        .join('/')}`;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((each) => each !== '');
}

function namesLike(part: string, names: readonly string[]): string[] {
  return names.filter((name) => isLike(part, name)).sort(byName.compare);
}

function isLike(part: string, name: string): boolean {
  return matchesWildcard(part, name) && (part.startsWith('.') || !name.startsWith('.') || part === name);
}

function inside(above: string, name: string): string {
  return above === '/' ? `/${name}` : `${above}/${name}`;
}
