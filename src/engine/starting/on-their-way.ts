import { type JobsLimit, holdsFor } from '../../config/schema/limits.ts';
import type { JobState } from '../model/job-state.ts';
import { agesOf, youngestCut } from './ages.ts';
import type { World } from './gates/gate.ts';
import { compareTurns, KEPT, type Turn, turnOf } from './turn.ts';

/** Starts that wait for a look at the disks. */
interface StartsOnTheirWay {
  turn: Turn;
  workers: number;
}

/** The starts of a job that are on their way: by hand, asked for, and what `keep_running` wants. */
export function onTheirWay(world: World, job: JobState): StartsOnTheirWay[] {
  const { manual, keeping } = world.memory;
  const kept = keeping.get(job.id) ?? 0;
  const starts: { since: number; ticket?: number; workers: number }[] = [
    ...(manual.get(job.id) ?? []),
    ...(job.wanted === 0 ? [] : youngestCut(agesOf(job), job.wanted)),
    ...(kept === 0 ? [] : [{ since: KEPT, workers: kept }]),
  ];
  return starts.map((start) => ({ turn: turnOf(world, job.id, start), workers: start.workers }));
}

/**
 * How many starts of other jobs under a limit are on their way and go before one of this job: a place for which several
 * wait is not that one's whose look at the disks comes back first.
 */
export function aheadOf(world: World, limit: JobsLimit, { job, ...turn }: Turn): number {
  let ahead = 0;
  for (const other of world.state.jobs.values()) {
    if (other.id === job || !holdsFor(limit, other.id)) continue;
    for (const each of onTheirWay(world, other))
      if (compareTurns(each.turn, { ...turn, job }) < 0) ahead += each.workers;
  }
  return ahead;
}
