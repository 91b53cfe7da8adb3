import { applyEntry, type Entry } from '../../../src/engine/entry.ts';
import { fromSnapshot, isEntry } from '../../../src/engine/snapshot.ts';
import type { State } from '../../../src/engine/state.ts';

/** The state that a snapshot and the lines of a journal tell. */
export function restored(snapshot: string, journal: readonly string[]): State {
  const state = fromSnapshot(JSON.parse(snapshot));
  for (const line of journal) applyEntry(state, entryOf(line));
  return state;
}

function entryOf(line: string): Entry {
  const entry: unknown = JSON.parse(line);
  if (!isEntry(entry)) throw new Error(`no entry: ${line}`);
  return entry;
}
