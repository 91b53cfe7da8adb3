import { type ArgumentDirectory, directoriesOf } from '../../plotters/command.ts';
import type { Effect, WantedDirectory } from '../effects.ts';
import type { StartFacts } from '../inputs.ts';
import { block, unblock } from '../jobs/blocking.ts';
import { withValue } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import { runCount } from '../model/state.ts';
import { replotRule } from '../moving/replot-rule.ts';
import type { Transaction } from '../transaction.ts';
import { allowance, limitsOf } from './limits.ts';
import { refuseByHand } from './queue.ts';
import { directoriesOverMqtt, type ResolvedJob } from './resolve.ts';
import { problemsOf, resolvedNow } from './resolved-now.ts';
import { willRemovePlot } from './room.ts';

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
  const { before } = replotRule(transaction, job);
  const directories = wantedDirectories(resolved, job);
  const destination = directories.find((directory) => directory.role === 'destination');
  const count = oldPlotsWanted(transaction, job);
  return {
    type: 'probe',
    job: job.id,
    directories,
    replot: before !== null && destination ? { directory: destination.path, before, count } : null,
    measure,
  };
}

/** As many as could start before the next look, and those that workers in flight will remove. */
function oldPlotsWanted(transaction: Transaction, job: JobState): number {
  const removing = [...transaction.state.workers.values()].filter(willRemovePlot).length;
  const starting = Math.max(1, allowance(limitsOf(job, runCount(transaction.state, job.id))));
  return Math.min(MAX_OLD_PLOTS, starting + removing);
}

function wantedDirectories(resolved: ResolvedJob, job: JobState): WantedDirectory[] {
  const { temp, destination } = directoriesOf(resolved.definition, resolved.values);
  const arrived = new Set(directoriesOverMqtt(job, resolved).map(({ argument }) => argument));
  const wanted = (each: ArgumentDirectory, role: WantedDirectory['role']) => ({
    ...each,
    role,
    over_mqtt: arrived.has(each.argument),
  });
  return [
    ...temp.map((each) => wanted(each, 'temp')),
    ...(destination ? [wanted(destination, 'destination')] : []),
  ];
}

/** Whether these are the directories that a start needs now: what names them may have changed meanwhile. */
export function areOf(facts: StartFacts, resolved: ResolvedJob, job: JobState): boolean {
  const wanted = wantedDirectories(resolved, job);
  return (
    wanted.length === facts.directories.length &&
    wanted.every((each) =>
      facts.directories.some((fact) => fact.path === each.path && fact.role === each.role),
    )
  );
}

/** What is wrong with a directory, in words that follow its name. */
export const WHAT_IS_WRONG = {
  missing: "doesn't exist; directories are never made, is the disk mounted?",
  not_a_directory: 'is no directory',
  not_writable: "can't be written to",
  not_answering: "doesn't answer; is the disk or network share gone?",
  not_allowed:
    'is, or leads, outside the directories that config.yaml names, or security.allowed_dirs where that is set',
} as const;

/** The first directory that can't be used, and why: as a start by hand is answered; `null` where all can. */
export function unusable(job: JobState, facts: StartFacts): UnusableDirectory | null {
  for (const { argument, path, problem } of facts.directories)
    if (problem !== null)
      return {
        argument,
        code: problem === 'not_allowed' ? 'not_allowed' : 'missing_directory',
        message: `job '${job.id}': ${argument} ${path} ${WHAT_IS_WRONG[problem]}`,
      };
  return null;
}

interface UnusableDirectory {
  argument: string;
  code: 'not_allowed' | 'missing_directory';
  message: string;
}
