import { describe, expect, it } from 'vitest';
import { check } from '../support.ts';

const KEY = 'ab'.repeat(48);
const JOB =
  `defaults: { farmer_key: "${KEY}", pool_key: "${KEY}" }\njobs:\n  a:\n    plotter: madmax\n    command: x/chia_plot "$@"\n` +
  '    check_space: false\n    arguments: { temp_dir: tmp, dest_dir: farm }\n    starts: [{ on: "@startup" }]\n';

/** What check says of these moves. */
async function said(moves: string): Promise<{ code: number; lines: string[] }> {
  const { code, lines } = await check(`${JOB}moves:\n${moves}`);
  return { code, lines: lines.filter((line) => /move/.test(line)) };
}

describe('moves', () => {
  it('whose directories are no mistake are nothing to speak of', async () => {
    expect(await said('  keep: { from: farm, to: /dev/shm }\n')).toEqual({ code: 0, lines: [] });
  });

  it('in which nothing matches are warned of, at their place', async () => {
    const { code, lines } = await said('  keep: { from: ["none*", farm], to: gone }\n');
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^FILE:10:18: warning: .*no directory matches DIR\/none\* now/),
      expect.stringMatching(/^FILE:10:\d+: warning: .*DIR\/gone is no directory now/),
    ]);
  });

  it('from one file system to the same are warned of', async () => {
    const { lines } = await said('  keep: { from: x, to: bin }\n');
    expect(lines).toEqual([expect.stringMatching(/warning: .*DIR\/x and DIR\/bin are on one file system/)]);
  });

  it('into what an enabled move empties are warned of; a disabled one empties nothing', async () => {
    const into = (enabled: boolean) =>
      said(
        `  one: { from: /dev/shm, to: x }\n  two: { from: [x, farm], to: /dev/shm, enabled: ${enabled} }\n`,
      );
    const { lines } = await into(true);
    expect(lines).toEqual([
      expect.stringMatching(/move 'one' never writes into DIR\/x: move 'two' takes plots out of that/),
      expect.stringMatching(/move 'two' never writes into \/dev\/shm: move 'one' takes plots out of that/),
    ]);
    expect((await into(false)).lines).toHaveLength(1);
  });

  it('that bring plots to where a job makes them are warned of', async () => {
    const { lines } = await said('  keep: { from: /dev/shm, to: "far*" }\n');
    expect(lines).toEqual([
      expect.stringMatching(/job 'a' makes its plots in DIR\/farm, into which move 'keep' brings others/),
    ]);
  });

  it.each([
    ['{ before: 2999-01-01T00:00:00Z }', /moves\.keep\.replot\.before: is in the future/],
    ['{ k: 32 }', /moves\.keep\.replot.*before/],
    ['{ before: 2026-01-01T00:00:00Z, max_per_plot: 0 }', /max_per_plot: must be at least 1/],
    ['{ before: 2026-01-01T00:00:00Z, as_needed: true }', /unknown key 'as_needed'/],
    ['{ before: 2026-01-01T00:00:00Z, match: "a/*.plot" }', /a pattern for names of files/],
  ])('with the rule %s are wrong', async (rule, problem) => {
    const { code, lines } = await check(
      `${JOB}moves:\n  keep: { from: farm, to: /dev/shm, replot: ${rule} }\n`,
    );
    expect(code).toBe(2);
    expect(lines[0]).toMatch(problem);
  });

  it('say what would go in each destination that is there, and which can’t be looked at', async () => {
    const name = `plot-k32-2022-01-01-10-00-${'0'.repeat(64)}.plot`;
    const text = `${JOB}moves:\n  keep: { from: /dev/shm, to: [away, x], replot: { before: 2025-01-01T00:00:00Z, k: 33 } }\n`;
    const { code, lines } = await check(text, { files: { [`x/${name}`]: 'old' } });
    expect(code).toBe(0);
    const told = lines.filter((line) => /replot/.test(line));
    expect(told).toEqual([
      expect.stringMatching(/can't be looked for in DIR\/away: ENOENT/),
      expect.stringMatching(/replot: no plot/),
    ]);
  });

  it('with a rule of replotting say what it would remove, and warn where that is nothing or everything', async () => {
    const plot = (day: number) => `x/plot-k32-2021-01-0${day}-01-00-old.plot`;
    const files = { [plot(2)]: '1234', [plot(1)]: '1', 'x/plot-k32-2026-02-01-01-00-new.plot': '' };
    const of = async (rule: string, replot = false) => {
      const text = `${JOB}moves:\n  keep: { from: /dev/shm, to: "x*", replot: { before: 2026-01-01T00:00:00Z${rule} } }\n`;
      const { code, lines } = await check(text, { files, replot });
      expect(code).toBe(0);
      return lines.filter((line) => /replot|move 'keep'|plot-k32/.test(line));
    };
    expect(await of('')).toEqual([
      "move 'keep':",
      `  replot: 2 plots (0.0 kB) in DIR/x would be removed, as many as each new plot needs; the first: DIR/${plot(1)}`,
    ]);
    expect((await of(', max_per_plot: 2, dry_run: true'))[1]).toMatch(
      /removed were it no dry run, as many as each new plot needs, at most 2; /,
    );
    expect((await of('', true)).slice(2)).toEqual([
      expect.stringMatching(`^    DIR/${plot(1)}  0.0 kB `),
      expect.stringMatching(`^    DIR/${plot(2)}  0.0 kB `),
    ]);
    expect(await of(', k: 33')).toContainEqual(
      expect.stringMatching(
        /^FILE:\d+:\d+: warning: moves\.keep\.replot: move 'keep': no plot in DIR\/x is one/,
      ),
    );
    expect(await of(', dirs: farm')).toContainEqual(expect.stringMatching(/no plot in DIR\/farm is one/));
    expect(await of(', match: "*old.plot"')).not.toContainEqual(expect.stringMatching(/is that meant/));
  });

  it('with what is no key are errors', async () => {
    const unknown = await said('  keep: { from: farm, to: /dev/shm, form: x }\n');
    expect(unknown.code).toBe(2);
    expect(unknown.lines).toEqual([expect.stringMatching(/unknown key 'form'; did you mean 'from'\?/)]);
  });
});
