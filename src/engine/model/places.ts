import { MAX_WORKERS_LIMIT } from '../../contract/commands.ts';
import type { Change } from './changes.ts';
import type { State } from './state.ts';

/** Whether a change takes or frees a place of the farm, or one that is about to be taken. */
export function movesPlaces(change: Change): boolean {
  switch (change[0]) {
    case 'run':
    case 'job':
      return true;
    case 'job_keys':
      return change[2].wanted !== undefined;
    default:
      return false;
  }
}

/** Whether jobs may wait for a place of the farm, so that what they wait for changes with what others do. */
export function areScarce({ farm, runs }: State): boolean {
  return farm.max_workers < MAX_WORKERS_LIMIT || runs.size >= farm.max_workers - 1;
}
