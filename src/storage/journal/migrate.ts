import type { JournalRecord } from './record.ts';
import type { Snapshot } from './snapshot.ts';

/** Steps from an older version to the next one, by the version they start from. */
export type Migrations = Readonly<Record<number, (value: unknown) => unknown>>;

export interface Format {
  /** Says whose files these are; others are set aside. */
  format: string;
  /** Version of the shapes of snapshot and entries that the caller speaks. */
  version: number;
  /** Snapshots: each older version needs its step. */
  migrate?: Migrations;
  /** Journal entries: a version without a step has the entries of the next one. */
  migrateEntry?: Migrations;
  /** Why a value in today's shape is no state at all, `null` where it is one; without it, all are. */
  fault?: (state: unknown, checked: Checked) => string | null;
}

/** Whether a checksum says that a value is as it was written; of one without, more must be looked at. */
export interface Checked {
  sealed: boolean;
}

/** A snapshot's state in today's shape. Throws where a step is missing. */
export function migrateSnapshot(
  { version, state }: Pick<Snapshot, 'version' | 'state'>,
  format: Format,
): unknown {
  let value = state;
  for (let from = version; from < format.version; from++) {
    const step = format.migrate?.[from];
    if (step === undefined) throw new Error(`no migration of ${format.format} from version ${from}`);
    value = step(value);
  }
  return value;
}

/** A journal entry in today's shape. */
export function migrateEntry({ version, entry }: JournalRecord, format: Format): unknown {
  let value = entry;
  for (let from = version; from < format.version; from++) {
    const step = format.migrateEntry?.[from];
    if (step !== undefined) value = step(value);
  }
  return value;
}
