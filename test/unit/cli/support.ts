import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCheck } from '../../../src/cli/check/check.ts';
import type { Machine } from '../../../src/cli/check/check-job.ts';
import { type Written, write } from '../config/support.ts';

/** Runs the check on a configuration whose directory has the folders `tmp` and `farm`; `FILE` stands for its name. */
export async function check(
  text: string,
  written: Written & {
    machine?: Partial<Machine>;
    now?: number;
    directories?: string[];
    files?: Record<string, string>;
    replot?: boolean;
  } = {},
) {
  const file = await write(text, written);
  for (const name of written.directories ?? []) await mkdir(join(dirname(file), name), { recursive: true });
  for (const name of ['tmp', 'farm', 'bin', 'x']) await mkdir(join(dirname(file), name));
  for (const name of ['bin/chia_plot', 'x/chia_plot', 'bin/chia'])
    await writeFile(join(dirname(file), name), '#!/bin/sh\n', { mode: 0o755 });
  for (const [name, text] of Object.entries(written.files ?? {}))
    await writeFile(join(dirname(file), name), text);
  const lines: string[] = [];
  const directory = dirname(file);
  const path = { PATH: `${join(directory, 'bin')}:/usr/bin:/bin` };
  const code = await runCheck({
    file,
    env: { ...path, ...written.env },
    out: (line) => lines.push(line),
    replot: written.replot === true,
    // The directories of these tests are on the system's disk, and small.
    machine: { systemDisk: null, ...written.machine },
    ...(written.now === undefined ? {} : { now: written.now }),
  });
  return { code, lines: lines.map((line) => line.replaceAll(file, 'FILE').replaceAll(directory, 'DIR')) };
}
