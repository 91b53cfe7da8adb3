import * as z from 'zod';
import type { HostFigures } from '../contract/views.ts';
import type { ErrorAnswer, Request, StatusAnswer } from '../control/protocol.ts';
import type { UnlikeFile } from '../engine/jobs/unlike-file.ts';
import type { StateReader } from '../mqtt/states/state-reader.ts';

const askedSchema = z.looseObject({ job: z.string().nullish() });

/** Where what runs is read, and the host's latest figures. */
export interface StatusSource {
  reader: Pick<StateReader, 'jobIds' | 'jobView' | 'slots' | 'workerView' | 'farm' | 'moveIds' | 'moveView'>;
  host(): HostFigures | null;
  /** Settings of a job that are not what config.yaml says. */
  unlikeFile(job: string): UnlikeFile[];
}

/** Answers `status` on the daemon's socket: what runs, of one job or of all, each as its topic has it. */
export function answerStatus(
  { reader, host, unlikeFile }: StatusSource,
  request: Request,
): StatusAnswer | ErrorAnswer {
  const asked = askedSchema.safeParse(request);
  if (!asked.success) return failure('invalid_payload', '"job" is the id of a job');
  const { job: wanted } = asked.data;
  const ids = reader.jobIds().filter((id) => (wanted ?? id) === id);
  if (typeof wanted === 'string' && ids.length === 0)
    return failure('unknown_job', `there is no job '${wanted}'`);
  return {
    type: 'status',
    farm: reader.farm(),
    host: host(),
    jobs: ids.flatMap((id) => reader.jobView(id) ?? []),
    workers: ids.flatMap((job) => reader.slots(job).flatMap((slot) => workerIn(reader, job, slot))),
    moves: typeof wanted === 'string' ? [] : reader.moveIds().flatMap((id) => reader.moveView(id) ?? []),
    unlike_file: ids.flatMap(unlikeFile),
  };
}

/** The worker in a slot, which may have failed; none in one that is free. */
function workerIn(reader: StatusSource['reader'], job: string, slot: number): StatusAnswer['workers'] {
  const view = reader.workerView(job, slot);
  return view === undefined || view.worker === null ? [] : [{ job, slot, ...view }];
}

function failure(code: ErrorAnswer['code'], message: string): ErrorAnswer {
  return { type: 'error', code, message };
}
