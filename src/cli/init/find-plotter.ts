import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A plotter of this machine, and what its job says. */
export interface FoundPlotter {
  /** Of a plotter that is built in. */
  id: string;
  command: string;
  /** Arguments without which it makes nothing, as YAML, and words on them. */
  wants?: string;
  /** It takes the graphics card, or most of the memory: one process at a time, which makes several plots. */
  alone?: true;
}

interface Place extends FoundPlotter {
  /** As it is called in the PATH. */
  program: string;
  /** Where it usually is below the home directory, and how it is called there. */
  home?: { file: string; command: string };
}

/** Where plotters usually are, the faster one first. */
const PLACES: readonly Place[] = [
  {
    id: 'gigahorse-cuda',
    program: 'cuda_plot_k32',
    command: 'cuda_plot_k32',
    wants: '{ compression: 7 } # or what your farm can take',
    alone: true,
  },
  { id: 'bladebit-cuda', program: 'bladebit_cuda', command: 'bladebit_cuda', alone: true },
  {
    id: 'madmax',
    program: 'chia_plot',
    command: 'chia_plot',
    home: { file: 'chia-plotter/build/chia_plot', command: '~/chia-plotter/build/chia_plot' },
  },
  {
    id: 'chia',
    program: 'chia',
    command: 'chia plots create',
    home: {
      file: 'chia-blockchain/activate',
      command: 'cd ~/chia-blockchain && . ./activate && chia plots create',
    },
  },
  { id: 'bladebit-disk', program: 'bladebit', command: 'bladebit' },
];

/** The first plotter that is there: in the PATH, or where it usually is. */
export async function findPlotter(): Promise<FoundPlotter | null> {
  const path = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const { program, home, ...plotter } of PLACES) {
    for (const directory of path)
      if (await isAllowed(join(directory, program), constants.X_OK)) return plotter;
    if (home !== undefined && (await isAllowed(join(homedir(), home.file), constants.R_OK)))
      return { ...plotter, command: home.command };
  }
  return null;
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
