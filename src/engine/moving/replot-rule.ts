import { isInFuture, type JobDefinition } from '../../config/schema/job.ts';
import type { JobOwner, JobState } from '../model/job-state.ts';
import { runOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';

/** Old plots that go for one new plot, at the most, those counted that went for plots that never came. */
export const MAX_PER_PLOT = 1;

/** What a job's rule of replotting comes to now: which plots may go, or why none may. */
export interface ReplotRule {
  before: string | null;
  refused: string | null;
}

/** The rule of a job, as its next worker has it. */
export function replotRule(transaction: Transaction, job: JobState): ReplotRule {
  const before = job.definition.replot?.before ?? null;
  const refused = before === null ? null : whyRefused(transaction, before, job.owner);
  return { before: refused === null ? before : null, refused };
}

/** Why a worker may remove nothing, however it was started; `null` where it may. */
export function replotRefusal(transaction: Transaction, worker: WorkerState, job: JobState): string | null {
  const { replot_before } = worker;
  const { origin: known } = runOf(transaction.state, worker);
  const origin = known === 'unknown' ? job.owner : known;
  return replot_before === null ? null : whyRefused(transaction, replot_before, origin);
}

function whyRefused(transaction: Transaction, before: string, owner: JobOwner): string | null {
  if (owner === 'mqtt' && !transaction.settings.allow_replot_over_mqtt) return REFUSED_OVER_MQTT;
  if (isInFuture(before, transaction.now))
    return `no old plot is removed: replot.before ${before} is in the future by this machine's clock`;
  return null;
}

const REFUSED_OVER_MQTT =
  'no old plot is removed: the job was made over MQTT, and config.yaml has no security.allow_replot_over_mqtt: true';

/** Whether a job's old plots stay because it was made over MQTT; they go in the moment that config.yaml allows it. */
export function isRefusedOverMqtt(
  { owner, definition }: { owner: JobOwner; definition: JobDefinition },
  allowed: boolean,
): boolean {
  return owner === 'mqtt' && !allowed && definition.replot !== undefined;
}
