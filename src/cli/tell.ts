import * as z from 'zod';
import type { Environment } from '../config/environment.ts';
import { commandDaemon } from './command-daemon.ts';
import { messageOf, type TellName } from './tell-words.ts';

/**
 * `plot2mqtt start`, `dismiss`, `pause` and the like: sends that command to the running daemon by its socket, and says
 * its answer in words.
 * @returns the exit code: 0 where it was done, 1 where it was refused or nobody answered
 */
export async function runTell(
  { name, words, config }: { name: TellName; words: readonly string[]; config: string },
  env: Environment,
): Promise<0 | 1> {
  const { ok, text } = await told(name, words, config, env);
  (ok ? process.stdout : process.stderr).write(`${text}\n`);
  return ok ? 0 : 1;
}

async function told(name: TellName, words: readonly string[], config: string, env: Environment) {
  const answer = await commandDaemon(config, env, messageOf(name, words));
  return answer.ok ? { ok: true, text: doneInWords(name, words, answer.data) } : answer;
}

const startedSchema = z.looseObject({
  workers: z.array(z.looseObject({ slot: z.int(), worker: z.string() })),
});
const firedSchema = z.looseObject({ jobs: z.int() });
const unstoredSchema = z.looseObject({ stored: z.literal(false) });

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
  pause: ([job]) => `${job} is paused`,
  resume: ([job]) => `${job} is no longer paused`,
  set: ([job, key, value]) => `${job}: ${key} is ${value}`,
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
  const text = DONE[name](words, data);
  return unstoredSchema.safeParse(data).success
    ? `${text}; data_dir can't be written now, so that is written down later`
    : text;
}
