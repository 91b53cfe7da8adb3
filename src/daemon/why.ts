import * as z from 'zod';
import type { ErrorAnswer, Request, WhyAnswer } from '../control/protocol.ts';
import { unlikeFile } from '../engine/jobs/unlike-file.ts';
import type { JobState } from '../engine/model/job-state.ts';
import type { World } from '../engine/starting/gates/gate.ts';
import { gatesOf, waitingOf } from '../engine/starting/waiting.ts';

const askedSchema = z.looseObject({ job: z.string().nullish() });

/**
 * Answers `why` on the daemon's socket: of one job each gate, of all what they wait for. `mask` hides what is secret in
 * sentences.
 */
export function answerWhy(
  world: World,
  request: Request,
  mask: (text: string) => string,
): WhyAnswer | ErrorAnswer {
  const asked = askedSchema.safeParse(request);
  if (!asked.success) return failure('invalid_payload', '"job" is the id of a job');
  const { job: id } = asked.data;
  if (id === undefined || id === null)
    return { type: 'why', jobs: [...world.state.jobs.values()].map((job) => waitingJob(world, job, mask)) };
  const job = world.state.jobs.get(id);
  if (!job) return failure('unknown_job', `there is no job '${id}'`);
  const gates = gatesOf(world, job).map((gate) => ({ ...gate, text: mask(gate.text) }));
  return { type: 'why', jobs: [{ ...waitingJob(world, job, mask), gates }] };
}

function waitingJob(world: World, job: JobState, mask: (text: string) => string): WhyAnswer['jobs'][number] {
  const waiting = waitingOf(world, job);
  const waiting_text = mask(waiting.waiting_text);
  return {
    ...{ id: job.id, pending: job.pending, ...waiting, waiting_text },
    ...{ gates: [], unlike_file: unlikeFile(job) },
  };
}

function failure(code: ErrorAnswer['code'], message: string): ErrorAnswer {
  return { type: 'error', code, message };
}
