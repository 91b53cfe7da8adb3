import { resolvePath } from '../../config/paths.ts';
import type { JobDefinition } from '../../config/schema/job.ts';
import { isInFuture, type ReplotRule } from '../../config/schema/replot.ts';
import type { Settings } from '../memory.ts';
import type { JobOwner, JobState } from '../model/job-state.ts';
import { runOf, type State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Moment } from '../surroundings.ts';
import { directoryChoices } from '../../plotters/command.ts';
import { isPattern } from '../../util/directory-patterns.ts';
import type { ResolvedJob } from '../starting/places/resolve.ts';
import { resolvedNow } from '../starting/places/resolved-now.ts';
import type { Transaction } from '../transaction.ts';

/** What a job's rule of replotting comes to now: which plots may go, or why none may. */
export interface JobReplotRule {
  rule: ReplotRule | null;
  refused: string | null;
}

/** What rules are looked at with. */
type Now = Pick<Moment, 'now'> & { settings: Settings };

/** The rule of a job, as its next worker has it: its directories are absolute, and those of the job where it has none. */
export function replotRule(now: Now, job: Pick<JobState, 'id' | 'definition' | 'owner'>): JobReplotRule {
  const { replot } = job.definition;
  if (replot === undefined) return { rule: null, refused: null };
  const refused = whyRefused(now, replot, job.owner);
  if (refused !== null) return { rule: null, refused };
  const resolved = resolvedNow(job, now.settings);
  const absolute = withAbsoluteDirectories(replot, now.settings.directory);
  return { rule: resolved.ok ? withDestinations(absolute, resolved) : absolute, refused };
}

/**
 * A rule that looks into all destinations of its job, as they are written, where it names no directories itself. Of one
 * destination alone that is the worker's own.
 */
export function withDestinations(
  rule: ReplotRule,
  { definition, values }: Pick<ResolvedJob, 'definition' | 'values'>,
): ReplotRule {
  const dirs = directoryChoices(definition, values)
    .filter(({ role }) => role === 'destination')
    .flatMap(({ written }) => written);
  return rule.dirs !== undefined || !dirs.some((dir, index) => index > 0 || isPattern(dir))
    ? rule
    : { ...rule, dirs };
}

/** A rule with its directories absolute; relative ones are so to that of config.yaml. */
export function withAbsoluteDirectories(rule: ReplotRule, directory: string): ReplotRule {
  const { dirs } = rule;
  return dirs === undefined ? rule : { ...rule, dirs: dirs.map((dir) => resolvePath(directory, dir)) };
}

/** Why a worker may remove nothing, however it was started; `null` where it may. */
export function replotRefusal(transaction: Transaction, worker: WorkerState): string | null {
  const { replot_rule: rule } = worker;
  return rule === null ? null : whyRefused(transaction, rule, ownerOf(transaction.state, worker));
}

/** Who had defined the job of a worker when it was started. */
export function ownerOf(state: State, worker: WorkerState): JobOwner {
  const { origin } = runOf(state, worker);
  return origin === 'unknown' ? (state.jobs.get(worker.job)?.owner ?? 'file') : origin;
}

function whyRefused({ now, settings }: Now, { before }: ReplotRule, owner: JobOwner): string | null {
  if (owner === 'mqtt' && !settings.allow_replot_over_mqtt) return REFUSED_OVER_MQTT;
  if (isInFuture(before, now))
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

const STEPS_BEFORE_REMOVAL: readonly string[] = ['pre', 'replot_find', 'replot_remove'];

/** Whether a worker of a job that replots has still to remove its plots. */
export function willRemovePlot({ replot_rule: rule, step, beside }: WorkerState): boolean {
  return rule !== null && !rule.dry_run && (STEPS_BEFORE_REMOVAL.includes(step) || beside !== null);
}
