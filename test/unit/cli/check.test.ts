import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCheck } from '../../../src/cli/check.ts';
import { type Written, write } from '../config/support.ts';

const KEY = 'ab'.repeat(48);
const KEYS = `farmer_key: "${KEY}", pool_key: "${KEY}"`;

/** Runs the check on a configuration whose directory has the folders `tmp` and `farm`; `FILE` stands for its name. */
async function check(text: string, written: Written = {}) {
  const file = await write(text, written);
  for (const name of ['tmp', 'farm']) await mkdir(join(dirname(file), name));
  const lines: string[] = [];
  const code = await runCheck({ file, env: written.env ?? {}, out: (line) => lines.push(line) });
  const directory = dirname(file);
  return { code, lines: lines.map((line) => line.replaceAll(file, 'FILE').replaceAll(directory, 'DIR')) };
}

describe('plot2mqtt check', () => {
  it('prints the command line of each job', async () => {
    const text =
      `defaults: { ${KEYS} }\njobs:\n` +
      '  a:\n    title: First\n    plotter: madmax\n    command: cd x && ./chia_plot "$@" | tee log\n' +
      '    arguments: { temp_dir: tmp, dest_dir: farm, threads: 3, extra: ["-x", "a b", "it\'s"] }\n';
    const { code, lines } = await check(text);
    expect(code).toBe(0);
    expect(lines[0]).toBe("job 'a' (First), plotter 'madmax':");
    expect(lines[1]).toMatch(/^ {2}cd x && \.\/chia_plot .*-t DIR\/tmp\/ .*\| tee log$/);
    expect(lines[1]).toContain(`-r 3`);
    expect(lines[1]).toContain(`-x 'a b' 'it'\\''s' | tee log`);
    expect(lines.at(-1)).toBe('FILE is valid.');
  });

  it('says which required arguments are missing', async () => {
    const { code, lines } = await check(
      'jobs:\n  nightly:\n    plotter: madmax\n    arguments:\n      temp_dir: tmp\n',
    );
    expect(code).toBe(2);
    const remedy = 'set it in the job, in plotters.madmax.arguments or in defaults';
    const place = "jobs.nightly.arguments.X: job 'nightly': plotter 'madmax'";
    const said = lines.filter((line) => line.startsWith('FILE'));
    expect(said.sort()).toEqual([
      `FILE:4:5: ${place.replace('X', 'dest_dir')}: argument 'dest_dir' is missing; ${remedy}`,
      `FILE:4:5: ${place.replace('X', 'farmer_key')}: argument 'farmer_key' is missing; ${remedy}`,
      `FILE:4:5: ${place.replace('X', 'pool_key')}: one of the arguments 'pool_key' or 'pool_contract' is missing; ${remedy}`,
    ]);
    expect(lines.at(-1)).toBe('3 problems.');
  });

  it('names directories that are missing or are none, and where they are written', async () => {
    const text =
      `defaults:\n  dest_dir: nowhere\n  farmer_key: "${KEY}"\n  pool_key: "${KEY}"\n` +
      'jobs:\n  a:\n    plotter: madmax\n    arguments: { temp_dir: config.yaml }\n';
    const { code, lines } = await check(text);
    expect(code).toBe(2);
    expect(lines.slice(2)).toEqual([
      "FILE:2:13: defaults.dest_dir: job 'a': plotter 'madmax': dest_dir DIR/nowhere does not exist (is its disk mounted?); directories are never made, make it with 'mkdir -p'",
      "FILE:8:28: jobs.a.arguments.temp_dir: job 'a': plotter 'madmax': temp_dir FILE is no directory",
      '2 problems.',
    ]);
  });

  it('finds unknown arguments, CPUs that the host lacks, and certificates that are not there', async () => {
    const text =
      `mqtt: { broker: "mqtts://h:8883", ca: ca.pem }\njobs:\n  a:\n    plotter: madmax\n    cpus: [8000]\n` +
      `    arguments: { ${KEYS}, temp_dir: tmp, dest_dir: farm, thraeds: 3 }\n`;
    const { code, lines } = await check(text);
    expect(code).toBe(2);
    expect(lines.slice(2)).toEqual([
      'FILE:1:39: mqtt.ca: DIR/ca.pem does not exist',
      expect.stringMatching(
        /^FILE:5:11: jobs\.a\.cpus: job 'a': cpus: CPU 8000 is not available on this host/,
      ),
      expect.stringMatching(
        /^FILE:6:\d+: jobs\.a\.arguments\.thraeds: job 'a': plotter 'madmax': unknown argument 'thraeds'; did you mean 'threads'\?$/,
      ),
      '3 problems.',
    ]);
  });

  it('shows no secret, neither in a command line nor in a problem', async () => {
    const text =
      'jobs:\n  a: &a\n    plotter: madmax\n    title: !secret word\n    command: echo $$ && !\n' +
      '    arguments: { farmer_key: !secret key, pool_key: !secret key, temp_dir: tmp, dest_dir: farm, threads: !secret n }\n' +
      '  b: { plotter: madmax, arguments: { farmer_key: !secret word, threads: !secret word } }\n';
    const { code, lines } = await check(text, { secrets: `key: "${KEY}"\nword: hunter22\nn: 7` });
    expect(code).toBe(2);
    expect(lines[0]).toBe("job 'a' (***), plotter 'madmax':");
    expect(lines[1]).toContain('-f ***');
    expect(lines[1]).toContain('-r ***');
    expect(lines.join('\n')).not.toMatch(new RegExp(`${KEY}|hunter22`));
  });

  it('tells what is wrong with the file itself', async () => {
    const { code, lines } = await check('jobs: { a: { plotter: madmx } }');
    expect(code).toBe(2);
    expect(lines).toEqual([
      "FILE:1:23: jobs.a.plotter: job 'a' asks for an unknown plotter; known are chia, madmax; did you mean 'madmax'?",
      '1 problem.',
    ]);
  });

  it("finds nothing wrong with the repository's config.yaml", async () => {
    const lines: string[] = [];
    const file = fileURLToPath(new URL('../../../config.yaml', import.meta.url));
    expect(await runCheck({ file, env: {}, out: (line) => lines.push(line) })).toBe(0);
    expect(lines[1]).toContain('plot2mqtt simulate madmax --speed 200 ');
  });
});
