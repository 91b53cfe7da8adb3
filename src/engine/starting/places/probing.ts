import { directoryChoices } from '../../../plotters/command.ts';
import { type Effect, type ReplotQuery, replotKey, type WantedDirectory } from '../../effects.ts';
import type { DiskFacts, PlaceProblem } from '../../inputs.ts';
import { block, unblock } from '../../jobs/blocking.ts';
import { withValue } from '../../model/collections.ts';
import type { JobState } from '../../model/job-state.ts';
import { destinationOf } from '../../model/placement.ts';
import { replotRule, willRemovePlot } from '../../moving/replot-rule.ts';
import type { Transaction } from '../../transaction.ts';
import { allowance, limitsOf } from '../limits/limits.ts';
import { refuseByHand } from '../queue.ts';
import { argumentsOverMqtt, type ResolvedJob } from './resolve.ts';
import { problemsOf, resolvedNow } from './resolved-now.ts';
import { someOf } from './some-of.ts';

/** Old plots that one look at the destination names at most. */
const MAX_OLD_PLOTS = 1000;

/** Looks at the disks before a start; arguments are looked up anew each time, so today's values count. */
export function probe(transaction: Transaction, job: JobState, measure = false): void {
  if (transaction.memory.probing.has(job.id)) return;
  const resolved = lookUp(transaction, job);
  if (!resolved) return;
  transaction.memory.probing = withValue(transaction.memory.probing, job.id);
  transaction.ask(probeEffect(transaction, job, resolved, measure));
}

/** The job's plotter with its arguments; blocks the job and refuses starts by hand where one is missing. */
export function lookUp(transaction: Transaction, job: JobState): ResolvedJob | null {
  const resolved = resolvedNow(job, transaction.settings);
  if (resolved.ok) {
    if (job.blocked === 'missing_argument') unblock(transaction, job, 'found');
    return resolved;
  }
  const message = problemsOf(resolved);
  const [first] = resolved.problems;
  const code = first?.code === 'invalid_command' ? 'invalid_config' : 'missing_argument';
  refuseByHand(transaction, job, { code, message, path: first?.argument ?? first?.field ?? null });
  block(transaction, job, 'missing_argument', message);
  return null;
}

function probeEffect(
  transaction: Transaction,
  job: JobState,
  resolved: ResolvedJob,
  measure: boolean,
): Effect {
  return {
    type: 'probe',
    job: job.id,
    directories: wantedDirectories(resolved, job),
    replot: replotQueries(transaction, job),
    measure,
  };
}

/** The plots that the job's starts may remove, and those that workers in flight will, which go first. */
function replotQueries(transaction: Transaction, job: JobState): ReplotQuery[] {
  const { rule } = replotRule(transaction, job);
  const starting = Math.max(1, allowance(limitsOf(transaction.state, job)));
  const asked: Omit<ReplotQuery, 'count'>[] = rule === null ? [] : [{ directory: null, rule }];
  let count = starting * job.definition.plots_per_run * (rule?.max_per_plot ?? 0);
  for (const worker of transaction.state.workers.values()) {
    const { replot_rule } = worker;
    if (replot_rule === null || !willRemovePlot(worker)) continue;
    asked.push({ directory: destinationOf(worker) ?? '', rule: replot_rule });
    count += replot_rule.max_per_plot;
  }
  // The same plots are looked for once.
  const each = new Map(asked.map((query) => [replotKey(query), query]));
  return [...each.values()].map((query) => ({ ...query, count: Math.min(MAX_OLD_PLOTS, count) }));
}

function wantedDirectories(resolved: ResolvedJob, job: JobState): WantedDirectory[] {
  const arrived = argumentsOverMqtt(job);
  return directoryChoices(resolved.definition, resolved.values).flatMap(({ argument, role, written }) =>
    written.map((path) => ({ argument, role, path, over_mqtt: arrived.has(argument) })),
  );
}

/** Whether these are the directories that a start needs now: what names them may have changed meanwhile. */
export function areOf(facts: DiskFacts, resolved: ResolvedJob, job: JobState): boolean {
  const wanted = wantedDirectories(resolved, job);
  return (
    wanted.length === facts.wanted.length &&
    wanted.every(({ argument, role, path }, index) => {
      const known = facts.wanted[index];
      return known?.argument === argument && known.path === path && known.role === role;
    })
  );
}

/** What is wrong with a directory, in words that follow its name. */
export const WHAT_IS_WRONG: Readonly<Record<PlaceProblem, string>> = {
  missing: "doesn't exist; directories are never made, is the disk mounted?",
  not_a_directory: 'is no directory',
  not_writable: "can't be written to",
  not_answering: "doesn't answer; is the disk or network share gone?",
  not_allowed:
    'is, or leads, outside the directories that config.yaml names, or security.allowed_dirs where that is set',
  not_mounted: 'is not mounted',
  unmatched: 'matches no directory',
};

/** The first argument none of whose directories can be used, and why: as a start by hand is answered; `null`: none. */
export function unusable(
  job: JobState,
  { definition, values }: ResolvedJob,
  facts: DiskFacts,
): UnusableDirectory | null {
  for (const { argument } of directoryChoices(definition, values)) {
    const found = facts.directories.filter((each) => each.argument === argument);
    if (found.some(({ problem }) => problem === null)) continue;
    const wrong = found.flatMap(({ path, problem }) =>
      problem === null ? [] : [`${path} ${WHAT_IS_WRONG[problem]}`],
    );
    const forbidden = found.length > 0 && found.every(({ problem }) => problem === 'not_allowed');
    return {
      argument,
      code: forbidden ? 'not_allowed' : 'missing_directory',
      message: `job '${job.id}': ${argument} ${wrong.length === 0 ? 'has no directory' : someOf(wrong, '; ')}`,
    };
  }
  return null;
}

interface UnusableDirectory {
  argument: string;
  code: 'not_allowed' | 'missing_directory';
  message: string;
}
