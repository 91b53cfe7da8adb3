import { holdsStarts } from '../../../config/schema/disks.ts';
import { withoutValue, withValue } from '../../model/collections.ts';
import type { JobState } from '../../model/job-state.ts';
import type { Transaction } from '../../transaction.ts';
import { waitingStarts } from '../ages.ts';
import type { World } from '../gates/gate.ts';
import { BEFORE_THE_LOOK, firstClosed } from '../gates/gates.ts';
import { probe } from './probing.ts';

const LOOK_AGAIN_MS = 30_000;

/** At the end of each step: jobs that a limit of `disks` holds look for another disk in a while, which may be there by then. */
export function lookForOtherDisks(transaction: Transaction): void {
  if (!transaction.settings.disks.some(holdsStarts)) return;
  for (const job of transaction.state.jobs.values()) {
    const { memory } = transaction;
    if (memory.waits_for_disk.has(job.id) || !isHeldByDisk(transaction, job)) continue;
    memory.waits_for_disk = withValue(memory.waits_for_disk, job.id);
    const at = transaction.now + LOOK_AGAIN_MS;
    transaction.ask({ type: 'wake', timer: { kind: 'other_disk', job: job.id }, at });
  }
}

/** Looks whether a job that still waits may use another disk. */
export function lookForOtherDisk(transaction: Transaction, job: JobState): void {
  transaction.memory.waits_for_disk = withoutValue(transaction.memory.waits_for_disk, job.id);
  if (isHeldByDisk(transaction, job)) probe(transaction, job);
}

function isHeldByDisk(world: World, job: JobState): boolean {
  const wantsMore = waitingStarts(job) > 0 || (job.definition.keep_running && !job.keeping.stopped);
  if (!wantsMore || job.leaving || world.memory.probing.has(job.id)) return false;
  return firstClosed(BEFORE_THE_LOOK, world, job, job.wanted)?.name === 'disk';
}
