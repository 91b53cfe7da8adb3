import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { availableCpus, checkCpus, expandCpus } from '../../../src/process/cpus.ts';
import { quoteForShell, snippetWithArguments } from '../../../src/process/snippet.ts';

describe('snippetWithArguments', () => {
  test.each([
    ['chia_plot', 'chia_plot "$@"'],
    [
      'cd ~/chia && . ./activate && chia plots create\n',
      'cd ~/chia && . ./activate && chia plots create "$@"',
    ],
    ['chia_plot "$@" -G', 'chia_plot "$@" -G'],
    ['exec sudo -u plot chia_plot "$@"\n', 'exec sudo -u plot chia_plot "$@"\n'],
  ])('%j', (snippet, expected) => {
    expect(snippetWithArguments(snippet)).toBe(expected);
  });
});

test.each(['', 'plain', "it's", '$(touch x)', 'a\nb', '"', '\\', "''", '* ~'])(
  '%j is quoted for the shell',
  (word) => {
    expect(
      execFileSync('/bin/sh', ['-c', `printf '<%s>' ${quoteForShell(word)}`], { encoding: 'utf8' }),
    ).toBe(`<${word}>`);
  },
);

test('a usual file may stand in the quotes of a snippet', () => {
  const file = '/mnt/farm-1/plot-k32-2026-11-23-10-31-b573.plot';
  for (const quote of ['"', "'", ''])
    expect(
      execFileSync('/bin/sh', ['-c', `printf %s ${quote}${quoteForShell(file)}${quote}`], {
        encoding: 'utf8',
      }),
    ).toBe(file);
});

describe('CPUs', () => {
  test('numbers and ranges', () => {
    expect(expandCpus([0, 10, '4-7', '5', '2'])).toEqual([0, 2, 4, 5, 6, 7, 10]);
  });

  test.each(['7-4', '1-', 'all', '', -1, 1.5, 9999, '0-99999999999'])('%j is none', (item) => {
    expect(() => expandCpus([item])).toThrow(`"${item}" is no CPU or range of CPUs`);
  });

  test.runIf(process.platform === 'linux')('what the host lacks is named', () => {
    expect(() => checkCpus([1, 4, 9], [0, 1, 2, 3])).toThrow(
      'CPUs 4, 9 are not available on this host; it has 0, 1, 2, 3',
    );
    expect(() => checkCpus(availableCpus())).not.toThrow();
  });
});
