import { noteDestination } from '../worker-directory/destination-names.ts';
import { makeTempDirs } from './temp-dirs.ts';
import { readBelongings, writeBelongings } from '../worker-directory/belongings.ts';

/**
 * Before a plotter begins: makes the worker's temporary directories, and notes in its own directory which ones it made
 * and what is in its destination. Throws why that can't be.
 */
export async function takePossession(
  own: string,
  tempDirs: readonly string[],
  destination: string | null,
): Promise<void> {
  const noted = destination === null ? null : noteDestination(own, destination);
  // Written down at once, so that a crash from here on finds them again.
  writeBelongings(own, { temp_dirs: await makeTempDirs(tempDirs, readBelongings(own)) });
  await noted;
}
