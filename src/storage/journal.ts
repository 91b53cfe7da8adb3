import {
  closeSync,
  existsSync,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { appendWhole, cutBack, StorageWriteError } from './append.ts';
import { keepAs, syncDirectory, writeTemporary } from './atomic.ts';
import { EndMark } from './end-mark.ts';
import { type Loaded, load } from './load.ts';
import type { Format } from './migrate.ts';
import { dropOldVersions, keepOldVersion } from './old-version.ts';
import { ensurePrivateDirectory, PRIVATE_FILE } from './private.ts';
import { encodeRecord } from './record.ts';
import { repair } from './repair.ts';
import { encodeSnapshot } from './snapshot.ts';
import { type StateFiles, stateFiles } from './state-files.ts';

export interface JournalOptions extends Format {
  log: Logger;
  now?: () => Date;
}

/** What was found on disk: a snapshot and what happened since, in order. */
export interface FoundState {
  /** The last snapshot in today's shape, null before the first. */
  readonly snapshot: unknown;
  /** When it was written, milliseconds since 1970; 0 before the first. */
  readonly savedAt: number;
  /** Something that had been written down, and may have been told, is gone: `entries` are what is left. */
  readonly lost: boolean;
  /** What was found damaged or missing, in words, for those who are to look after it. */
  readonly problems: readonly string[];
  /** The files are of an older version, or something in them was passed over: they want to be written anew soon. */
  readonly worn: boolean;
  /** What was appended since, in order and in today's shape. Drop the reference once it is replayed. */
  readonly entries: unknown[];
}

/** Writes a state down. It keeps nothing of what was found. */
export interface JournalWriter {
  /**
   * Writes one entry down. When it returns, the entry survives a kill of this process; with `flush`, a
   * loss of power too. Throws StorageWriteError: the entry is then not written, nor half of it, and the
   * next call works as soon as the disk does.
   */
  append(entry: unknown, options?: { flush?: boolean }): void;
  /** Bytes appended since the snapshot: when they outgrow `snapshotSize`, it is time to compact. */
  size(): number;
  /** Bytes of the last snapshot's file, 0 before the first. */
  snapshotSize(): number;
  /**
   * Replaces snapshot and entries by this state. Throws StorageWriteError: all is then as it was, and
   * appending goes on.
   */
  compact(snapshot: unknown): void;
  /** At a clean stop. */
  close(): void;
}

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

interface ActiveJournal {
  generation: number;
  file: string;
  fd: number;
  bytes: number;
  /** Number of its last record, and of the last one in the journal before. */
  number: number;
  before: number;
  /** A torn part couldn't be cut off: begin on a new line. */
  torn: boolean;
  /** The same of a whole line, which counts for whoever reads it: where it begins, in bytes. */
  uncut: number | null;
}

class FileWriter implements JournalWriter {
  readonly #files: StateFiles;
  readonly #options: JournalOptions;
  readonly #now: () => Date;
  /** Generation that a fallback starts from once the next snapshot is written. */
  #base: number;
  #snapshotBytes: number;
  /** Bytes in journals before the active one, where a fallback or a crashed compaction left several. */
  #earlierBytes: number;
  #active: ActiveJournal;
  readonly #mark: EndMark;

  constructor(files: StateFiles, options: JournalOptions, now: () => Date, loaded: Loaded) {
    this.#files = files;
    this.#options = options;
    this.#now = now;
    this.#base = loaded.base;
    this.#snapshotBytes = loaded.snapshotBytes;
    this.#earlierBytes = loaded.journalBytes - loaded.last.goodBytes;
    this.#active = openActive(files, loaded.last.generation, 'a');
    this.#active.number = loaded.last.number;
    this.#active.before = loaded.last.before;
    this.#mark = new EndMark(files.mark);
    syncDirectory(files.dir);
  }

  append(entry: unknown, { flush = false }: { flush?: boolean } = {}): void {
    const active = this.#active;
    this.#cutFirst(active);
    const { version } = this.#options;
    const number = active.number + 1;
    const record = encodeRecord({ version, generation: active.generation, number, entry });
    const bytes = active.torn ? Buffer.concat([Buffer.from('\n'), record]) : record;
    try {
      appendWhole({ fd: active.fd, file: active.file, bytes, length: active.bytes, flush });
    } catch (error) {
      if (error instanceof StorageWriteError && error.torn) {
        active.torn = true;
        if (error.whole) active.uncut = active.bytes;
        active.bytes = fstatSync(active.fd).size;
      }
      throw error;
    }
    active.torn = false;
    active.bytes += bytes.length;
    active.number = number;
    this.#mark.set(active);
  }

  /** A line that was said not to be written, and is: a second one with its number would make it good. */
  #cutFirst(active: ActiveJournal): void {
    const { uncut } = active;
    if (uncut === null) return;
    if (!cutBack(active.fd, uncut))
      throw new StorageWriteError(active.file, new Error('a line in it can not be taken back'), false);
    active.bytes = uncut;
    active.uncut = null;
    active.torn = false;
  }

  size(): number {
    return this.#earlierBytes + this.#active.bytes;
  }

  snapshotSize(): number {
    return this.#snapshotBytes;
  }

  compact(snapshot: unknown): void {
    if (snapshot === undefined) throw new TypeError('a snapshot must be a JSON value');
    const generation = this.#active.generation + 1;
    const { format, version } = this.#options;
    const bytes = encodeSnapshot({
      format,
      version,
      generation,
      saved_at: this.#now().toISOString(),
      state: snapshot,
    });
    const next = this.#writeSnapshot(generation, bytes);
    // The new state file counts from here on: whatever fails below, entries go to its journal.
    const former = this.#active;
    const fallback = this.#base;
    next.before = former.number;
    this.#active = next;
    this.#mark.set(next);
    this.#base = generation;
    this.#snapshotBytes = bytes.length;
    this.#earlierBytes = 0;
    try {
      closeSync(former.fd);
      syncDirectory(this.#files.dir);
      for (const old of this.#files.journals()) {
        if (old < fallback) rmSync(this.#files.journal(old), { force: true });
      }
    } catch (error) {
      this.#options.log.warn(`cannot tidy up in ${this.#files.dir}: ${messageOf(error)}`);
    }
  }

  /**
   * The next journal, then the snapshot before it, so that a crash between any two steps leaves a state
   * file and journals that lead to the same state; nor is there a moment without a state file.
   */
  #writeSnapshot(generation: number, bytes: Buffer): ActiveJournal {
    const { state, previous, dir } = this.#files;
    let next: ActiveJournal | null = null;
    try {
      // The fallback is this journal after the former snapshot: on the disk before that one goes.
      fdatasyncSync(this.#active.fd);
      next = openActive(this.#files, generation, 'w');
      syncDirectory(dir);
      const temporary = writeTemporary(state, bytes);
      // Without one, what was loaded came from the previous one, which then stays.
      if (existsSync(state)) keepAs(state, previous);
      renameSync(temporary, state);
      return next;
    } catch (error) {
      if (next !== null) closeSync(next.fd);
      throw new StorageWriteError(state, error, false);
    }
  }

  close(): void {
    closeSync(this.#active.fd);
    this.#mark.close();
    try {
      dropOldVersions(this.#files, this.#now());
    } catch (error) {
      this.#options.log.warn(`cannot tidy up in ${this.#files.dir}: ${messageOf(error)}`);
    }
  }
}

/** `w` empties what a compaction that failed left under this name. */
function openActive(files: StateFiles, generation: number, mode: 'a' | 'w'): ActiveJournal {
  const file = files.journal(generation);
  if (mode === 'w') rmSync(file, { force: true });
  const fd = openSync(file, 'a', PRIVATE_FILE);
  fchmodSync(fd, PRIVATE_FILE);
  return { generation, file, fd, bytes: fstatSync(fd).size, number: 0, before: 0, torn: false, uncut: null };
}
