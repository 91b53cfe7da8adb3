import { expect, test } from 'vitest';
import {
  atLastWildcard,
  isPattern,
  meantBy,
  type NamesReader,
  pathsMatching,
} from '../../../src/util/directory-patterns.ts';

/** Directories, by name, with the names in them; `null`: it doesn't answer. */
const TREE: Record<string, string[] | null> = {
  '/': ['mnt', 'srv'],
  '/mnt': ['farm10', 'farm2', 'farm1', 'file', '.hidden', 'dead', 'far'],
  '/mnt/farm1': ['plots', 'a', 'b'],
  '/mnt/farm2': ['plots'],
  '/mnt/farm10': ['other'],
  '/mnt/far': ['plots'],
  '/mnt/dead': null,
};
const names: NamesReader = async (directory) => {
  const found = TREE[directory];
  return found === null ? 'not_answering' : (found ?? 'missing');
};

test.each<[string, string[], string[]]>([
  ['/mnt/farm*', ['/mnt/farm1', '/mnt/farm2', '/mnt/farm10'], []],
  ['/mnt/farm?', ['/mnt/farm1', '/mnt/farm2'], []],
  ['/mnt/farm*/plots', ['/mnt/farm1/plots', '/mnt/farm2/plots'], ['/mnt/farm10/plots']],
  [
    '/mnt/f*/plots/',
    ['/mnt/far/plots', '/mnt/farm1/plots', '/mnt/farm2/plots'],
    ['/mnt/farm10/plots', '/mnt/file/plots'],
  ],
  ['/mnt/farm1/?', ['/mnt/farm1/a', '/mnt/farm1/b'], []],
  ['/*/farm1/*', ['/mnt/farm1/a', '/mnt/farm1/b', '/mnt/farm1/plots'], []],
  ['/mnt/.h*', ['/mnt/.hidden'], []],
  ['/nowhere/*', [], []],
  ['/mnt/farm1', ['/mnt/farm1'], []],
])('%s', async (pattern, directories, notDirectories) => {
  const { directories: paths, silent } = await pathsMatching(pattern, names);
  // Whoever uses them looks whether they are directories.
  expect(paths.filter((path) => !notDirectories.includes(path))).toEqual(directories);
  expect(paths).toEqual(expect.arrayContaining(notDirectories));
  expect(silent).toEqual([]);
});

test('what doesn’t answer is said, and holds up none of the others', async () => {
  let letGo: () => void = () => {};
  const hung = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const seen: string[] = [];
  const slow: NamesReader = async (directory) => {
    seen.push(directory);
    if (directory === '/mnt/dead') await hung;
    return names(directory);
  };
  const matching = pathsMatching('/mnt/*/*', slow);
  await expect.poll(() => seen).toContain('/mnt/farm10');
  letGo();
  expect(await matching).toEqual({
    directories: [
      '/mnt/far/plots',
      '/mnt/farm1/a',
      '/mnt/farm1/b',
      '/mnt/farm1/plots',
      '/mnt/farm2/plots',
      '/mnt/farm10/other',
    ],
    silent: ['/mnt/dead'],
  });
  // What is appended unseen is nobody's to ask for here.
  expect(await pathsMatching('/mnt/d*/plots', names)).toEqual({
    directories: ['/mnt/dead/plots'],
    silent: [],
  });
});

test.each<[string, string, string | null]>([
  ['/mnt/farm*', '/mnt/farm1/plots', '/mnt/farm1'],
  ['/mnt/farm*', '/mnt/farm1', '/mnt/farm1'],
  ['/mnt/farm1/', '/mnt/farm1/plots/x', '/mnt/farm1'],
  ['/mnt/farm*/plots', '/mnt/farm1', null],
  ['/mnt/farm1', '/mnt/farm10', null],
  ['/mnt/*', '/mnt/.hidden', null],
  ['/mnt/*', '/mnt/a*', '/mnt/a*'],
  ['/', '/mnt', '/'],
])('%s means of %s %s', (pattern, directory, meant) => {
  expect(meantBy(pattern, directory)).toBe(meant);
});

test('where the last wildcard is', () => {
  expect(atLastWildcard('/mnt/*/farm?/plots/k32', '/mnt/a/farm1/plots/k32')).toBe('/mnt/a/farm1');
  expect(atLastWildcard('/mnt/plots', '/mnt/plots')).toBeNull();
  expect([isPattern('/a/b'), isPattern('/a/b*'), isPattern('/?/b')]).toEqual([false, true, true]);
});
