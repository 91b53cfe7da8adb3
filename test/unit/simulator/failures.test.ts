import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bench, KEY, KEYS, mask, openBench, recorded } from './harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.remove());

const FAST = ['--speed', '1e9'];
/** The recorded runs had keys that only a look at the curve tells; the simulator looks at the first bits. */
const NO_POINT = `1${KEY.slice(1)}`;
const withNoPoint = (lines: string[]) => lines.map((line) => line.replace(`${KEY.slice(0, -2)}ff`, NO_POINT));
/** The simulator names no options that look alike. */
const withoutHint = (line: string) => line.replace(/ Did you mean '--buckets'\?$/, '');
const CHIA = ['chia', 'plots', 'create', '-k', '25', '--override-k', '-x', '-t', 't', '-d', 'd'];
const MADMAX = ['madmax', '-k', '18', '-t', 't/', '-d', 'd/'];
const list = (name: string) => readdirSync(join(bench.directory, name));

describe('chia refuses as the real one did', () => {
  test.each([
    ['err_bad_key_short', [...CHIA, '-f', 'abcd', '-p', KEY], 1],
    ['err_bad_key_curve', [...CHIA, '-f', NO_POINT, '-p', KEY], 1],
    ['err_no_farmer', [...CHIA, '-p', KEY], 1],
    ['err_p_and_c', [...CHIA, ...KEYS, '-c', 'xch1nosuch'], 1],
    ['err_bad_contract', [...CHIA, '-f', KEY, '-c', 'xch1nosuch'], 1],
    ['err_k_low', [...CHIA, '-k', '24', ...KEYS], 1],
    ['err_no_override', ['chia', '-k', '25', '-x', '-t', 't', '-d', 'd', ...KEYS], 1],
    ['err_bad_option', [...CHIA, '--bogus', '3', ...KEYS], 2],
    ['err_tmp_is_file', [...CHIA, '-t', 'afile', ...KEYS], 1],
  ])('%s', async (name, words, code) => {
    writeFileSync(join(bench.directory, 'afile'), '');
    const result = await bench.run([...words, ...FAST]);
    const real = recorded(`chia_${name}`);
    expect(mask(result.stdout)).toEqual(mask(real.stdout));
    expect(mask(result.stderr)).toEqual(mask(real.stderr).map(withoutHint));
    expect(result.code).toBe(code);
    expect(list('d')).toEqual([]);
  });

  test('a keychain stands in for keys', async () => {
    expect(await bench.run([...CHIA, '--keychain', ...FAST])).toMatchObject({ code: 0 });
  });

  test('missing directories are made, nested ones too', async () => {
    const words = ['chia', '-k', '25', '--override-k', '-t', 'new/t', '-d', 'new/deep/d', ...KEYS, ...FAST];
    expect(await bench.run(words)).toMatchObject({ code: 0 });
    expect(list('new/deep/d')).toHaveLength(1);
  });
});

describe('MadMax refuses as the real one did', () => {
  test.each([
    ['err_missing_tmp', [...MADMAX, '-t', 'nope/', ...KEYS], 254, null],
    ['err_unwritable_final', [...MADMAX, '-d', 'nope/', ...KEYS], 254, null],
    ['err_no_farmer', [...MADMAX, '-p', KEY], 254, null],
    ['err_short_farmer', [...MADMAX, '-f', 'abcd', '-p', KEY], 254, null],
    ['err_not_on_curve_farmer', [...MADMAX, '-f', NO_POINT, '-p', KEY], null, 'SIGABRT'],
  ])('%s', async (name, words, code, signal) => {
    const result = await bench.run([...words, ...FAST]);
    const real = recorded(`madmax_${name}`);
    expect(mask(result.stdout)).toEqual(mask(withNoPoint(real.stdout)));
    expect(mask(result.stderr)).toEqual(mask(real.stderr));
    expect(result).toMatchObject({ code, signal });
    expect(list('t')).toEqual([]);
  });

  test('a directory needs its slash', async () => {
    const result = await bench.run([...MADMAX, '-t', 't', ...KEYS]);
    expect(result).toMatchObject({ code: 254, stdout: ["Invalid tmpdir: t (needs trailing '/' or '\\')"] });
  });

  test('an unknown option is passed over', async () => {
    expect(await bench.run([...MADMAX, '--bogus', ...KEYS, ...FAST])).toMatchObject({ code: 0 });
  });
});

