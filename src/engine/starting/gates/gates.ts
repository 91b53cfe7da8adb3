import type { GateName } from '../../../contract/gates.ts';
import type { JobState } from '../../model/job-state.ts';
import { disk } from './disk.ts';
import { farm } from './farm.ts';
import type { Turn } from '../turn.ts';
import type { Gate, GateAnswer, World } from './gate.ts';
import { limit } from './limit.ts';
import { destFull, missingArgument, missingDirectory, tempFull } from './looks.ts';
import { enabled, failing, maxWorkers, paused, plotsToDo } from './settings.ts';

/** Every gate, in the order in which they are asked (contract, section 8): that of `GATES`. */
export const ALL_GATES: readonly Gate[] = [
  enabled,
  failing,
  paused,
  maxWorkers,
  plotsToDo,
  farm,
  limit,
  missingArgument,
  missingDirectory,
  disk,
  tempFull,
  destFull,
];

/** What they hold back is not kept: the job's own limits. */
export const CUTTING = ALL_GATES.filter(({ keeps }) => !keeps);
/** Those that need no look at the disks, or know enough of the last one: what they let through is worth one. */
export const BEFORE_THE_LOOK = ALL_GATES.filter(({ looked }) => !looked);
/** Those among them that are asked of a start by hand, when the disks were looked at. */
export const BY_HAND = BEFORE_THE_LOOK.filter(({ automaticOnly }) => !automaticOnly);
/** Those that are asked of it before: nobody refuses it for what disks were like some time ago. */
export const BY_HAND_AT_ONCE = BY_HAND.filter(({ name }) => name !== 'disk');

/** Those among them that a job can rely on for an end: all but the farm's, which is there for whatever job. */
export const BOUNDING = BEFORE_THE_LOOK.filter(({ name }) => name !== 'farm');

/** How many more workers of a job all of these gates let through. */
export function roomThrough(gates: readonly Gate[], world: World, job: JobState, coming: number): number {
  return Math.min(...gates.map((gate) => gate.ask(world, job, coming).room));
}

/** A gate that lets none through now. */
export interface ClosedGate extends GateAnswer {
  name: GateName;
}

/** The first of these gates that is closed; `turn` as for `Gate.ask`. */
export function firstClosed(
  gates: readonly Gate[],
  world: World,
  job: JobState,
  coming: number,
  turn?: Turn,
): ClosedGate | null {
  for (const gate of gates) {
    const answer = gate.ask(world, job, coming, turn);
    if (answer.room <= 0) return { name: gate.name, ...answer };
  }
  return null;
}
