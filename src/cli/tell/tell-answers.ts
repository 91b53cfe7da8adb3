import * as z from 'zod';
import { isFarms, type TellName } from './tell-words.ts';

const startedSchema = z.looseObject({
  workers: z.array(z.looseObject({ slot: z.int(), worker: z.string() })),
});
const firedSchema = z.looseObject({ jobs: z.int() });
const unstoredSchema = z.looseObject({ stored: z.literal(false) });
const unchangedSchema = z.looseObject({ changed: z.literal(false) });

/** Whether a command found all as it wanted it. */
const isUnchanged = (data: unknown) => unchangedSchema.safeParse(data).success;

type Say = (words: readonly string[], data: unknown) => string;

/** What each command says when it was done. */
const DONE: Readonly<Record<TellName, Say>> = {
  start([job = '', asked = '1'], data) {
    const { workers } = startedSchema.safeParse(data).data ?? { workers: [] };
    const list = workers.map(({ slot, worker }) => `slot ${slot} (${worker})`).join(', ');
    const count = workers.length < Number(asked) ? `${workers.length} of ${asked}` : `${workers.length}`;
    return `${job}: ${count} ${count === '1' ? 'worker' : 'workers'} started: ${list}`;
  },
  dismiss: ([job, slot]) =>
    slot === undefined ? `${job}: no worker runs any more` : `${job}: the worker in slot ${slot} is stopped`,
  pause([job], data) {
    if (isUnchanged(data)) return `${job ?? 'the farm'} was paused already`;
    return `${job ?? 'the farm'} is paused`;
  },
  resume([job], data) {
    if (isUnchanged(data)) return `${job ?? 'the farm'} was not paused`;
    return job === undefined ? 'the pause of the farm is released' : `${job} is no longer paused`;
  },
  set: ([job, key, value]) => `${isFarms(job, key) ? 'the farm' : job}: ${key} is ${value}`,
  hold([name, job], data) {
    const hold = job === undefined ? `the farm's hold '${name}'` : `${job}: the hold '${name}'`;
    return isUnchanged(data) ? `${hold} stood so already` : `${hold} stands`;
  },
  release([name, job], data) {
    if (isUnchanged(data)) return `${job ?? 'the farm'} has no hold '${name}'`;
    return job === undefined ? `the farm's hold '${name}' is released` : `${job}: '${name}' is released`;
  },
  drain: (_words, data) =>
    isUnchanged(data) ? 'the farm drained already' : 'the farm drains, no worker is started',
  reset: ([job]) => `${job}: plots done and failures begin at 0`,
  fire([name], data) {
    const jobs = firedSchema.safeParse(data).data?.jobs;
    if (jobs === undefined) return `'${name}' was fired`;
    const starting = jobs === 1 ? '1 job starts' : `${jobs === 0 ? 'no' : jobs} jobs start`;
    return `'${name}' was fired; ${starting} on it`;
  },
  reload: () => 'the configuration was read again',
};

/** The answer to a command that was done. */
export function doneInWords(name: TellName, words: readonly string[], data: unknown): string {
  return `${DONE[name](words, data)}${storedLater(data)}`;
}

/** What is added where what was done couldn't be written down yet. */
export function storedLater(data: unknown): string {
  if (!unstoredSchema.safeParse(data).success) return '';
  return "; data_dir can't be written now, so that is written down later";
}
