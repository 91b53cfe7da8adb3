import type { Entry } from '../../engine/model/changes.ts';
import type { Outcome } from '../../engine/outcome.ts';
import { StorageWriteError } from '../../storage/append.ts';
import type { JournalWriter } from '../../storage/journal/journal-types.ts';
import type { Reserve } from '../../storage/reserve.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';

/** The journal may grow to this many bytes, or to twice the snapshot, before the next snapshot. */
const JOURNAL_BYTES = 4 * 1024 * 1024;
/** A snapshot that could not be written is tried again so long after, in milliseconds. */
const COMPACT_AGAIN_MS = 60_000;

/** A step in which nothing happens: whether the journal takes anything is only known by writing to it. */
const NOTHING = { c: [], e: [] } satisfies Entry;

export interface StateWriterOptions {
  journal: JournalWriter;
  reserve: Reserve;
  /** The whole state, for a snapshot. */
  snapshot(): unknown;
  log: Logger;
}

/** Writes steps down, and knows whether the disk takes them (contract, section 5). */
export class StateWriter {
  readonly #options: StateWriterOptions;
  #failing = false;
  #compactFrom = 0;

  constructor(options: StateWriterOptions) {
    this.#options = options;
  }

  /** From the first step that could not be written down until the reserve is whole again. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Writes a step down; false: it isn't written, nor half of it. The reserve is given up only where it may be. */
  write({ entry, flush }: Pick<Outcome, 'entry' | 'flush'>, mayUseReserve: boolean): boolean {
    if (entry === null) return true;
    for (;;) {
      try {
        this.#options.journal.append(entry, { flush });
        return true;
      } catch (error) {
        this.#fail(messageOf(error));
        const full = error instanceof StorageWriteError && error.full;
        if (!(mayUseReserve && full && this.#options.reserve.release())) return false;
      }
    }
  }

  /** Whether the end of a worker could be written down now, with the reserve if need be. */
  takesEnds(): boolean {
    return this.write({ entry: NOTHING, flush: true }, true);
  }

  /** Makes the reserve whole, if there is room for it, and writes a step in which nothing happens. */
  check(): boolean {
    const { journal, reserve, log } = this.#options;
    try {
      if (!reserve.make())
        throw new Error('there is no room for its reserve, or its disk is read-only or broken');
      journal.append(NOTHING, { flush: true });
    } catch (error) {
      this.#fail(messageOf(error));
      return false;
    }
    if (this.#failing) log.info('the data directory can be written again');
    this.#failing = false;
    return true;
  }

  /** Makes the reserve where it is missing, as at the start. */
  makeReserve(): void {
    if (!this.#options.reserve.make()) this.check();
  }

  #fail(why: string): void {
    if (!this.#failing)
      this.#options.log.error(
        `the state can't be written down, only what stops is carried out and nothing is started: ${why}`,
      );
    this.#failing = true;
  }

  /** Writes a snapshot where the journal has grown large. */
  compactIfLarge(): void {
    const { journal } = this.#options;
    if (this.#failing || journal.size() <= Math.max(JOURNAL_BYTES, 2 * journal.snapshotSize())) return;
    if (performance.now() >= this.#compactFrom) this.compact();
  }

  /** Writes a snapshot; where that fails the journal goes on. */
  compact(): void {
    const { journal, snapshot, log } = this.#options;
    try {
      journal.compact(snapshot());
    } catch (error) {
      this.#compactFrom = performance.now() + COMPACT_AGAIN_MS;
      log.error(`the state can't be written anew, its journal goes on: ${messageOf(error)}`);
    }
  }
}
