import type { JobDefinition } from '../../../config/schema/job.ts';
import type { JobState } from '../../model/job-state.ts';
import { type ResolveContext, type ResolvedJob, resolveJob, type UnresolvedJob } from './resolve.ts';

type Resolved = ResolvedJob | UnresolvedJob;

/** Definitions and settings are replaced, never changed: what was looked up once holds as long as both are there. */
const known = new WeakMap<JobDefinition, { settings: ResolveContext; resolved: Resolved }>();

/** A job's plotter with its arguments, as today's settings give them. */
export function resolvedNow(
  { id, definition }: Pick<JobState, 'id' | 'definition'>,
  settings: ResolveContext,
): Resolved {
  const before = known.get(definition);
  if (before?.settings === settings) return before.resolved;
  const resolved = resolveJob(id, definition, settings);
  known.set(definition, { settings, resolved });
  return resolved;
}

/** What is missing or wrong, in one text. */
export function problemsOf({ problems }: UnresolvedJob): string {
  return problems.map(({ message }) => message).join('; ');
}
