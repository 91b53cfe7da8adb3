import type { WorkerState } from './worker-state.ts';

type Placement = Pick<WorkerState, 'placement'>;

/** The directory into which a worker's plot goes; `null`: its plotter has none. */
export function destinationOf({ placement }: Placement): string | null {
  return placement.find(({ role }) => role === 'destination')?.path ?? null;
}

/** All directories into which its plot may go: several where its plotter chooses among them. */
export function destinationsOf({ placement }: Placement): string[] {
  return placement.filter(({ role }) => role === 'destination').map(({ path }) => path);
}

/** The temporary directories that a worker got, the main one first. */
export function tempDirsOf({ placement }: Placement): string[] {
  return placement.filter(({ role }) => role === 'temp').map(({ path }) => path);
}
