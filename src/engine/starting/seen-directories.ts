import { type DiskEntry, isFor, limitsStarts } from '../../config/schema/disks.ts';
import { directoriesOf } from '../../plotters/command.ts';
import type { StartFacts } from '../inputs.ts';
import type { Settings } from '../memory.ts';
import { withKey, withoutKey } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import type { State } from '../model/state.ts';
import type { Placed } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import type { World } from './gates/gate.ts';
import type { ResolveContext } from './resolve.ts';
import { resolvedNow } from './resolved-now.ts';

/** A directory of a job, under the name of the argument that gives it. */
export interface SeenDirectory extends Pick<Placed, 'role' | 'path' | 'filesystem'> {
  argument: string;
}

/** What a look at a job's disks has found: the directories that can be used. */
export interface SeenDirectories {
  /** What was looked for, as text: another look is needed where that has changed. */
  wanted: string;
  usable: readonly SeenDirectory[];
}

/** The disks of a job were looked at. */
export function directoriesSeen(transaction: Transaction, job: JobState, facts: StartFacts): void {
  const usable = facts.directories
    .filter(({ problem }) => problem === null)
    .map(({ argument, role, path, device }) => ({ argument, role, path, filesystem: device }));
  const wanted = namesOf(wantedBy(transaction.settings, job));
  transaction.memory.seen = withKey(transaction.memory.seen, job.id, { wanted, usable });
}

/** The job is gone. */
export function forgetSeen(transaction: Transaction, job: JobState): void {
  transaction.memory.seen = withoutKey(transaction.memory.seen, job.id);
}

/**
 * The directories that the last look at a job's disks has found. Where there was none (`looked`), or it wants others
 * now, those that its arguments name, on the disks on which live workers have them; else the file system is empty.
 */
export function directoriesNow(
  { state, memory }: World,
  job: JobState,
): { looked: boolean; directories: readonly SeenDirectory[] } {
  const seen = memory.seen.get(job.id);
  const wanted = wantedBy(memory.settings, job);
  if (seen && seen.wanted === namesOf(wanted)) return { looked: true, directories: seen.usable };
  const directories = wanted.map((each) => ({ ...each, filesystem: filesystemOf(state, each.path) }));
  return { looked: false, directories };
}

function filesystemOf({ workers }: State, directory: string): string {
  for (const { placement } of workers.values())
    for (const { path, filesystem } of placement) if (path === directory) return filesystem;
  return '';
}

type WantedPath = Omit<SeenDirectory, 'filesystem'>;

/** The directories that a job's arguments name, whatever is there. */
export function wantedBy(settings: ResolveContext, job: Pick<JobState, 'id' | 'definition'>): WantedPath[] {
  const resolved = resolvedNow(job, settings);
  const known = resolved.ok ? resolved : resolved.rest;
  if (!known) return [];
  const { temp, destination } = directoriesOf(known.definition, known.values);
  return [
    ...temp.map((each) => ({ ...each, role: 'temp' as const })),
    ...(destination ? [{ ...destination, role: 'destination' as const }] : []),
  ];
}

function namesOf(wanted: readonly WantedPath[]): string {
  return wanted.map(({ argument, path }) => `${argument} ${path}`).join('\n');
}

/** What says which entries of `disks` hold for a job. */
export type LimitingDisks = ResolveContext & Pick<Settings, 'disks'>;

/** The entries of `disks` that limit the starts of a job, by the names of its directories. */
export function entriesOver(
  settings: LimitingDisks,
  job: Pick<JobState, 'id' | 'definition'>,
): readonly DiskEntry[] {
  const limiting = settings.disks.filter(limitsStarts);
  if (limiting.length === 0) return limiting;
  const wanted = wantedBy(settings, job);
  return limiting.filter((entry) => wanted.some(({ path }) => isFor(entry, path)));
}
