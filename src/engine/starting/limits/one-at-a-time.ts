import { resolve } from 'node:path';
import type { JobState } from '../../model/job-state.ts';
import { workersOf } from '../../model/state.ts';
import type { Placed } from '../../model/worker-state.ts';
import { definitionOfRun } from '../../working/stages.ts';
import type { DiskAnswer, Wanting } from './disk-limit.ts';
import { aboutToStart, type World } from '../gates/gate.ts';
import { onTheirWay } from '../on-their-way.ts';
import { directoriesNow, type SeenDirectory } from '../places/seen-directories.ts';
import { compareTurns } from '../turn.ts';

/**
 * Whether the plot of a job's plotter is told by being the one new file in its destination: no two runs of such plotters
 * may have one destination at a time (contract, section 12).
 */
export function isToldByNewFile({ memory }: Pick<World, 'memory'>, { definition }: JobState): boolean {
  return typeof memory.settings.plotters.get(definition.plotter)?.definition.success === 'object';
}

/** What that says of one more run that gets a directory as its destination. */
export function oneAtATime(
  world: World,
  { role, path }: Pick<SeenDirectory, 'role' | 'path'>,
  { turn, coming, taken }: Wanting,
): DiskAnswer[] {
  const job = world.state.jobs.get(turn.job);
  if (role !== 'destination' || !job || !isToldByNewFile(world, job)) return [];
  const isThere = (placed: Pick<Placed, 'role' | 'path'>) =>
    placed.role === 'destination' && resolve(placed.path) === resolve(path);
  const { state } = world;
  const running = [...state.runs.values()].filter(
    (run) =>
      typeof definitionOfRun(state, run).success === 'object' &&
      workersOf(state, run.id).some(({ placement }) => placement.some(isThere)),
  ).length;
  const before = coming + taken.filter((claims) => claims.some(isThere)).length + ahead(world, turn, isThere);
  const text = `${running} of 1 workers run whose plot is told by being the one new file in ${path}`;
  const room = Math.max(0, 1 - running - before);
  return [{ closed: false, ofDirectory: true, room, text: `${text}${aboutToStart(before)}` }];
}

/** Starts of other jobs that go before, and may get it. */
function ahead(
  world: World,
  turn: Wanting['turn'],
  isThere: (seen: Pick<SeenDirectory, 'role' | 'path'>) => boolean,
): number {
  let workers = 0;
  for (const other of world.state.jobs.values()) {
    if (other.id === turn.job || !isToldByNewFile(world, other)) continue;
    const starts = onTheirWay(world, other).filter((each) => compareTurns(each.turn, turn) < 0);
    if (starts.length === 0 || !directoriesNow(world, other).directories.some(isThere)) continue;
    workers += starts.reduce((sum, each) => sum + each.workers, 0);
  }
  return workers;
}
