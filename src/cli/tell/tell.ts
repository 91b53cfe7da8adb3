import type { Environment } from '../../config/environment.ts';
import type { StatusAnswer } from '../../control/protocol.ts';
import { commandDaemon } from '../command-daemon.ts';
import type { HoldDetails } from './hold-details.ts';
import { readStatus } from '../status/read-status.ts';
import { stillRunning } from './still-running.ts';
import { doneInWords } from './tell-answers.ts';
import { messageOf, type TellName } from './tell-words.ts';
import { farmHolds, heldJobs, holdInWords, whatHoldsFarm, whatHoldsJob } from '../status/what-holds.ts';

/** A command, as `plot2mqtt` was called. */
export interface TellTask {
  name: TellName;
  words: readonly string[];
  config: string;
  details?: HoldDetails;
}

/**
 * `plot2mqtt start`, `dismiss`, `pause` and the like: sends that command to the running daemon by its socket, and says
 * its answer in words.
 * @returns the exit code: 0 where it was done, 1 where it was refused or nobody answered
 */
export async function runTell(task: TellTask, env: Environment): Promise<0 | 1> {
  const { name, words, config, details } = task;
  const before = await unchangedBefore(task, env);
  const answer = await commandDaemon(config, env, messageOf(name, words, details));
  if (!answer.ok) {
    process.stderr.write(`${answer.text}\n`);
    return 1;
  }
  const data = before ? { changed: false } : answer.data;
  const text = [doneInWords(name, words, data), ...(await afterwards(task, env))].join('; ');
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Whether a job is not paused anyway: its switch doesn't answer whether it has changed. */
async function unchangedBefore({ name, words, config }: TellTask, env: Environment): Promise<boolean> {
  const [job] = words;
  if (name !== 'resume' || job === undefined) return false;
  const status = await readStatus(config, env);
  return status !== null && heldJobs(status).some(({ id, paused }) => id === job && !paused);
}

type Tell = (status: StatusAnswer, words: readonly string[]) => string[];

/** What is worth saying behind an answer: who still holds, what still runs. */
const AFTERWARDS: Readonly<Partial<Record<TellName, Tell>>> = {
  resume: (status, [job]) => stillHeld(status, job),
  release: (status, [, job]) => stillHeld(status, job),
  hold: (status, [name, job]) =>
    farmHolds(status)
      .filter((hold) => job === undefined && hold.name === name)
      .map(holdInWords),
  drain: stillRunning,
};

async function afterwards({ name, words, config }: TellTask, env: Environment): Promise<string[]> {
  const tell = AFTERWARDS[name];
  const status = tell ? await readStatus(config, env) : null;
  return tell && status ? tell(status, words) : [];
}

function stillHeld(status: StatusAnswer, job: string | undefined): string[] {
  const holds = job === undefined ? whatHoldsFarm(status) : whatHoldsJob(status, job);
  return holds.length === 0 ? ['nothing else holds it'] : [`still held: ${holds.join(', ')}`];
}
