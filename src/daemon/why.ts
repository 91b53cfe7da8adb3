import * as z from 'zod';
import type { ErrorAnswer, Request, WhyAnswer } from '../control/protocol.ts';
import { unlikeFile } from '../engine/jobs/unlike-file.ts';
import type { MoveState } from '../engine/model/move-state.ts';
import { gatesOfMove, waitingOfMove } from '../engine/moving/gates-of-move.ts';
import type { JobState } from '../engine/model/job-state.ts';
import type { World } from '../engine/starting/gates/gate.ts';
import { gatesOf, waitingOf } from '../engine/starting/waiting.ts';

const askedSchema = z.looseObject({ job: z.string().nullish() });

/**
 * Answers `why` on the daemon's socket: of one job or move each gate, of all what they wait for. `mask` hides what is secret in
 * sentences.
 */
export function answerWhy(
  world: World,
  request: Request,
  mask: (text: string) => string,
): WhyAnswer | ErrorAnswer {
  const asked = askedSchema.safeParse(request);
  if (!asked.success) return failure('invalid_payload', '"job" is the id of a job or a move');
  const { job: id } = asked.data;
  if (id === undefined || id === null)
    return {
      type: 'why',
      jobs: [
        ...[...world.state.jobs.values()].map((job) => waitingJob(world, job, mask)),
        ...[...world.state.moves.values()].map((move) => waitingMove(world, move, mask)),
      ],
    };
  const job = world.state.jobs.get(id);
  const move = world.state.moves.get(id);
  if (!job && move) return { type: 'why', jobs: [whyOfMove(world, move, mask)] };
  if (!job)
    return failure('unknown_job', `there is no job ${world.state.moves.size > 0 ? 'or move ' : ''}'${id}'`);
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

type Waiting = WhyAnswer['jobs'][number];

function waitingMove(world: World, move: MoveState, mask: (text: string) => string): Waiting {
  const { waiting_for, waiting_text } = waitingOfMove(world, move);
  return {
    ...{ id: move.id, pending: 0, next_start_at: null, gates: [] },
    ...{ waiting_for, waiting_text: mask(waiting_text) },
  };
}

function whyOfMove(world: World, move: MoveState, mask: (text: string) => string): Waiting {
  const gates = gatesOfMove(world, move).map((gate) => ({ ...gate, text: mask(gate.text) }));
  return { ...waitingMove(world, move, mask), gates };
}

function failure(code: ErrorAnswer['code'], message: string): ErrorAnswer {
  return { type: 'error', code, message };
}
