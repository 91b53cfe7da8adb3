import type { HeldClaim } from '../../storage/claim/held-claim.ts';
import type { JournalWriter } from '../../storage/journal/journal-types.ts';

/**
 * The journal, which is only written while `data_dir` is this daemon's: a host that was suspended may wake up when
 * another one has taken it over. What follows from a step (plotters, files) comes after its entry here.
 */
export function guardedJournal(writer: JournalWriter, claim: Pick<HeldClaim, 'verify'>): JournalWriter {
  return {
    append(entry, options) {
      claim.verify();
      writer.append(entry, options);
    },
    compact(snapshot) {
      claim.verify();
      writer.compact(snapshot);
    },
    size: () => writer.size(),
    snapshotSize: () => writer.snapshotSize(),
    close: () => writer.close(),
  };
}
