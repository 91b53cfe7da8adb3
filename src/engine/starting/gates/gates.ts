import type { GateName } from '../../../contract/gates.ts';
import type { JobState } from '../../model/job-state.ts';
import { disk } from './disk.ts';
import { farm } from './farm.ts';
import type { Gate, GateAnswer, World } from './gate.ts';
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
  missingArgument,
  missingDirectory,
  disk,
  tempFull,
  destFull,
];

/** What they hold back is not kept: the job's own limits. */
export const CUTTING = ALL_GATES.filter(({ keeps }) => !keeps);
/** Those that need no look at the disks: what they let through is worth one. */
export const BEFORE_THE_LOOK = ALL_GATES.filter(({ looked }) => !looked);
/** Those that are asked of a start by hand before the disks are looked at. */
export const BY_HAND = BEFORE_THE_LOOK.filter(({ automaticOnly }) => !automaticOnly);

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

/** The first of these gates that is closed. */
export function firstClosed(
  gates: readonly Gate[],
  world: World,
  job: JobState,
  coming: number,
): ClosedGate | null {
  for (const gate of gates) {
    const answer = gate.ask(world, job, coming);
    if (answer.room <= 0) return { name: gate.name, ...answer };
  }
  return null;
}
