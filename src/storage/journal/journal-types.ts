import type { Logger } from '../../util/log.ts';
import type { Format } from './migrate.ts';

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
