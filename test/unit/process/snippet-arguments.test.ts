import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quoteForShell, snippetWithArguments } from '../../../src/process/snippet.ts';
import { argumentsProblem, plotProblem } from '../../../src/process/snippet-arguments.ts';

const WORDS = ['-n', '1', '-d', "/farm one/it's"];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plot2mqtt-snippets-'));
  const tell = `#!/bin/sh\n{ for word; do printf '<%s>' "$word"; done; echo; } >>"${folder}/told"\n`;
  writeFileSync(join(folder, 'plotter'), tell, { mode: 0o755 });
  writeFileSync(join(folder, 'activate'), ':\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the program `plotter` was given each time, when a real shell runs the snippet. */
function told(snippet: string, words: readonly string[] = []): string[] {
  writeFileSync(join(folder, 'told'), '');
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder };
  try {
    execFileSync('/bin/sh', ['-c', snippet, 'sh', ...words], { cwd: folder, env, stdio: 'ignore' });
  } catch {
    // What it ends with is its own affair.
  }
  return readFileSync(join(folder, 'told'), 'utf8').split('\n').filter(Boolean);
}
const asWords = (words: readonly string[]) => words.map((word) => `<${word}>`).join('');

describe('the arguments of a plotter', () => {
  it.each([
    'plotter',
    'plotter "$@"',
    'cd . && . ./activate && plotter',
    'cd . && . ./activate && plotter "$@" 2>&1 | tee x.log',
    'plotter >log 2>&1',
    'true | cat; plotter',
    'true || exit 1; plotter',
    'true |\n cat\nplotter',
    'A=b nice -n 5 plotter',
    'exec plotter',
    '( plotter "$@" )',
    'if true; then plotter "$@"; fi',
    'echo "$*" >log; plotter "$@"',
    'plotter "$@" # all of "$@"',
    '# the fast one\nplotter',
    'cat <<X\nplotter\nX\nplotter',
    `sh -c 'plotter "$@"' _ "$@"`,
    'out=$(plotter "$@"); echo "$out"',
    'out="`plotter "$@"`"; echo "$out"',
    'timeout 24h plotter',
    'plotter "$@" || echo "failed: $*"',
    'plotter\n',
  ])('come once, as words: %j', (snippet) => {
    expect(argumentsProblem(snippet)).toBeNull();
    expect(told(snippetWithArguments(snippet), WORDS)).toEqual([asWords(WORDS)]);
  });

  it.each([
    ['plotter 2>&1 | tee x.log', /last command of the pipe/],
    ['true || plotter', /behind "\|\|"/],
    ['plotter $@', /^its \$@ or \$\* needs quotes of its own/],
    ['plotter $*', /needs quotes/],
    ['plotter "$*"', /needs quotes/],
    [`plotter \${@}`, /needs quotes/],
    ['eval "plotter $@"', /needs quotes/],
    ['plotter "$@" "$@"', /twice/],
    ['plotter "$@" $@', /twice/],
    ['plotter;', /a command of their own behind ";"/],
    ['plotter & ', /a command of their own behind "&"/],
    ['plotter &&', /a command of their own behind "&&"/],
    ['A=plotter', /a command of their own behind what it sets/],
    ['( plotter )', /can't come behind what ends in "\)"/],
    ['if true; then plotter; fi', /can't come behind what ends in "fi"/],
    ['for i in 1; do plotter; done >log', /can't come behind what ends in "done"/],
    ['plotter # fast', /a comment or a here-document/],
    ['plotter\n# fast\n', /a comment or a here-document/],
    ['plotter <<X\ny\nX\n', /a comment or a here-document/],
    [`sh -c 'plotter "$@"'`, /stands in quotes, a comment or a here-document/],
    ['plotter \'"$@"\'', /stands in quotes/],
    ['plotter # "$@"', /stands in quotes, a comment/],
    ["sh -c 'plotter'", /to the shell, not to what "-c" runs/],
    ["sh -c 'plotter $@'", /to the shell/],
    [`timeout 24h sh -ec 'plotter "$@"' "$@"`, /the first of its arguments would be the name of the shell/],
  ])('come nowhere, elsewhere or in twice: %j', (snippet, problem) => {
    expect(argumentsProblem(snippet)).toMatch(problem);
    expect(told(snippetWithArguments(snippet), WORDS)).not.toEqual([asWords(WORDS)]);
  });

  it('are looked for in anything, without end', () => {
    for (const piece of ['$(', '`', '"', '(', "'", '${', '\\', '<<', '"$('])
      expect(() => argumentsProblem(piece.repeat(50_000))).not.toThrow();
  });
});

describe('the name of the plot', () => {
  const NAMES = ["/farm one/it's.plot", '/farm/a.plot', '/farm/$(x) `y` "z".plot'];
  const withName = (snippet: string, name: string) => snippet.replaceAll('%plot%', () => quoteForShell(name));

  it.each([
    'plotter %plot%',
    'plotter %plot% > "x y" # %plot% and \'%plot%\'',
    'out="$(plotter %plot%)"; echo "$out"',
    'echo "$@"; plotter %plot%',
    'plotter "$PLOT2MQTT_PLOT" | true; plotter %plot%',
    'cat <<X\n%plot%\nX\nplotter %plot%',
  ])('is one word: %j', (snippet) => {
    expect(plotProblem(snippet)).toBeNull();
    for (const name of NAMES) expect(told(withName(snippet, name)).at(-1)).toBe(asWords([name]));
  });

  it.each([
    "plotter '%plot%'",
    'plotter "%plot%"',
    'plotter "/x/%plot%"',
    "sh -c 'plotter %plot%'",
    'plotter %plot% && plotter "%plot%"',
    'out=$(plotter "%plot%"); echo "$out"',
  ])('has quotes of its own already: %j', (snippet) => {
    expect(plotProblem(snippet)).toMatch(/^has quotes around %plot%/);
    const wrong = NAMES.filter((name) =>
      told(withName(snippet, name)).some((each) => each !== asWords([name])),
    );
    expect(wrong).not.toEqual([]);
  });
});
