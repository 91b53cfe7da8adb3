/** What a log tells of itself: the truth that its definition is held against. */
export interface Case {
  /** The last stage that the log itself reaches; none: it fails before the first. */
  last?: string;
  /** Plots whose final file the log names; -1: the plot is made in its destination, and no line says so. */
  plots?: number;
  error?: string | RegExp;
  waits?: RegExp;
  /** The plotter, where not all logs of a folder are of one. */
  plotter?: string;
  /** Stages on its way of which the log says nothing. */
  skips?: string[];
  /** No line tells a plot's size. */
  unsized?: true;
}
const DONE: Case = { last: '5', plots: 1 };
const TWO: Case = { last: '5', plots: 2 };
/** Compressed plots have no first table, so that nothing is said of it in phases 2 and 3. */
const GIGAHORSE: Case = { ...DONE, skips: ['2.6'] };
const BLADEBIT_RAM: Case = { plotter: 'bladebit-ram', unsized: true, skips: ['2.2'] };
const BLADEBIT_CUDA: Case = { plotter: 'bladebit-cuda', unsized: true, skips: ['2.2', '3.2'] };
const GIGAHORSE_CUDA: Case = {
  plotter: 'gigahorse-cuda',
  last: '5',
  unsized: true,
  skips: ['2.5', '2.6', '3.2'],
};
const POS2: Case = { last: '6', plots: 1 };
/** Small plots are faster than the two lines a second that its bar has. */
const POS2_QUICK: Case = { ...POS2, skips: ['5'] };
const POS2_AT_ONCE: Case = { ...POS2, skips: ['2', '3', '4', '5'] };
const CREATE2: Case = { last: '1', plots: 1, unsized: true };
const NO_KEYS = "No keys, please run 'chia keys add', 'chia keys generate' or provide a public key with -f";

/** Bytes of the plots that some of these runs left. */
export const SIZES: Record<string, number> = {
  'chia-2.7.5/k25_pipe': 672_932_754,
  'chiapos/k24_weights': 323_745_341,
  'gigahorse_cpu/k20_C1': 16_333_121,
  'gigahorse_cpu/k22_C3': 64_494_949,
  'gigahorse_cpu/k22_C5': 62_893_661,
  'madmax/k18_pipe': 4_120_340,
  'madmax/k24_r2_u64_weights': 322_430_861,
  'pos2/k18_pipe': 638_669,
  'pos2/k24_pipe': 53_430_137,
};

export const CASES: Record<string, { plotter: string; logs: Record<string, Case> }> = {
  k32: { plotter: '', logs: { chia: DONE, madmax: DONE, 'bladebit-ram': { ...DONE, ...BLADEBIT_RAM } } },
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
  bladebit: {
    plotter: 'bladebit-disk',
    logs: {
      diskplot_k32_f1_done_then_tmp_full: {
        last: '1.2',
        error: "Failed to write to 'y1.56' work file with error 28 (0x1c).",
      },
      diskplot_sigterm: { last: '1.1' },
      err_missing_tmp: {
        error: "Failed to obtain temp paths block size from t1: 'bb/nope' or t2: 'bb/nope'.",
      },
      err_no_farmer: { error: 'A farmer public key must be specified.' },
      err_no_out: { error: 'At least one output folder must be specified.' },
      err_ramplot_memory: { plotter: 'bladebit-ram', error: 'Failed to allocate required buffers.' },
    },
  },
  gigahorse_cpu: {
    plotter: 'gigahorse',
    logs: {
      err_missing_tmp: { error: "Failed to write to tmpdir directory: '/nope/'" },
      k20_C1: GIGAHORSE,
      k20_C1_n2: { ...GIGAHORSE, plots: 2 },
      k22_C3: GIGAHORSE,
      k22_C5: GIGAHORSE,
    },
  },
  pos2: {
    plotter: 'pos2',
    logs: {
      err_full_disk: {
        ...POS2_QUICK,
        plots: 0,
        error: /^Failed to write chunk 38 to plot_22_2_0_0_[0-9a-f]{64}\.bin$/,
      },
      err_id_short: { error: 'plot_id_hex must be 64 hex characters.' },
      err_unwritable_cwd: {
        ...POS2_AT_ONCE,
        plots: 0,
        error: /^Failed to open plot_18_2_0_0_[0-9a-f]{64}\.bin$/,
      },
      k18_pipe: POS2_AT_ONCE,
      k22_pipe: POS2_QUICK,
      k22_strength3: POS2_QUICK,
      k22_verbose_pipe: POS2,
      k24_pipe: POS2,
      sig_stop_cont: POS2,
      sig_term: { last: '1' },
    },
  },
  'chia-v2': {
    plotter: 'chia-v2',
    logs: {
      pip_err_full_disk: { last: '1', error: 'failed to create plot file' },
      pip_err_odd_k: { last: '1', error: 'failed to create plot file' },
      pip_k18: CREATE2,
      pip_k18_n3: { ...CREATE2, plots: 3 },
      pip_k20: CREATE2,
      pip_k22: CREATE2,
      pip_k24: CREATE2,
      pip_k24_sig_term: { last: '1' },
    },
  },
  // Nobody could run these here: their lines are those of the sources, and of logs that others have told of.
  'seen-elsewhere': {
    plotter: '',
    logs: {
      'bladebit-cuda_full_destination': {
        ...BLADEBIT_CUDA,
        last: '5',
        waits: /^No space left in plot output directory for plot '\/mnt\/plots\/plot-k32-c07-.*\.plot\.tmp'$/,
      },
      'bladebit-cuda_n2': { ...BLADEBIT_CUDA, last: '5', plots: 2 },
      'bladebit-cuda_no_device': { plotter: 'bladebit-cuda', error: 'No CUDA-capable devices found.' },
      'bladebit-disk': { plotter: 'bladebit-disk', ...DONE, unsized: true, skips: ['2.2'] },
      'bladebit-ram': { ...BLADEBIT_RAM, ...DONE },
      'bladebit-ram_n2': { ...BLADEBIT_RAM, last: '5', plots: 2, skips: ['2.2', '3.2'] },
      'gigahorse-cuda': { ...GIGAHORSE_CUDA, plots: 1 },
      'gigahorse-cuda_destinations_full': {
        ...GIGAHORSE_CUDA,
        waits: /^All destinations are busy or full$/,
      },
      'gigahorse-cuda_gpu_error': { plotter: 'gigahorse-cuda', last: '1.4', error: 'invalid device ordinal' },
      'gigahorse-cuda_n2': { ...GIGAHORSE_CUDA, plots: 2 },
      'gigahorse-cuda_remote': {
        ...GIGAHORSE_CUDA,
        plots: 1,
        waits: /^Copy to @10\.0\.0\.7:plot-k32-c18-.*\.plot failed with: connect\(\) failed with: /,
      },
    },
  },
};
