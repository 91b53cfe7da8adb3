import type { FreeForm } from '../config/mask-json.ts';
import type { BoundEvent, JobDefinition } from '../config/schema/job.ts';
import type { CommandError } from '../contract/error-codes.ts';
import type { GateView } from '../contract/gates.ts';
import { everyKey } from '../contract/published.ts';
import type { HistoryLine } from '../engine/model/history-line.ts';

type AnsweredKeys =
  | keyof JobDefinition
  | keyof BoundEvent
  | keyof NonNullable<JobDefinition['replot']>
  | keyof CommandError
  | keyof GateView
  | keyof HistoryLine
  | 'status';

/** Keys of answers alone, jobs as config.yaml has them among these, under which nothing is ever masked. */
const ANSWERED: ReadonlySet<string> = new Set([
  ...['status', 'code', 'run', 'gate', 'ended_at', 'not_before'],
  ...['fire', 'on', 'before', 'cpus'],
] as const satisfies readonly AnsweredKeys[]);

/** Keys whose values are ids, named events, topics, times or numbers; and those whose values are fixed words. */
const FIXED = new Set(ANSWERED);
const WORDS = new Map<string, Set<string | number>>();
for (const [key, { isFree, words }] of everyKey()) {
  if (words) WORDS.set(key, new Set([...(WORDS.get(key) ?? []), ...words]));
  else if (!isFree) FIXED.add(key);
}

/**
 * What of our own messages is text of free form: states, events, answers, and values alone under their key. What stands
 * under a key that has no row is free; so is a text under a key of fixed words that is none of them.
 */
export const isFreeForm: FreeForm = (keys, value) => {
  const [first, second] = keys;
  // The sender's own mark, by which it knows its answer.
  if (first === 'transaction') return false;
  // Whatever a plotter's arguments are called; a number may be a secret here too.
  if (keys.includes('arguments')) return true;
  if (typeof value === 'number') return false;
  if (first === 'error' && second === 'path') return false;
  const key = keys.at(-1) ?? '';
  return !FIXED.has(key) && !WORDS.get(key)?.has(value);
};
