import { rmSync, statSync, truncateSync } from 'node:fs';
import type { Logger } from '../util/log.ts';
import type { Finding, Loaded } from './load.ts';
import { copyAside, setAside } from './set-aside.ts';
import type { StateFiles } from './state-files.ts';

/**
 * Brings the files into the shape that was loaded: what can't be used is set aside, never deleted, and
 * told loudly; the journal to go on with ends where its last good line does.
 */
export function repair(files: StateFiles, loaded: Loaded, log: Logger, now: Date): void {
  for (const finding of loaded.findings) settle(finding, loaded.used, log, now);
  const { generation, goodBytes } = loaded.last;
  const journal = files.journal(generation);
  const bytes = statSync(journal, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > goodBytes) truncateSync(journal, goodBytes);
}

function settle(finding: Finding, used: string, log: Logger, now: Date): void {
  switch (finding.kind) {
    case 'bad_file':
    case 'stray_journal':
      // An empty journal holds nothing worth a word.
      if (finding.kind === 'stray_journal' && statSync(finding.file).size === 0) {
        rmSync(finding.file);
        return;
      }
      log.error(
        `${finding.file} can't be used: ${finding.reason}. It was set aside as ` +
          `${setAside(finding.file, now)}; used instead: ${used}`,
      );
      return;
    case 'damaged_journal':
      log.error(
        `${finding.file} is damaged from line ${finding.line} on: what was written there and later is ` +
          `lost. A copy was kept as ${copyAside(finding.file, now)}; used: ${used}, up to that line`,
      );
      return;
    case 'skipped_lines':
      log.warn(`${finding.file}: passed over ${finding.count} line(s) of a write that had failed`);
      return;
    case 'lost':
      log.error(`${finding.message}; used instead: ${used}`);
      return;
    default:
      finding satisfies never;
  }
}
