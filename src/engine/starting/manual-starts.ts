import type { StartFacts } from '../inputs.ts';
import { block, unblock } from '../jobs/blocking.ts';
import { isHeld } from '../jobs/holds.ts';
import type { ManualStart } from '../memory.ts';
import { withKey, withoutKey } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import { runCount } from '../model/state.ts';
import type { Transaction } from '../transaction.ts';
import { allowance, limitsOf, mayStart, takenBy } from './limits.ts';
import { refuseWaiting } from './manual-starts-waiting.ts';
import { probe } from './probing.ts';
import type { ResolvedJob } from './resolve.ts';
import { noRoomMessage, roomFor } from './room.ts';
import { startWorker } from './start-worker.ts';

/** A start by hand: works on a disabled job too, keeps to the limits, is never kept for later. */
export function startByHand(transaction: Transaction, job: JobState, workers: number, ticket: number): void {
  if (job.leaving) return transaction.refuse(ticket, 'not_allowed', beingRemoved(job));
  if (isHeld(transaction.state, job))
    return transaction.refuse(ticket, 'job_paused', `job '${job.id}' is paused`);
  if (allowance(limitsOf(job, takenBy(transaction, job))) === 0)
    return refuseAtLimit(transaction, job, ticket);
  const waiting = transaction.memory.manual.get(job.id) ?? [];
  transaction.memory.manual = withKey(transaction.memory.manual, job.id, [...waiting, { ticket, workers }]);
  probe(transaction, job);
}

function beingRemoved(job: JobState): string {
  return `job '${job.id}' is being removed`;
}

function refuseAtLimit(transaction: Transaction, job: JobState, ticket: number): void {
  const { max_workers, plots_to_do } = job.definition;
  const workers = runCount(transaction.state, job.id);
  const full = max_workers > 0 && workers + job.wanted >= max_workers;
  const why = full
    ? `${workers} of max_workers ${max_workers} are there`
    : `plots_to_do ${plots_to_do} is reached with ${job.plots_done} done and ${workers} being made`;
  transaction.refuse(ticket, 'limit_reached', `job '${job.id}': ${why}`);
}

/** The job goes: nothing is started by hand any more. */
export function refuseLeaving(transaction: Transaction, job: JobState): void {
  refuseWaiting(transaction, job, 'not_allowed', beingRemoved(job), null);
}

/** The disks were looked at: starts by hand start what limits and room allow, and are answered. */
export function startWaiting(
  transaction: Transaction,
  job: JobState,
  resolved: ResolvedJob,
  facts: StartFacts,
): void {
  if (isHeld(transaction.state, job))
    return refuseWaiting(transaction, job, 'job_paused', `job '${job.id}' is paused`, null);
  const waiting = transaction.memory.manual.get(job.id) ?? [];
  transaction.memory.manual = withoutKey(transaction.memory.manual, job.id);
  for (const start of waiting) startOne(transaction, job, resolved, facts, start);
}

const BY_HAND = { kind: 'manual', event: null, seq: null } as const;

function startOne(
  transaction: Transaction,
  job: JobState,
  resolved: ResolvedJob,
  facts: StartFacts,
  { ticket, workers }: ManualStart,
): void {
  const allowed = mayStart(workers, limitsOf(job, takenBy(transaction, job)));
  if (allowed === 0) return refuseAtLimit(transaction, job, ticket);
  const started: { slot: number; worker: string }[] = [];
  while (started.length < allowed) {
    const room = roomFor(transaction, job, resolved, facts);
    const { verdict, claims } = room;
    if (verdict !== 'ok' && started.length > 0) break;
    if (verdict !== 'ok') {
      const message = noRoomMessage(job, verdict, { facts, claims });
      transaction.refuse(ticket, 'no_space', message);
      return block(transaction, job, verdict, message);
    }
    const { slot, id } = startWorker(transaction, job, resolved, room, BY_HAND);
    started.push({ slot, worker: id });
  }
  unblock(transaction, job, 'started');
  transaction.succeed(ticket, { workers: started });
}
