import type { WorkerState } from './worker-state.ts';

type Placement = Pick<WorkerState, 'placement'>;

/** The directory into which a worker's plot goes; `null`: its plotter has none. */
export function destinationOf({ placement }: Placement): string | null {
  return placement.find(({ role }) => role === 'destination')?.path ?? null;
}

/** The temporary directories that a worker got, the main one first. */
export function tempDirsOf({ placement }: Placement): string[] {
  return placement.filter(({ role }) => role === 'temp').map(({ path }) => path);
}
