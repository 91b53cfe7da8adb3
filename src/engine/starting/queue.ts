import type { Cause } from '../../contract/causes.ts';
import type { CommandErrorCode } from '../../contract/error-codes.ts';
import type { ManualStart } from '../memory.ts';
import { withKey, withoutKey } from '../model/collections.ts';
import type { JobState, StartsAsked } from '../model/job-state.ts';
import type { Transaction } from '../transaction.ts';
import { agesOf, waitingStarts, youngestCut } from './ages.ts';
import { isHeldByDisks } from './disk-rules.ts';
import type { World } from './gates/gate.ts';
import { BEFORE_THE_LOOK, CUTTING, roomThrough } from './gates/gates.ts';
import { awaitsProof } from './probation.ts';

/**
 * What waits to start. This file alone writes how many starts of a job are on their way (`wanted`), held back by a gate
 * (`pending`), since when (`asked`), and which starts by hand wait for the look at the disks.
 */

/** So many requests of one job are told apart by their age; later ones count as the last of these, whose cause nobody knows then. */
const MAX_AGES = 100;

/** Adds starts that a named event or the daemon wants: what the job's own limits cut off is not kept. */
export function addStarts(transaction: Transaction, job: JobState, workers: number, cause: Cause): void {
  const room = roomThrough(CUTTING, transaction, job, waitingStarts(job));
  const more = Math.min(workers, room);
  if (more <= 0) return;
  const asked = agesOf(job);
  const last = asked.at(-1);
  const added: StartsAsked = { since: transaction.state.seq, workers: more, cause };
  const merged =
    last && asked.length >= MAX_AGES ? { ...last, workers: last.workers + more, cause: null } : null;
  transaction.patchJob(job, {
    pending: job.pending + more,
    asked: merged ? [...asked.slice(0, -1), merged] : [...asked, added],
  });
}

/** Cuts off what isn't kept, and splits the rest into what is on its way and what a gate holds back. */
export function settle(transaction: Transaction, job: JobState): void {
  const waiting = waitingStarts(job);
  if (waiting === 0) return;
  const kept = job.leaving ? 0 : Math.min(waiting, roomThrough(CUTTING, transaction, job, 0));
  const wanted = isWorthALook(transaction, job)
    ? Math.min(kept, roomThrough(BEFORE_THE_LOOK, transaction, job, 0))
    : 0;
  transaction.patchJob(job, { wanted, pending: kept - wanted });
  keepAges(transaction, job, kept);
}

/** Whether nothing is known that keeps every start of a job back, whatever its limits allow. */
function isWorthALook(world: World, job: JobState): boolean {
  return job.blocked === 'none' && !isHeldByDisks(job) && !awaitsProof(world, job);
}

/** One of those that wait starts: the oldest. Returns why it was asked for, `null` where nobody knows. */
export function leaveQueue(transaction: Transaction, job: JobState): Cause | null {
  const [oldest, ...younger] = agesOf(job);
  if (!oldest) return null;
  const { workers } = oldest;
  const { wanted, pending } = job;
  transaction.patchJob(job, {
    ...(wanted > 0 ? { wanted: wanted - 1 } : { pending: pending - 1 }),
    asked: workers > 1 ? [{ ...oldest, workers: workers - 1 }, ...younger] : younger,
  });
  return oldest.cause;
}

/** All starts of a job that wait are given up. */
export function emptyQueue(transaction: Transaction, job: JobState): void {
  if (waitingStarts(job) > 0) transaction.patchJob(job, { wanted: 0, pending: 0, asked: [] });
}

/** A job's queue without the starts that are on their way: those are its oldest. */
export function withoutWanted(job: JobState): Pick<JobState, 'wanted' | 'asked'> {
  let gone = job.wanted;
  const asked: StartsAsked[] = [];
  for (const each of agesOf(job)) {
    const workers = each.workers - Math.min(gone, each.workers);
    gone -= each.workers - workers;
    if (workers > 0) asked.push({ ...each, workers });
  }
  return { wanted: 0, asked };
}

function keepAges(transaction: Transaction, job: JobState, kept: number): void {
  const asked = youngestCut(job.asked, kept);
  if (asked.length !== job.asked.length || asked.some((each, index) => each !== job.asked[index]))
    transaction.patchJob(job, { asked });
}

/** Starts by hand that wait for the look at the disks. */
export function waitingByHand({ memory }: World, job: JobState): readonly ManualStart[] {
  return memory.manual.get(job.id) ?? [];
}

/** A start by hand waits for the look at the disks. */
export function addByHand(transaction: Transaction, job: JobState, start: ManualStart): void {
  const waiting = waitingByHand(transaction, job);
  transaction.memory.manual = withKey(transaction.memory.manual, job.id, [...waiting, start]);
}

/** The starts by hand that wait: they do no more, and are the caller's to answer. */
export function takeByHand(transaction: Transaction, job: JobState): readonly ManualStart[] {
  const waiting = waitingByHand(transaction, job);
  transaction.memory.manual = withoutKey(transaction.memory.manual, job.id);
  return waiting;
}

/** Refuses the starts by hand of a job that wait. */
export function refuseByHand(
  transaction: Transaction,
  job: JobState,
  { code, message, path = null }: { code: CommandErrorCode; message: string; path?: string | null },
): void {
  for (const { ticket } of takeByHand(transaction, job)) transaction.refuse(ticket, code, message, path);
}

/** Refuses the starts by hand of all jobs. */
export function refuseAllByHand(transaction: Transaction, code: CommandErrorCode, message: string): void {
  const { manual } = transaction.memory;
  transaction.memory.manual = new Map();
  for (const { ticket } of [...manual.values()].flat()) transaction.refuse(ticket, code, message);
}
