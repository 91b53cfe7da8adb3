import { pino } from 'pino';
import type { Logger } from '../../../../src/util/log.ts';

export interface CollectingLog {
  log: Logger;
  errors: string[];
  warnings: string[];
  infos: string[];
}

/** A real logger whose errors, warnings and words can be looked at. */
export function collectingLog(): CollectingLog {
  const errors: string[] = [];
  const warnings: string[] = [];
  const infos: string[] = [];
  const log = pino(
    { level: 'debug' },
    {
      write(line: string) {
        const { level, msg }: { level: number; msg: string } = JSON.parse(line);
        if (level >= 50) errors.push(msg);
        else if (level >= 40) warnings.push(msg);
        else if (level >= 30) infos.push(msg);
      },
    },
  );
  return { log, errors, warnings, infos };
}
