import { createInterface } from 'node:readline/promises';
import type { Environment } from '../../config/environment.ts';
import { statusAnswerSchema } from '../../control/protocol.ts';
import { askParsed } from '../ask-parsed.ts';
import { commandDaemon } from '../command-daemon.ts';
import { storedLater } from './tell-answers.ts';

/**
 * `plot2mqtt stop`: has the running daemon stop every worker and start none until `drain` is released. Asked back on a
 * terminal; elsewhere `yes` is wanted.
 * @returns the exit code: 0 where it was done, 1 where it wasn't, 2 where nobody has said yes
 */
export async function runStop(
  { config, yes }: { config: string; yes: boolean },
  env: Environment,
): Promise<0 | 1 | 2> {
  if (!yes) {
    if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
      process.stderr.write('"stop" stops every worker: say "plot2mqtt stop --yes"\n');
      return 2;
    }
    const asked = await askParsed(config, env, { type: 'status' }, statusAnswerSchema);
    if (asked === null) return 1;
    if (!(await isMeant(runningIn(asked.answer.farm)))) {
      process.stderr.write('nothing was stopped\n');
      return 1;
    }
  }
  const answer = await commandDaemon(config, env, { topic: 'farm/do/stop', payload: '' });
  if (!answer.ok) {
    process.stderr.write(`${answer.text}\n`);
    return 1;
  }
  const text = 'no worker runs any more; none is started until "plot2mqtt release drain"';
  process.stdout.write(`${text}${storedLater(answer.data)}\n`);
  return 0;
}

function runningIn(farm: Record<string, unknown> | null): number {
  return typeof farm?.workers === 'number' ? farm.workers : 0;
}

/** Asks back; Ctrl-C and Ctrl-D are no. */
async function isMeant(workers: number): Promise<boolean> {
  const what =
    workers === 0
      ? 'No worker runs. Start none any more?'
      : `Stop ${workers === 1 ? 'the worker that runs' : `all ${workers} workers`}? What they have plotted is lost.`;
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  const answered = await new Promise<string>((resolve) => {
    dialogue.on('close', () => resolve(''));
    void dialogue.question(`${what} [y/N] `).then(resolve, () => resolve(''));
  });
  dialogue.close();
  return /^y(es)?$/i.test(answered.trim());
}
