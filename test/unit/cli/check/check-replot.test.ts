import { expect, it } from 'vitest';
import { check } from '../support.ts';

const KEY = 'ab'.repeat(48);
const job = (rule: string, more = '') =>
  `defaults: { farmer_key: "${KEY}", pool_key: "${KEY}", temp_dir: tmp, dest_dir: farm }\njobs:\n  a:\n` +
  `    plotter: madmax\n    command: x/chia_plot\n    check_space: false\n${more}    starts: [{ on: "@startup" }]\n` +
  `    replot: { before: 2022-01-01T00:00:00Z${rule} }\n`;

it.each([
  ['match: "plots/*.plot"', /jobs\.a\.replot\.match: expected a pattern for names of files/],
  ['match: [".*"]', /jobs\.a\.replot\.match\[0\]: expected a pattern for names of files/],
  ['k: 320', /jobs\.a\.replot\.k: expected at most 99/],
  ['compression: [-1]', /jobs\.a\.replot\.compression\[0\]: must be at least 0/],
  ['dirs: []', /jobs\.a\.replot\.dirs: must not be empty/],
  ['max_per_plot: 0', /jobs\.a\.replot\.max_per_plot: must be at least 1/],
  ['as_needed: true', /jobs\.a\.replot\.as_needed: needs check_space/],
  ['max_per_plt: 3', /unknown key 'max_per_plt'; did you mean 'max_per_plot'\?/],
])(
  'a rule of replotting with %s is wrong, and nothing is said of what is left of it',
  async (rule, problem) => {
    const { code, lines } = await check(job(`, ${rule}`));
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringMatching(problem), '1 problem.']);
  },
);

it('one that is right says what it would remove, also where that is nothing', async () => {
  const { code, lines } = await check(
    job(', k: 32, match: ["plot-k32-*", "*.plot2"], dirs: [farm, "fa*"], dry_run: true'),
  );
  expect(code).toBe(0);
  expect(lines).toContain(
    '  replot: no plot in DIR/farm, DIR/fa* would be removed: from before 2022-01-01T00:00:00Z, named plot-k32-* or *.plot2, of k 32',
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^FILE:\d+:5: warning: jobs\.a\.replot: job 'a': no plot in/),
  );
});
