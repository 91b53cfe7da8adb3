import type { FoundState, JournalOptions, JournalWriter } from './journal-types.ts';
import { FileWriter } from './journal-writer.ts';
import { load } from './load.ts';
import { keepOldVersion } from './old-version.ts';
import { ensurePrivateDirectory } from '../private.ts';
import { repair } from './repair.ts';
import { stateFiles } from './state-files.ts';

/** A state on disk, just opened. */
export interface Journal extends FoundState, JournalWriter {
  /** What alone is needed once the state is replayed. */
  readonly writer: JournalWriter;
}

/**
 * Opens the state in `dir`, making the directory where it is missing. The caller holds the directory's
 * lock. What is damaged or foreign is set aside and told through `log.error`, with what is used instead; what
 * was damaged wants to be replaced by a new snapshot (twice, so that the one before it is whole too). Throws
 * StateTooNewError (nothing has been touched then), and the system's error for files that can't be read.
 */
export function openJournal(dir: string, options: JournalOptions): Journal {
  ensurePrivateDirectory(dir);
  const files = stateFiles(dir);
  const now = options.now ?? (() => new Date());
  const loaded = load(files, options);
  const kept = loaded.version < options.version ? keepOldVersion(files, loaded.version) : null;
  if (kept !== null) options.log.info(`the state of an older release is kept in ${kept} for a week`);
  const problems = repair(files, loaded, options.log, now());
  const { snapshot, savedAt, lost, entries } = loaded;
  const worn = loaded.version < options.version || loaded.findings.length > 0;
  const writer = new FileWriter(files, options, now, loaded);
  return {
    ...{ snapshot, savedAt, lost, problems, worn, entries, writer },
    append: (entry, flush) => writer.append(entry, flush),
    compact: (state) => writer.compact(state),
    size: () => writer.size(),
    snapshotSize: () => writer.snapshotSize(),
    close: () => writer.close(),
  };
}
