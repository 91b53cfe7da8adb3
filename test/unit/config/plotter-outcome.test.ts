import { describe, expect, it } from 'vitest';
import { loaded, problemsOf } from './support.ts';

const DIRECTORY = 'dest_dir: { type: directory, flag: -d, role: destination }';

/** A definition of one's own with these further lines, which begin at line 4. */
function plotter(
  more: string,
  args = DIRECTORY,
  patterns = '[{ match: "^f (?<file>.+)", final_file: true }]',
) {
  const head = `plotters:\n  mine:\n    title: Mine\n`;
  const rest = `    command: mine\n    arguments: { ${args} }\n    stages: [{ id: "1", title: All }]\n    patterns: ${patterns}\n`;
  return `${head}    ${more}\n${rest}`;
}

/** What is wrong, without the path, whose beginning is the same for all. */
async function wrong(text: string): Promise<string[]> {
  return (await problemsOf(text)).map((problem) => problem.replace('plotters.mine.', ''));
}

describe('what a definition may say of a plotter’s end', () => {
  it.each<[string, string, string[]]>([
    ['success: produced', plotter('success: produced'), ['4:14 success: expected one of exists, final_file']],
    [
      'a pattern that is none',
      plotter('success: { produced: "plot-(" }'),
      [expect.stringMatching(/^4:26 success\.produced: Invalid regular expression/)],
    ],
    [
      'a new file without a destination',
      plotter('success: { produced: "plot-.*" }', 'k: { type: integer, flag: -k }'),
      ['4:26 success.produced: no argument has "role: destination": there the new file is looked for'],
    ],
    [
      'a new file in one of several destinations',
      plotter('success: { produced: "plot-.*" }', DIRECTORY.replace(' }', ', list: true }')),
      [expect.stringContaining('a new file is looked for in one local directory')],
    ],
    [
      'a line that no pattern knows',
      plotter('success: final_file', DIRECTORY, '[]'),
      ['4:14 success: no pattern has "final_file: true": no line would ever say that a plot is made'],
    ],
    ['no exit code', plotter('ok_exit_codes: []'), ['4:20 ok_exit_codes: must not be empty']],
    [
      'exit codes that are none',
      plotter('ok_exit_codes: [0, 256, x]'),
      ['4:24 ok_exit_codes[1]: must be at most 255', '4:29 ok_exit_codes[2]: expected a number'],
    ],
    [
      'a signal that is none',
      plotter('stop: { signals: [TERM, SIGKILL] }'),
      [expect.stringMatching(/^4:23 stop\.signals\[0\]: expected one of SIGTERM, SIGINT, SIGHUP, SIGKILL/)],
    ],
    [
      'no SIGKILL',
      plotter('stop: { signals: [SIGINT, SIGTERM] }'),
      ["4:22 stop.signals: the last signal must be SIGKILL: some plotters don't end by themselves"],
    ],
    [
      'a signal after SIGKILL',
      plotter('stop: { signals: [SIGKILL, SIGTERM] }'),
      ['4:22 stop.signals: nothing comes after SIGKILL, which ends whatever runs'],
    ],
    [
      'a grace that is none',
      plotter('stop: { grace: soon }'),
      ['4:20 stop.grace: expected a duration such as 30s, 5m, 2h or 1d'],
    ],
    ['suspend: never', plotter('suspend: never'), ['4:14 suspend: expected true or false']],
    [
      'an unfinished file with the suffix of a plot',
      plotter('plot_suffix: .gplot\n    partial: [.tmp, .new.gplot]'),
      ['5:21 partial[1]: an unfinished file is not named like a finished one (".gplot")'],
    ],
  ])('%s', async (_, text, problems) => {
    expect(await wrong(text)).toEqual(problems);
  });

  it.each<[string, string, string]>([
    [
      'a whole of one stage',
      '{ match: "(?<percent>x)", inside: { whole: true, stage: "1" } }',
      '"whole" and "stage" exclude',
    ],
    [
      'a whole without a number',
      '{ match: "x", inside: { whole: true } }',
      'is told by the groups "percent", or "done" and "of"',
    ],
    [
      'an error that waits and is fatal',
      '{ match: "x", error: { waits: true, fatal: true } }',
      '"waits" and "fatal" exclude',
    ],
  ])('in a pattern: %s', async (_, pattern, problem) => {
    expect(await wrong(plotter('suspend: true', DIRECTORY, `[${pattern}]`))).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  it('has a default for all of it', async () => {
    const { config } = await loaded(plotter('suspend: true'));
    expect(config.plotters.mine).toMatchObject({
      kind: 'definition',
      definition: {
        success: 'exists',
        ok_exit_codes: [0],
        stop: { signals: ['SIGTERM', 'SIGKILL'], grace: 10 },
      },
    });
  });
});
