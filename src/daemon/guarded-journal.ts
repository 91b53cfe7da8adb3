import type { HeldClaim } from '../storage/claim/held-claim.ts';
import type { Journal } from '../storage/journal.ts';

/**
 * The journal, which is only written while `data_dir` is this daemon's: a host that was suspended may wake up when
 * another one has taken it over. What follows from a step (plotters, files) comes after its entry here.
 */
export function guardedJournal(journal: Journal, claim: Pick<HeldClaim, 'verify'>): Journal {
  return {
    snapshot: journal.snapshot,
    savedAt: journal.savedAt,
    lost: journal.lost,
    problems: journal.problems,
    worn: journal.worn,
    entries: journal.entries,
    append(entry, options) {
      claim.verify();
      journal.append(entry, options);
    },
    compact(snapshot) {
      claim.verify();
      journal.compact(snapshot);
    },
    size: () => journal.size(),
    snapshotSize: () => journal.snapshotSize(),
    close: () => journal.close(),
  };
}
