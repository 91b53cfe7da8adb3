import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The engine that `chia plots create` uses, and that of the new format with the keys of chia-blockchain, from PyPI. */
const PACKAGES = { chiapos: '2.0.12', chia_rs: '0.48.0' } as const;

const SCRIPT = join(import.meta.dirname, 'chia.py');

/** A public key that is a point of the curve: its generator. */
export const VALID_KEY =
  '97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb';

export interface Chia {
  /** A shell snippet, to be followed by the arguments of `chia plots create`. */
  command: string;
  /** The same for plots of the new format, which wants the size too: `chia plots create2` has none. */
  create2: string;
  /** Proves plots with the engine's own prover; rejects where one is bad. Answers what it printed. */
  check(files: readonly string[]): Promise<string>;
}

/**
 * Installs the real plotter once per machine, below `~/.cache`; safe to call from several processes at once: each
 * makes an environment of its own, and the first to be done is kept.
 */
export async function installChia(): Promise<Chia> {
  const python = join(await environment(), 'bin', 'python3');
  return {
    command: `'${python}' '${SCRIPT}' plots create`,
    create2: `'${python}' '${SCRIPT}' plots create2`,
    check: async (files) => (await run(python, [SCRIPT, 'check', ...files])).stdout,
  };
}

async function environment(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'plot2mqtt-tests');
  // Wheels are for one version of Python.
  const { stdout } = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  const kept = join(cache, `chiapos-${PACKAGES.chiapos}-${PACKAGES.chia_rs}-py${stdout.trim()}`);
  if (existsSync(kept)) return kept;
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(`${kept}-`);
  try {
    await run('python3', ['-m', 'venv', made]);
    const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}==${version}`);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
    await run(join(made, 'bin', 'python3'), [...pip, ...wanted]);
    await run(join(made, 'bin', 'python3'), ['-c', `import ${Object.keys(PACKAGES).join(', ')}`]);
    await rename(made, kept).catch((error: unknown) => {
      if (!existsSync(kept)) throw error;
    });
    return kept;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}
