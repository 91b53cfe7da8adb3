import { closeSync, existsSync, fdatasyncSync, fstatSync, renameSync, rmSync } from 'node:fs';
import { messageOf } from '../../util/errors.ts';
import { type ActiveJournal, openActive } from './active-journal.ts';
import { appendWhole, cutBack, StorageWriteError } from '../append.ts';
import { keepAs, syncDirectory, writeTemporary } from '../atomic.ts';
import { EndMark } from './end-mark.ts';
import type { JournalOptions, JournalWriter } from './journal-types.ts';
import type { Loaded } from './load.ts';
import { dropOldVersions } from './old-version.ts';
import { encodeRecord } from './record.ts';
import { encodeSnapshot } from './snapshot.ts';
import type { StateFiles } from './state-files.ts';

/** Appends entries to the newest journal, and replaces all by a snapshot. */
export class FileWriter implements JournalWriter {
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
