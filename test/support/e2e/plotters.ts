import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestDaemon } from './daemon.ts';

const STEPPING = join(import.meta.dirname, 'stepping-plotter.sh');

/** A job whose plotter is a simulated MadMax: a plot in a moment. */
export const QUICK = {
  plotter: 'madmax',
  command: 'plot2mqtt simulate madmax --run madmax-k18 --speed 1000 --plot-size 4K',
  check_space: false,
};

/** A job whose plotter plots for hours. */
export const ENDLESS = { ...QUICK, command: 'plot2mqtt simulate madmax --run madmax-k32' };

/** A job whose plotter fails at once. */
export const FAILING = { ...QUICK, command: `${QUICK.command} --fail-at 1` };

/** A job whose plotter goes on phase by phase, as `allow` says. */
export const STEPPING_JOB = { ...QUICK, command: `STEPS="$PWD" sh '${STEPPING}'` };

/** Lets stepping plotters of a daemon end a phase, or `all` of them. */
export async function allow(daemon: TestDaemon, ...steps: (1 | 2 | 3 | 4 | 5 | 'all')[]): Promise<void> {
  for (const step of steps) await writeFile(daemon.path(String(step)), '');
}

/** A shell snippet that waits until a file is there. */
export function waitForFile(name: string): string {
  return `until [ -e ${name} ]; do sleep 0.02; done`;
}