describe('a stage fails', () => {
  test.each([
    ['1.3', 'Computing table 3'],
    ['2', 'Backpropagating on table 7'],
    ['3.6', 'Compressing tables 6 and 7'],
    ['4', 'Starting phase 4/4'],
    ['copy', 'Total time'],
  ])('of chia: %s', async (stage, line) => {
    const { code, stdout, stderr } = await bench.run([...CHIA, ...KEYS, ...FAST, '--fail-at', stage]);
    expect(code).toBe(1);
    expect(stdout.at(-1)).toMatch(/^Caught plotting error: filesystem error: /);
    expect(stdout.slice(-4).join('\n')).toContain(line);
    expect(stderr.slice(2)).toEqual(recorded('chia_err_tmp_is_file').stderr.slice(2));
    expect(list('d')).toEqual([]);
    expect(list('t')).not.toEqual([]);
  });

  test.each([
    ['1.3', '[P1] Table 2 took'],
    ['2', 'Phase 1 took'],
    ['3.1', 'Phase 2 took'],
    ['4', 'Phase 3 took'],
    ['5', 'Copy to d/'],
  ])('of MadMax: %s', async (stage, line) => {
    const result = await bench.run([...MADMAX, ...KEYS, ...FAST, '--fail-at', stage]);
    expect(result).toMatchObject({ code: null, signal: 'SIGABRT' });
    expect(result.stdout.at(-1)).toContain(line);
    expect(result.stderr[0]).toBe("terminate called after throwing an instance of 'std::runtime_error'");
    expect(result.stderr[1]).toMatch(/^ {2}what\(\): {2}.*No space left on device$/);
    expect(list('d')).toEqual([]);
    expect(list('t')).not.toEqual([]);
  });
});

describe('a full disk', () => {
  test('MadMax, temp: ends as the real one did, its temporary files stay', async () => {
    const result = await bench.run([
      ...MADMAX,
      '-k',
      '20',
      '-r',
      '2',
      '-u',
      '16',
      ...KEYS,
      ...FAST,
      '--full-disk',
      'temp',
    ]);
    const real = recorded('madmax_err_full_tmp');
    expect(result.signal).toBe('SIGABRT');
    expect(mask(result.stderr)).toEqual(mask(real.stderr));
    expect(result.stdout.at(-1)).toMatch(/^\[P1\] Table 2 took/);
    expect(list('t').filter((file) => file.includes('.p1.t3.sort_bucket_'))).not.toEqual([]);
  });

  test.each([
    [
      'MadMax, dest',
      [...MADMAX, '--full-disk', 'dest'],
      / failed with: fwrite\(\) failed on .*\(No space left on device\)$/,
    ],
    [
      'chia, dest',
      [...CHIA, '--full-disk', 'dest'],
      /^Could not copy ".*" to ".*"\. Error Input\/output error\. Retrying in five minutes\.$/,
    ],
    [
      'chia, temp',
      [...CHIA, '--full-disk', 'temp'],
      /^Only wrote \d+ of \d+ bytes at offset 0 to "t\/.*Retrying in five minutes\.$/,
    ],
  ])('%s: says so and waits', async (_, words, line) => {
    const { child, ended, said } = bench.start([...words, ...KEYS, ...FAST]);
    await said(words[0] === 'chia' ? 'Retrying' : 'failed with');
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    const { stdout, signal } = await ended;
    expect(signal).toBe('SIGTERM');
    expect(stdout.at(-1)).toMatch(line);
    expect(list('d').filter((file) => file.endsWith('.plot'))).toEqual([]);
  });

  test('a destination that goes away is waited for, until it is back', async () => {
    const target = join(bench.directory, 'd');
    const { ended, said } = bench.start([...CHIA, ...KEYS, '--speed', '30']);
    await said('Computing table 2');
    rmSync(target, { recursive: true });
    await said('Could not rename');
    mkdirSync(target);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout.join('\n')).toContain('Error No such file or directory. Retrying in five minutes.');
    await vi.waitFor(() => expect(list('d')).toHaveLength(1));
  });
});
