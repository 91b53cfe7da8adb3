import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TransferState } from '../../engine/model/transfer-state.ts';
import type { FailedSide } from '../../mover/report.ts';
import { messageOf, saysAbsent } from '../../util/errors.ts';

/** What keeps a plot from being moved, as its mover would find it. `placed`: there is a file of its name where it goes to. */
export type Obstacle = { kind: 'none' | 'placed' } | { kind: 'problem'; side: FailedSide; error: string };

/**
 * What is in the way of a plot, seen before old plots go for it: they would go for one that never comes. For as long as
 * its disks take to answer; never rejects.
 */
export async function obstacleTo(transfer: TransferState): Promise<Obstacle> {
  const { file, to } = transfer;
  const problem = (side: FailedSide, error: string): Obstacle => ({ kind: 'problem', side, error });
  if (!(await isUnchanged(transfer))) return problem('source', `${file} has changed since it was found`);
  try {
    await access(file, constants.R_OK);
    await access(dirname(file), constants.W_OK | constants.X_OK);
  } catch (error) {
    return problem('source', `the plot can't be read, or not be removed where it is: ${messageOf(error)}`);
  }
  const placed = join(to, basename(file));
  try {
    if (await isThere(placed)) return { kind: 'placed' };
    return (await isThere(`${placed}.tmp`))
      ? problem('other', `there is a file that this move hasn't made: ${placed}.tmp`)
      : { kind: 'none' };
  } catch (error) {
    return problem('destination', `the destination can't be looked at: ${messageOf(error)}`);
  }
}

/** Whether the plot that is to be moved is still the file that was found. */
async function isUnchanged({ file, size, ino, mtime_ns }: TransferState): Promise<boolean> {
  const found = await lstat(file, { bigint: true }).catch(() => null);
  if (found === null || !found.isFile()) return false;
  return String(found.ino) === ino && String(found.mtimeNs) === mtime_ns && Number(found.size) === size;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (saysAbsent(error)) return false;
    throw error;
  }
}
