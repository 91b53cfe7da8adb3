import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { stagePlan } from '../../../src/plotters/stages.ts';
import { definitionOf, fixture, replay } from './replay.ts';

const ALL = stagePlan(definitionOf('chia')).leaves.map(({ id }) => id);
const until = (last: string) => ALL.slice(0, ALL.indexOf(last) + 1);

interface Case {
  /** The last stage that the log itself reaches; none: it fails before the first. */
  last?: string;
  /** Plots whose final file the log names; -1: the plot is made in its destination, and no line says so. */
  plots?: number;
  error?: string | RegExp;
  waits?: RegExp;
}
const DONE: Case = { last: '5', plots: 1 };
const TWO: Case = { last: '5', plots: 2 };
const NO_KEYS = "No keys, please run 'chia keys add', 'chia keys generate' or provide a public key with -f";

/** Bytes of the plots that some of these runs left. */
const SIZES: Record<string, number> = {
  'chia-2.7.5/k25_pipe': 672_932_754,
  'chiapos/k24_weights': 323_745_341,
  'madmax/k18_pipe': 4_120_340,
  'madmax/k24_r2_u64_weights': 322_430_861,
};

const CASES: Record<string, { plotter: string; logs: Record<string, Case> }> = {
  k32: { plotter: '', logs: { chia: DONE, madmax: DONE } },
  madmax: {
    plotter: 'madmax',
    logs: {
      err_full_final_copy: { last: '5', waits: /^Copy to .*\.plot failed with: .*No space left on device/ },
      err_full_tmp: { last: '1.3', error: 'fwrite() failed with: No space left on device' },
      err_missing_tmp: { error: "Failed to write to tmpdir directory: 'mm/nope/'" },
      err_no_farmer: { error: /^Farmer Public Key \(48 bytes\) needs to be specified via -f/ },
      err_nofile_limit: { error: /^Cannot open at least 296 files, please raise/ },
      err_not_on_curve_farmer: { last: '1.1', error: /^Invalid farmerkey: 97f1/ },
      err_short_farmer: { error: /^Invalid farmerkey: abcd, .*needs to be 48 bytes/ },
      err_unwritable_final: { error: "Failed to write to finaldir directory: 'mm/d/'" },
      k18_pipe: DONE,
      k20_directout: { last: '5', plots: -1 },
      k20_fixed_id: DONE,
      k20_n3_slow_copy_overlap: { last: '5', plots: 3 },
      k20_no_finaldir: { last: '5', plots: -1 },
      k20_stagedir: DONE,
      k20_tmptoggle_n2: TWO,
      k22_slow_copy: DONE,
      k24_r2_u64_weights: DONE,
      sig_stop_cont: DONE,
      sig_term_during_copy: { last: '5' },
      sig_term_n1: { last: '1.4' },
    },
  },
  chiapos: {
    plotter: 'chia',
    logs: {
      err_full_final_copy: { last: '5', waits: /^Could not copy ".*" to ".*"\. Error Input\/output error$/ },
      err_full_tmp: { last: '2.2', waits: /^Only wrote 286720 of 472430 bytes at offset 0 to / },
      err_mem5: { error: 'Please provide at least 10MiB of ram' },
      err_missing_final: { error: 'Final directory cp/nope does not exist' },
      err_missing_tmp: { error: 'Temp directory cp/nope does not exist' },
      k18_nobitfield: DONE,
      k18_pipe: DONE,
      k18_progress: DONE,
      k18_same_dirs: DONE,
      k20_copy_other_fs: DONE,
      k22_slow_copy: DONE,
      k24_weights: DONE,
      mimic_k20_n2: TWO,
      mimic_sig_term: { last: '1.4' },
      pip_err_bad_key: { error: 'unexpected end of buffer' },
      pip_err_k17: { error: 'Plot size k= 17 is invalid' },
      pip_err_no_farmer: { error: NO_KEYS },
      pip_err_tmp_is_file: { error: "[Errno 17] File exists: 'afile'" },
      pip_k18: DONE,
      pip_k18_contract_tmp2: DONE,
      pip_k18_n2: TWO,
      pip_k18_n2_sig_int: TWO,
      pip_k18_nobitfield: DONE,
      pip_k18_sig_term: { last: '1.5' },
      pip_k20_copy_other_fs: DONE,
      sig_stop_cont: DONE,
      sig_term: { last: '1.4' },
    },
  },
  'chia-2.7.5': {
    plotter: 'chia',
    logs: {
      err_bad_contract: { error: 'Invalid Address' },
      err_bad_key_curve: { error: 'PublicKey is invalid (BLST ERROR: BLST_POINT_NOT_ON_CURVE)' },
      err_bad_key_short: { error: 'unexpected end of buffer' },
      err_bad_option: { error: "No such option '--bogus'. Did you mean '--buckets'?" },
      err_k_low: { error: 'The minimum k size allowed from the cli is k=25.' },
      err_no_config: { error: "can't find /plots/root_empty/config/config.yaml" },
      err_no_farmer: { error: NO_KEYS },
      err_no_override: { error: 'k=32 is the minimum size for farming.' },
      err_p_and_c: { error: 'Choose one of pool_contract_address and pool_public_key' },
      err_tmp_is_file: { error: /^filesystem error: cannot remove: Not a directory \[afile\// },
      k25_n2: TWO,
      k25_pipe: DONE,
      missing_dirs_created: { last: '1.2' },
      plotters_chiapos_k25: DONE,
      sig_int: DONE,
      sig_int_n2: TWO,
      sig_term: { last: '1.3' },
      tiny_config: { last: '1.1' },
    },
  },
};

for (const [folder, { plotter, logs }] of Object.entries(CASES))
  describe(`logs of ${folder}`, () => {
    it('all have a case', () => {
      const files = readdirSync(new URL(`../../fixtures/plotters/${folder}`, import.meta.url));
      expect(files.map((file) => file.replace(/\.log$/, '')).sort()).toEqual(Object.keys(logs).sort());
    });

    it.each(Object.entries(logs))('%s', (name, { last, plots = 0, error, waits }) => {
      const told = replay(plotter === '' ? name : plotter, fixture(`${folder}/${name}.log`));

      expect(told.stages).toEqual(last === undefined ? [] : until(last));
      expect(told.progress).toEqual(told.progress.toSorted((a, b) => a - b));
      if (plots > 0) expect(told.progress.at(-1)).toBeCloseTo(100);
      else expect(told.progress.at(-1)).toBeLessThan(99.5);
      if (Math.abs(plots) === 1) expect(told.backwards).toBe(0);

      expect(told.files).toHaveLength(Math.max(0, plots));
      const names = told.files.map((file) => file.replace(/^.*\//, ''));
      expect(told.names.map((plot) => `${plot}.plot`).sort()).toEqual(
        expect.arrayContaining(names.toSorted()),
      );
      if (plots !== 0) expect(told.names).toHaveLength(Math.abs(plots));
      // Each plot that reached its destination had its size told before, within what the plotter rounds.
      if (plots > 0) expect(told.sizes).toHaveLength(plots);
      const actual = SIZES[`${folder}/${name}`];
      if (actual !== undefined) {
        expect(told.sizes[0]).toBeLessThanOrEqual(actual);
        expect(told.sizes[0]).toBeGreaterThan(0.99 * actual);
      }
      for (const id of told.ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
      for (const [index, plot] of told.names.entries()) expect(plot).toContain(told.ids[index]);

      expect(told.errors).toEqual(error === undefined ? [] : [textOf(error)]);
      expect(told.waiting).toEqual(waits === undefined ? [] : [textOf(waits)]);
    });
  });

function textOf(text: string | RegExp) {
  return typeof text === 'string' ? text : expect.stringMatching(text);
}

it('both plotters have the same stages, so that a job can change its plotter', () => {
  for (const definition of builtInPlotters().values())
    expect(definition.stages.map(({ id }) => id)).toEqual(definitionOf('chia').stages.map(({ id }) => id));
});

describe('the full k32 logs', () => {
  it('moves through the buckets of chia, whose plot id is known at the beginning and its name in phase 3', () => {
    const log = fixture('k32/chia.log');
    const told = replay('chia', log);
    expect(told.progress.length).toBeGreaterThan(800);
    const leaps = told.progress.slice(1).map((percent, index) => percent - (told.progress[index] ?? 0));
    expect(Math.max(...leaps)).toBeLessThan(3.5);
    const early = replay('chia', log.slice(0, log.indexOf('Computing table 1')));
    expect(early.ids).toEqual(told.ids);
    expect(replay('chia', log.slice(0, log.indexOf('Compressing tables 1'))).names).toEqual(told.names);
    expect(told.files).toEqual([`/farm/yards/902/fake_dst/${told.names[0]}.plot`]);
  });

  it('knows the name and id of a MadMax plot before its first table', () => {
    const log = fixture('k32/madmax.log');
    const early = replay('madmax', log.slice(0, log.indexOf('[P1] Table 1')));
    expect(early.ids).toEqual(['522acbd6308af7e229281352f746449134126482cfabd51d38e0f89745d21698']);
    expect(early.names).toEqual([
      'plot-k32-2021-07-14-21-56-522acbd6308af7e229281352f746449134126482cfabd51d38e0f89745d21698',
    ]);
    expect(replay('madmax', log).files).toEqual([`/farm/yards/902/fake_dst/${early.names[0]}.plot`]);
  });

  it('takes "Total time" before or after the copy: only the renaming ends the plot', () => {
    const lines = fixture('chiapos/k20_copy_other_fs.log').split('\n');
    const total = lines.findIndex((line) => line.startsWith('Total time'));
    const copied = lines.findIndex((line) => line.startsWith('Copied final file'));
    expect(total).toBeGreaterThan(0);
    const swapped = lines.toSpliced(total, 1).toSpliced(copied, 0, lines[total] ?? '');
    expect(replay('chia', swapped.join('\n')).files).toHaveLength(1);
    expect(replay('chia', lines.slice(0, Math.max(total, copied) + 1).join('\n')).files).toEqual([]);
  });
});
