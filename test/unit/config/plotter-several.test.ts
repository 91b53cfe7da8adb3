import { describe, expect, it } from 'vitest';
import { problemsOf } from './support.ts';

/** A definition of one's own with these further lines, which begin at line 4. */
function plotter(more: string, patterns = '[{ match: "^begin", begin: true }]') {
  const head = 'plotters:\n  mine:\n    title: Mine\n';
  const args = 'dest_dir: { type: directory, flag: -d, role: destination }';
  const rest = `    command: mine\n    arguments: { ${args} }\n    stages: [{ id: "1", title: All }]\n    patterns: ${patterns}\n`;
  return `${head}    ${more}\n${rest}`;
}

async function wrong(text: string): Promise<string[]> {
  return (await problemsOf(text)).map((problem) => problem.replace('plotters.mine.', ''));
}

describe('what a definition may say of several plots in a process', () => {
  it.each<[string, string, string[]]>([
    ['a flag, and a signal', plotter('several: { flag: -n, finish: SIGTERM }'), []],
    [
      'no flag',
      plotter('several: { finish: SIGTERM }'),
      [expect.stringMatching(/^4:\d+ several\.flag: .*(missing|required)/)],
    ],
    [
      'a signal that only kills',
      plotter('several: { flag: -n, finish: SIGKILL }'),
      [expect.stringMatching(/^4:\d+ several\.finish: expected one of SIGTERM, SIGINT/)],
    ],
    [
      'no line that begins a plot',
      plotter('several: { flag: -n }', '[]'),
      [expect.stringMatching(/^4:\d+ several: needs a pattern with "begin: true"/)],
    ],
    [
      'its flag among the words',
      plotter('several: { flag: -n }\n    words: [-n, "1"]'),
      [expect.stringMatching(/^5:\d+ words\[0\]: "-n" is the flag of several/)],
    ],
    [
      'plots that are told by being new',
      plotter('several: { flag: -n }\n    success: { produced: "plot-.*" }'),
      [expect.stringMatching(/^5:\d+ success\.produced: does not go with "several"/)],
    ],
  ])('%s', async (_, text, problems) => {
    expect(await wrong(text)).toEqual(problems);
  });

  it.each([
    [0, /at least 1/],
    [65_537, /at most 65536/],
  ])('and a job of how many: not %i', async (plots, problem) => {
    const text = `jobs:\n  a: { plotter: chia, plots_per_run: ${plots} }\n`;
    expect(await problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });
});
