import { existsSync, statSync, truncateSync } from 'node:fs';
import type { Logger } from '../../util/log.ts';
import type { Finding, Loaded } from './load.ts';
import { copyAside, setAside } from '../set-aside.ts';
import type { StateFiles } from './state-files.ts';

/**
 * Brings the files into the shape that was loaded: what can't be used is set aside, never deleted, and
 * told loudly; the journal to go on with ends where its last good line does. Returns what was told.
 */
export function repair(files: StateFiles, loaded: Loaded, log: Logger, now: Date): string[] {
  const problems: string[] = [];
  const say = (problem: string) => {
    log.error(problem);
    problems.push(problem);
  };
  for (const finding of loaded.findings) settle(finding, loaded.used, { log, say, now });
  // It is read only where it is needed, but always written.
  if (statSync(files.previous, { throwIfNoEntry: false })?.isFile() === false)
    say(`${files.previous} is no file; it was set aside as ${setAside(files.previous, now)}`);
  const { generation, goodBytes } = loaded.last;
  const journal = files.journal(generation);
  const bytes = statSync(journal, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > goodBytes) truncateSync(journal, goodBytes);
  return problems;
}

interface MqttParts {
  log: Logger;
  say(problem: string): void;
  now: Date;
}

function settle(finding: Finding, used: string, { log, say, now }: MqttParts): void {
  switch (finding.kind) {
    case 'bad_file':
      return say(
        `${finding.file} can't be used: ${finding.reason}. It was set aside as ` +
          `${setAside(finding.file, now)}; used instead: ${used}`,
      );
    case 'damaged_journal':
      return say(
        `${finding.file} is damaged from line ${finding.line} on: lines there are lost, those after them are ` +
          `used. A copy was kept as ${copyAside(finding.file, now)}`,
      );
    case 'torn_journal':
      return log.info(`${finding.file}: its last line has no end and was dropped`);
    case 'short_journal':
      return say(
        `${finding.file} ends too early: the last ${finding.records} records are missing. A copy was kept as ` +
          copyAside(finding.file, now),
      );
    case 'bad_mark':
      if (existsSync(finding.file)) setAside(finding.file, now);
      return log.warn(
        `${finding.file} is damaged or missing: nothing says whether the journal ends too early`,
      );
    case 'skipped_lines':
      return log.warn(`${finding.file}: passed over ${finding.count} line(s) of a write that had failed`);
    case 'missing':
      return say(`${finding.message}; used: ${used}`);
    default:
      finding satisfies never;
  }
}
