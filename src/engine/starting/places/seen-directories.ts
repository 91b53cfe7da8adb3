import { type DiskEntry, limitsStarts, mayBeFor } from '../../../config/schema/disks.ts';
import { directoryChoices } from '../../../plotters/command.ts';
import type { DiskFacts } from '../../inputs.ts';
import type { Settings } from '../../memory.ts';
import { withKey, withoutKey } from '../../model/collections.ts';
import type { JobState } from '../../model/job-state.ts';
import type { State } from '../../model/state.ts';
import type { Placed } from '../../model/worker-state.ts';
import type { Transaction } from '../../transaction.ts';
import type { World } from '../gates/gate.ts';
import type { ResolveContext } from './resolve.ts';
import { resolvedNow } from './resolved-now.ts';

/** A directory that a job may get, under the name of the argument that gives it. */
export interface SeenDirectory extends Pick<Placed, 'role' | 'path' | 'filesystem'> {
  argument: string;
  /** It had no room while others, which had, were at a limit of `disks`. */
  full: boolean;
}

/** What a look at a job's disks has found: the directories that can be used. */
export interface SeenDirectories {
  /** What was looked for, as text: another look is needed where that has changed. */
  wanted: string;
  usable: readonly SeenDirectory[];
}

/** The disks of a job were looked at. */
export function directoriesSeen(transaction: Transaction, job: JobState, facts: DiskFacts): void {
  const usable = facts.directories
    .filter(({ problem }) => problem === null)
    .map(({ argument, role, path, device }) => ({ argument, role, path, filesystem: device, full: false }));
  transaction.memory.seen = withKey(transaction.memory.seen, job.id, {
    wanted: namesOf(facts.wanted),
    usable,
  });
}

/** Some of the directories that the last look has found have no room: those at a limit of `disks` are waited for. */
export function directoriesFull(
  transaction: Transaction,
  job: JobState,
  full: readonly Pick<SeenDirectory, 'argument' | 'path'>[],
): void {
  const seen = transaction.memory.seen.get(job.id);
  if (!seen || full.length === 0) return;
  const isFull = ({ argument, path }: SeenDirectory) =>
    full.some((each) => each.argument === argument && each.path === path);
  const usable = seen.usable.map((each) => (isFull(each) ? { ...each, full: true } : each));
  transaction.memory.seen = withKey(transaction.memory.seen, job.id, { ...seen, usable });
}

/** Whether a job waits for a limit of `disks` because other directories are full: these are worth a look. */
export function knowsFullDirectories({ memory }: World, job: JobState): boolean {
  return memory.seen.get(job.id)?.usable.some(({ full }) => full) ?? false;
}

/** The job is gone. */
export function forgetSeen(transaction: Transaction, job: JobState): void {
  transaction.memory.seen = withoutKey(transaction.memory.seen, job.id);
}

/**
 * The directories that the last look at a job's disks has found. Where there was none (`looked`), or it wants others
 * now, those that its arguments name, on the disks on which others have seen them; else, and of a pattern, the file
 * system is empty.
 */
export function directoriesNow(
  { state, memory }: World,
  job: JobState,
): { looked: boolean; directories: readonly SeenDirectory[] } {
  const seen = memory.seen.get(job.id);
  const wanted = wantedBy(memory.settings, job);
  if (seen && seen.wanted === namesOf(wanted)) return { looked: true, directories: seen.usable };
  const directories = wanted.map((each) => ({
    ...each,
    filesystem: filesystemOf(state, memory, each.path),
    full: false,
  }));
  return { looked: false, directories };
}

/** By the last look of whatever job, else by the workers that there are. */
function filesystemOf({ workers }: State, { seen }: World['memory'], directory: string): string {
  for (const { usable } of seen.values())
    for (const { path, filesystem } of usable) if (path === directory) return filesystem;
  for (const { placement } of workers.values())
    for (const { path, filesystem } of placement) if (path === directory) return filesystem;
  return '';
}

type WantedPath = Pick<SeenDirectory, 'argument' | 'role' | 'path'>;

/** The directories that a job's arguments name, as they are written: some may be patterns. */
export function wantedBy(
  settings: ResolveContext,
  job: Pick<JobState, 'id' | 'definition'>,
): readonly WantedPath[] {
  const resolved = resolvedNow(job, settings);
  const known = resolved.ok ? resolved : resolved.rest;
  if (!known) return [];
  return directoryChoices(known.definition, known.values).flatMap(({ argument, role, written }) =>
    written.map((path) => ({ argument, role, path })),
  );
}

function namesOf(wanted: readonly WantedPath[]): string {
  return wanted.map(({ argument, path }) => `${argument} ${path}`).join('\n');
}

/** What says which entries of `disks` hold for a job. */
export type LimitingDisks = ResolveContext & Pick<Settings, 'disks'>;

/** The entries of `disks` that may limit the starts of a job, by the names of its directories. */
export function entriesOver(
  settings: LimitingDisks,
  job: Pick<JobState, 'id' | 'definition'>,
): readonly DiskEntry[] {
  const limiting = settings.disks.filter(limitsStarts);
  if (limiting.length === 0) return limiting;
  const wanted = wantedBy(settings, job);
  return limiting.filter((entry) => wanted.some(({ path }) => mayBeFor(entry, path)));
}
