// Takes the lock of a directory when told to, says what came of it and keeps it until stdin ends.
import { lockDataDir } from '../../../../src/storage/lock.ts';

const [dir = '.'] = process.argv.slice(2);
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  try {
    lockDataDir(dir);
    process.stdout.write('won\n');
  } catch (error) {
    process.stdout.write(`lost ${error instanceof Error ? `${error.name} ${error.message}` : error}\n`);
  }
});
