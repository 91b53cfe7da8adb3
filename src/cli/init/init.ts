import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { DiskSurroundings } from './find-disks.ts';
import { configText } from './init-text.ts';
import { type Findings, lookAround } from './surroundings.ts';

/**
 * `plot2mqtt init`: writes a commented config.yaml with the plotter and the disks of this machine, never over one that is
 * there, and nothing else.
 * @param surroundings in place of this machine's disks
 * @returns the exit code: 0, or 1 where there was one or it could not be written
 */
export async function runInit(name: string, surroundings: DiskSurroundings = {}): Promise<0 | 1> {
  const file = resolve(name);
  let found: Findings;
  try {
    found = await lookAround(surroundings);
    await writeFile(file, configText(found), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const why =
      codeOf(error) === 'EEXIST'
        ? 'is there already and stays as it is'
        : `can't be written: ${messageOf(error)}`;
    process.stderr.write(`${file} ${why}\n`);
    return 1;
  }
  if (found.plotter === null)
    process.stdout.write(
      `No plotter was found on this machine, so ${file} has no job yet: say under "plotters" where yours is, and take the marks of a comment off the job "nightly".\n`,
    );
  if (found.unwritable.length > 0)
    process.stdout.write(
      `This account may not write on ${found.unwritable.join(', ')}, so that no plot would go there: make a directory "tmp" or "plots" on each that belongs to it, then write the file anew.\n`,
    );
  process.stdout.write(`${file} is written. Look through it, then: plot2mqtt check --config ${file}\n`);
  return 0;
}
