import { type DiskEntry, isFor } from '../../../config/schema/disks.ts';
import { type State, workersOf } from '../../model/state.ts';
import type { RunState } from '../../model/run-state.ts';
import type { Placed } from '../../model/worker-state.ts';

/** A directory on its disk. */
export type Place = Pick<Placed, 'path' | 'filesystem'>;

/** Whether a directory is on the disk of another one. */
export function isThere(place: Place, { path, filesystem }: Place): boolean {
  return path === place.path || (filesystem !== '' && filesystem === place.filesystem);
}

/** The runs that have a directory on a disk among those for which an entry holds; of one role, if that is asked. */
export function runsOn(state: State, entry: DiskEntry, place: Place, role?: Placed['role']): RunState[] {
  const isOn = (placed: Placed) =>
    (role === undefined || placed.role === role) && isThere(place, placed) && isFor(entry, placed.path);
  return [...state.runs.values()].filter((run) =>
    workersOf(state, run.id).some(({ placement }) => placement.some(isOn)),
  );
}
