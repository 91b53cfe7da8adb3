import type { EngineCommand } from '../../../src/engine/inputs.ts';
import { OWN_PAUSE } from '../../../src/engine/model/hold.ts';
import type { State } from '../../../src/engine/model/state.ts';

/** What releases every hold, but for jobs' own pauses, and the farm's limit. */
export function releases({ farm, jobs }: State): EngineCommand[] {
  const release = (job: string | null) => (name: string) => ({ type: 'release_hold' as const, job, name });
  return [
    { type: 'set_farm', max_workers: 1000 },
    ...Object.keys(farm.holds).map(release(null)),
    ...[...jobs.values()].flatMap(({ id, holds }) =>
      Object.keys(holds)
        .filter((name) => name !== OWN_PAUSE)
        .map(release(id)),
    ),
  ];
}
