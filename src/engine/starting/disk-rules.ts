import { rulesFor } from '../../config/schema/disks.ts';
import type { FoundDirectory } from '../inputs.ts';
import type { JobState } from '../model/job-state.ts';
import type { State } from '../model/state.ts';
import { lookAgainLater } from '../jobs/blocking.ts';
import type { Transaction } from '../transaction.ts';

/** Why no worker gets a directory now, in words. */
export interface HeldByDisks {
  text: string;
  /** It is at a limit, which others will leave: the gate `disk` says so before one that is full. */
  isLimit: boolean;
}

/**
 * By which rule of `disks` no worker gets a directory now; `null`: by none. Limits of file systems that are reached belong
 * here too: a directory for which this says something is passed over, and the gate `disk` says it where no other is left.
 */
export function heldByDisks({ settings }: Transaction, { path }: FoundDirectory): HeldByDisks | null {
  if (rulesFor(settings.disks, path).closed) return { text: `${path} is closed (disks)`, isLimit: false };
  return null;
}

/** Bytes of a directory's file system that are left alone. */
export function keptFree({ settings }: Transaction, { path }: Pick<FoundDirectory, 'path'>): number {
  return rulesFor(settings.disks, path).keep_free;
}

/** Workers in flight, by file system. */
export function busyOn(state: State): ReadonlyMap<string, number> {
  const busy = new Map<string, number>();
  for (const { placement } of state.workers.values())
    for (const filesystem of new Set(placement.map((placed) => placed.filesystem)))
      busy.set(filesystem, (busy.get(filesystem) ?? 0) + 1);
  for (const { filesystem, step } of state.transfers.values())
    if (step !== 'blocked') busy.set(filesystem, (busy.get(filesystem) ?? 0) + 1);
  return busy;
}

/** Whether the last look at a job's disks was. */
export function isHeldByDisks({ held_by_disks }: JobState): boolean {
  return held_by_disks !== null;
}

/** The last look at a job's disks was held back by a rule (`text`), or is no more. Another one follows in a while. */
export function setHeldByDisks(transaction: Transaction, job: JobState, text: string | null): void {
  if (text !== null) lookAgainLater(transaction, job);
  if (job.held_by_disks !== text) transaction.patchJob(job, { held_by_disks: text });
}
