import { pino } from 'pino';
import type { GrowingMask } from '../../config/mask.ts';
import { type FreeForm, maskJson } from '../../config/mask-json.ts';
import type { Logger } from '../../util/log.ts';
import { openLogOutput } from './log-output.ts';

/** What the log itself puts into its lines, and topics, in which nothing is ever masked. */
const FIXED_KEYS: ReadonlySet<string | undefined> = new Set(['level', 'time', 'topic', 'type', 'code']);
const isFree: FreeForm = (keys, value) => typeof value === 'string' && !FIXED_KEYS.has(keys.at(-1));

/**
 * A log on standard output: lines for people in a terminal, JSON for machines elsewhere. No line shows one of the
 * secrets.
 */
export async function createLogger(level: string, secrets: GrowingMask): Promise<Logger> {
  const shape = process.stdout.isTTY ? (await import('./pretty.ts')).forPeople : (line: string) => line;
  const output = openLogOutput();
  const out = {
    write(line: string): void {
      const shown = secrets.mayHold(line) ? `${maskJson(line, secrets.mask, isFree)}\n` : line;
      output.write(shape(shown));
    },
  };
  const log: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, out);
  output.onLost((lines) => log.warn(`${lines} lines of the log are lost: they could not be written`));
  return log;
}
