import type { BlockedReason } from '../../../contract/events.ts';
import type { GateName } from '../../../contract/gates.ts';
import type { JobState } from '../../model/job-state.ts';
import { awaitsProof } from '../probation.ts';
import { problemsOf, resolvedNow } from '../places/resolved-now.ts';
import { type Gate, openOr } from './gate.ts';

/** What the last look at the disks has found of a job, as long as it stands. */
function found(job: JobState, reason: BlockedReason): string | null {
  return job.blocked === reason ? (job.blocked_text ?? job.last_error ?? reason) : null;
}

/** A gate that says what blocks the job, if that is what it is about. */
function ofLastLook(name: GateName & BlockedReason, open: string): Gate {
  return {
    name,
    keeps: true,
    automaticOnly: false,
    looked: true,
    ask(_world, job) {
      const text = found(job, name);
      return openOr(text !== null, text ?? open);
    },
  };
}

/** Arguments are looked up in today's settings, also where nobody wanted a worker yet. */
export const missingArgument: Gate = {
  name: 'missing_argument',
  keeps: true,
  automaticOnly: false,
  looked: true,
  ask({ memory }, job) {
    const resolved = resolvedNow(job, memory.settings);
    if (!resolved.ok) return openOr(true, problemsOf(resolved));
    return openOr(false, `plotter '${job.definition.plotter}' has every argument that it needs`);
  },
};

export const missingDirectory = ofLastLook(
  'missing_directory',
  'no directory is known to be missing: each start looks',
);

export const tempFull = ofLastLook(
  'temp_full',
  'temporary directories are not known to be full: each start looks',
);

const destinationHasRoom = ofLastLook(
  'dest_full',
  'the destination is not known to be full: each start looks',
);

/** A job that takes one old plot after the other waits until its place is proven: see `probation`. */
export const destFull: Gate = {
  ...destinationHasRoom,
  ask(world, job, coming) {
    if (awaitsProof(world, job)) return openOr(true, WAITS_FOR_OLD_PLOT);
    return destinationHasRoom.ask(world, job, coming);
  },
};

const WAITS_FOR_OLD_PLOT =
  'a worker of the job waits to remove its old plot until the one before it has proven that it makes a new one';
