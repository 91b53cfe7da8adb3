import { codeOf } from '../util/errors.ts';

/** How long the last words of a daemon may take to be read, in milliseconds. */
const LAST_WORDS_MS = 500;

/**
 * A command whose output can't be written ends with 1: its reader is gone, or the disk full. The daemon goes on; what
 * it says is a log. One that goes on until it is told to end (`isEndless`) has been told so by a reader that goes.
 */
export function endWithoutOutput({ isDaemon, isEndless }: { isDaemon: boolean; isEndless: boolean }): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error) => {
    if (!isDaemon) process.exit(isEndless && codeOf(error) === 'EPIPE' ? 0 : 1);
  });
}

/** Resolves when what was written to standard output is with its reader; a daemon's reader is not waited for long. */
export function written(isDaemon: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isDaemon && (!process.stdout.writable || process.stdout.writableLength === 0)) return resolve();
    if (isDaemon) setTimeout(resolve, LAST_WORDS_MS);
    process.stdout.write('', () => resolve());
  });
}
