import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../../config/environment.ts';
import { type StatusAnswer, statusAnswerSchema } from '../../control/protocol.ts';
import { tryAsking } from '../ask-parsed.ts';
import { paintFor } from '../terminal/colour.ts';
import type { StatusTask } from '../status/status.ts';
import { listen, type Wish } from './keys.ts';
import { Screen } from './screen.ts';
import { WatchedStatus } from './watched-status.ts';

/** The daemon is asked so often, in milliseconds. */
const EVERY_MS = 1_000;
/** Stopped by Ctrl-Z: the screen is shown again when this much time has passed for this process. */
const STOPPED_MS = 50;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Why it ends, in words; `null`: it was told to. */
type End = string | null;

/**
 * `plot2mqtt status --watch`: the status, kept current on the screen, until `q`, Ctrl-C or a signal.
 * @returns the exit code: 0, or 1 where the daemon doesn't answer (any more) or has no such job, 2 without a terminal
 */
export async function runWatch(
  { config, job }: Pick<StatusTask, 'config' | 'job'>,
  env: Environment,
): Promise<0 | 1 | 2> {
  const { stdout, stdin } = process;
  if (!stdout.isTTY || env.TERM === 'dumb') {
    process.stderr.write('"--watch" needs a terminal that moves its cursor: leave it out, or say --json\n');
    return 2;
  }
  const ask = () => tryAsking(config, env, { type: 'status', job }, statusAnswerSchema);
  const first = await ask();
  const problem = first.ok
    ? await watch(ask, first.answer, {
        screen: new Screen(stdout, stdin.isTTY ? stdin : null),
        paint: paintFor(stdout, env),
      })
    : first.message;
  if (problem === null) return 0;
  process.stderr.write(`${problem}\n`);
  return 1;
}

type Ask = () => ReturnType<typeof tryAsking<StatusAnswer>>;

/** Shows the status until it ends; the terminal is then as it was. */
async function watch(
  ask: Ask,
  first: StatusAnswer,
  { screen, paint }: { screen: Screen; paint: ReturnType<typeof paintFor> },
): Promise<End> {
  const over = new AbortController();
  const status = new WatchedStatus(first, paint);
  const draw = () => screen.draw(status.lines(screen));
  const wish = (wanted: Wish) => {
    if (wanted === 'end') return over.abort(null);
    if (wanted === 'suspend') return suspend(screen, draw);
    status.move(wanted, screen);
    draw();
  };
  const again = () => {
    screen.close();
    screen.open();
    draw();
  };
  const ends = () => over.abort(null);
  for (const signal of SIGNALS) process.once(signal, ends);
  process.on('SIGCONT', again);
  process.stdout.on('resize', draw);
  screen.open();
  const stopListening = screen.keys === null ? () => {} : listen(screen.keys, wish);
  try {
    draw();
    return await keepCurrent(ask, status, draw, over);
  } finally {
    stopListening();
    process.off('SIGCONT', again);
    process.stdout.off('resize', draw);
    screen.close();
  }
}

async function keepCurrent(
  ask: Ask,
  status: WatchedStatus,
  draw: () => void,
  { signal }: AbortController,
): Promise<End> {
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  for (;;) {
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    const asked = await Promise.race([ask(), ended]);
    if (signal.aborted || !asked) return null;
    const problem = status.take(asked, performance.now());
    if (problem !== null) return problem;
    draw();
  }
}

/** Ctrl-Z: as for any program, with the terminal as it was meanwhile. */
function suspend(screen: Screen, draw: () => void): void {
  screen.close();
  process.kill(process.pid, 'SIGTSTP');
  // Where nobody would let it go on the system doesn't stop it.
  setTimeout(() => {
    screen.open();
    draw();
  }, STOPPED_MS);
}
