import type { Counts } from '../../engine/mending/recount.ts';
import type { State } from '../../engine/model/state.ts';
import { type CountedLine, historyKey, historyLines, historySize } from '../../storage/history.ts';
import type { FoundState } from '../../storage/journal/journal-types.ts';

/** What the state file says before its journals are replayed: from there the history is counted on. */
export interface Before {
  counts: Counts;
  /** Length of the history that is in these counts, in bytes; `null`: nobody knows. */
  bytes: number | null;
  /** Keys of lines that are in these counts and not yet in the history. */
  pending: ReadonlySet<string>;
  /** When it was written, milliseconds since 1970. */
  at: number;
}

/** Without a state file, the whole history counts. */
export function beforeOf(base: State, journal: FoundState): Before {
  return {
    counts: {
      plots_done: base.plots_done,
      jobs: new Map(
        [...base.left, ...base.jobs].map(([id, job]) => [
          id,
          { plots: job.plots_done, failed: job.plots_failed },
        ]),
      ),
    },
    bytes: journal.snapshot === null ? 0 : base.history_bytes,
    pending: new Set(base.history.keys()),
    at: journal.savedAt,
  };
}

/** The lines since then, oldest first, those that are still to be written too. */
export function linesSince(file: string, { bytes, pending, at }: Before, state: State): CountedLine[] {
  const written =
    bytes !== null && historySize(file) >= bytes
      ? [...historyLines(file, bytes)]
      : // The file was moved away meanwhile, or is of a release that didn't note its length.
        [...historyLines(file)].filter((line) => Date.parse(line.ended_at) > at);
  return [...written, ...state.history.values()].filter((line) => !pending.has(historyKey(line)));
}
