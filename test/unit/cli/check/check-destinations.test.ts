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
  it('by whatever name, also by a default of all jobs, once for what a pattern means', async () => {
    const { lines } = await check(
      JOB.replace(', dest_dir: farm }', ' }').replace('defaults: {', 'defaults: { dest_dir: "f*",') +
        'moves:\n  keep: { from: /dev/shm, to: x/../farm }\n',
    );
    expect(lines.filter((line) => line.includes('move'))).toEqual([
      expect.stringMatching(
        /^FILE:1:\d+: warning: defaults\.dest_dir: job 'a' makes its plots in DIR\/farm, into which move 'keep'/,
      ),
    ]);
  });

  it('that leave the plots of a job on the disk that they empty are warned of', async () => {
    const { lines } = await said('  keep: { from: x, to: /dev/shm }\n');
    expect(lines).toEqual([
      expect.stringMatching(
        /^FILE:7:\d+: warning: .*job 'a' makes its plots in DIR\/farm, out of which no move takes them, while move 'keep' takes others from DIR\/x/,
      ),
    ]);
    expect((await said('  keep: { from: [x, farm], to: /dev/shm }\n')).lines).toEqual([]);
    expect((await said('  keep: { from: x, to: /dev/shm, enabled: false }\n')).lines).toEqual([]);
  });

  it('to a disk that is not mounted, or is closed, are warned of', async () => {
    const disks = (rule: string) =>
      `  keep: { from: farm, to: /dev/shm/.. }\ndisks: [{ match: /dev, ${rule} }]\n`;
    expect((await said(disks('closed: true'))).lines).toEqual([
      expect.stringMatching(/^FILE:10:\d+: warning: .*move 'keep' moves nothing: all that .* is closed/),
    ]);
    const away = await said('  keep: { from: farm, to: bin }\ndisks: [{ match: bin, mounted: true }]\n');
    expect(away).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/^FILE:10:\d+: warning: .*move 'keep': DIR\/bin is not mounted: no plot goes/),
      ],
    });
  });
});
