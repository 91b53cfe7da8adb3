import { noteDestination } from '../worker-directory/destination-names.ts';
import { readOwnedDirectories, writeOwnedDirectories } from '../worker-directory/owned-directories.ts';
import { makeTempDirs } from './temp-dirs.ts';

/**
 * Before a plotter begins: makes the worker's temporary directories, and notes in its own directory which ones it made
 * and what is in its destinations. Throws why that can't be.
 */
export async function prepareDirectories(
  own: string,
  tempDirs: readonly string[],
  destinations: readonly string[],
): Promise<void> {
  const noted = Promise.all(destinations.map((path, index) => noteDestination(own, path, index)));
  // Written down at once, so that a crash from here on finds them again.
  writeOwnedDirectories(own, { temp_dirs: await makeTempDirs(tempDirs, readOwnedDirectories(own)) });
  await noted;
}
