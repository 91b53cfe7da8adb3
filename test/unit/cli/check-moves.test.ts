import { describe, expect, it } from 'vitest';
import { check } from './support.ts';

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

  it('with replot, or with what is no key, are errors', async () => {
    const replot = await said(
      '  keep: { from: farm, to: /dev/shm, replot: { before: 2026-01-01T00:00:00Z } }\n',
    );
    expect(replot.code).toBe(2);
    expect(replot.lines).toEqual([expect.stringMatching(/a move can't remove old plots in this version/)]);
    const unknown = await said('  keep: { from: farm, to: /dev/shm, form: x }\n');
    expect(unknown.code).toBe(2);
    expect(unknown.lines).toEqual([expect.stringMatching(/unknown key 'form'; did you mean 'from'\?/)]);
  });
});
