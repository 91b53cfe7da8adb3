import { holdsFor, type JobsLimit } from '../../config/schema/limits.ts';
import type { JobState } from '../model/job-state.ts';
import { agesOf, youngestCut } from './ages.ts';
import type { World } from './gates/gate.ts';
import { compareTurns, KEPT, type Turn, turnOf } from './turn.ts';

/** Starts that wait for a look at the disks. */
interface StartsOnTheirWay {
  turn: Turn;
  workers: number;
}

const NONE: readonly StartsOnTheirWay[] = [];

/** The starts of a job that are on their way: by hand, asked for, and what `keep_running` wants. */
export function onTheirWay(world: World, job: JobState): readonly StartsOnTheirWay[] {
  const { manual, keeping } = world.memory;
  const byHand = manual.get(job.id) ?? [];
  const kept = keeping.get(job.id) ?? 0;
  if (job.wanted === 0 && byHand.length === 0 && kept === 0) return NONE;
  const starts: { since: number; ticket?: number; workers: number }[] = [
    ...byHand,
    ...(job.wanted === 0 ? [] : youngestCut(agesOf(job), job.wanted)),
    ...(kept === 0 ? [] : [{ since: KEPT, workers: kept }]),
  ];
  return starts.map((start) => ({ turn: turnOf(world, job.id, start), workers: start.workers }));
}

/**
 * How many starts of other jobs among `which` are on their way and go before one of this job: a place for which several
 * wait is not that one's whose look at the disks comes back first.
 */
export function aheadOf(world: World, which: Pick<JobsLimit, 'jobs'>, turn: Turn): number {
  let ahead = 0;
  for (const other of world.state.jobs.values()) {
    if (other.id === turn.job || !holdsFor(which, other.id)) continue;
    for (const each of onTheirWay(world, other)) if (compareTurns(each.turn, turn) < 0) ahead += each.workers;
  }
  return ahead;
}
