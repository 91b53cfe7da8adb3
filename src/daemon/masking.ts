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

/** `mask` replaces secrets in a text (src/config/mask.ts). */
export function createMasking(mask: (text: string) => string): Masking {
  const inStrings = (_key: string, value: unknown) => (typeof value === 'string' ? mask(value) : value);
  const inText = (text: string | null) => (text === null ? null : mask(text));
  const copy = (value: unknown): unknown => {
    const text = JSON.stringify(value, inStrings);
    return text === undefined ? value : JSON.parse(text);
  };
  return {
    text: mask,
    event: (event) => JSON.stringify(event, inStrings),
    job: (view) => ({
      ...view,
      title: mask(view.title),
      last_error: inText(view.last_error),
      last_plot: inText(view.last_plot),
    }),
    worker: (view) => ({ ...view, plot: inText(view.plot), error: inText(view.error) }),
    answer: (answer) =>
      answer.status === 'ok'
        ? { status: 'ok', data: copy(answer.data) }
        : { status: 'error', error: { ...answer.error, message: mask(answer.error.message) } },
  };
}

/** Without secrets there is nothing to look for. */
export const NO_MASKING: Masking = {
  text: (text) => text,
  event: (event) => JSON.stringify(event),
  job: (view) => view,
  worker: (view) => view,
  answer: (answer) => answer,
};
