import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Logger } from '../util/log.ts';

/**
 * A log on standard output: lines for people in a terminal, JSON for machines elsewhere. `mask` keeps secrets out
 * of every line.
 */
export async function createLogger(level: string, mask: (text: string) => string): Promise<Logger> {
  const shape = process.stdout.isTTY ? (await import('./pretty.ts')).forPeople : (line: string) => line;
  const out = new Writable({
    decodeStrings: false,
    write: (line, _encoding, done) => {
      process.stdout.write(mask(shape(String(line))));
      done();
    },
  });
  const log: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, out);
  return log;
}
