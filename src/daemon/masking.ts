import type { GrowingMask } from '../config/mask.ts';
import type { Answer } from '../engine/commands.ts';
import type { EngineEvent } from '../engine/events.ts';
import type { JobView, WorkerView } from '../engine/views.ts';

/** Keeps secrets out of everything that is published: titles, arguments, files, errors and answers may hold them. */
export interface Masking {
  text(text: string): string;
  event(event: EngineEvent): string;
  job(view: JobView): JobView;
  worker(view: WorkerView): WorkerView;
  answer(answer: Answer): Answer;
}

/** The masking by the secrets that are known at each moment; where there are none, nothing is looked for. */
export function createMasking(secrets: GrowingMask): Masking {
  const none = () => secrets.size === 0;
  const text = (value: string) => (none() ? value : secrets.mask(value));
  const textOrNull = (value: string | null) => (value === null ? null : text(value));
  const inStrings = (_key: string, value: unknown) => (typeof value === 'string' ? text(value) : value);
  return {
    text,
    event: (event) => (none() ? JSON.stringify(event) : JSON.stringify(event, inStrings)),
    job: (view) =>
      none()
        ? view
        : {
            ...view,
            title: text(view.title),
            last_error: textOrNull(view.last_error),
            last_plot: textOrNull(view.last_plot),
          },
    worker: (view) =>
      none() ? view : { ...view, plot: textOrNull(view.plot), error: textOrNull(view.error) },
    answer: (answer) => (none() ? answer : maskedAnswer(answer, text, inStrings)),
  };
}

function maskedAnswer(
  answer: Answer,
  text: (value: string) => string,
  inStrings: (key: string, value: unknown) => unknown,
): Answer {
  if (answer.status === 'error')
    return { status: 'error', error: { ...answer.error, message: text(answer.error.message) } };
  const data: unknown = JSON.parse(JSON.stringify(answer.data ?? null, inStrings));
  return { status: 'ok', data };
}
