import { Replay } from '../../../src/engine/model/replay.ts';
import { fromSnapshot } from '../../../src/engine/model/snapshot.ts';
import type { State } from '../../../src/engine/model/state.ts';

/** The state that a snapshot and the lines of a journal tell. */
export function restored(snapshot: string, journal: readonly string[]): State {
  const faults: string[] = [];
  const replay = new Replay(fromSnapshot(JSON.parse(snapshot), faults));
  for (const line of journal) replay.take(JSON.parse(line));
  if (faults.length + replay.skipped > 0)
    throw new Error(`not believed: ${faults}, ${replay.skipped} changes`);
  return replay.state;
}
