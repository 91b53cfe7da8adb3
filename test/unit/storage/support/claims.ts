import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { HeldClaim } from '../../../../src/storage/claim/held-claim.ts';
import { type TakeOptions, takeClaim } from '../../../../src/storage/claim/take-claim.ts';

/** Short, for tests that wait for them. */
export const TIMES = { beatMs: 200, answerMs: 1_000, watchMs: 2_000 };

let tokens = 0;

/** Takes a directory for this process, which has no socket. */
export function take(dir: string, options: Partial<TakeOptions> = {}): Promise<HeldClaim> {
  tokens += 1;
  return takeClaim(dir, {
    token: `test${tokens}`,
    socket: null,
    log: pino({ level: 'silent' }),
    onLost: () => undefined,
    times: TIMES,
    ...options,
  });
}

export interface Starter {
  pid: number;
  go(): void;
  line(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  kill(): Promise<void>;
}

export interface StarterOptions {
  /** Words before it: `unshare …`. */
  through?: readonly string[];
  socket?: boolean;
  /** As a file system without hard links. */
  links?: boolean;
}

/** A process that takes a directory when told to; says what came of it, and what becomes of its claim. */
export async function starter(program: string, dir: string, options: StarterOptions = {}): Promise<Starter> {
  const { through = [], socket = true, links = true } = options;
  const words = [process.execPath, program, dir, socket ? 'socket' : 'none', links ? 'links' : 'no links'];
  const [file = '', ...rest] = [...through, ...words];
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  const ready = /^ready (\d+)$/.exec(await line());
  expect(ready).not.toBeNull();
  return {
    pid: Number(ready?.[1]),
    go: () => child.stdin.write('go\n'),
    line,
    signal: (signal) => void child.kill(signal),
    async kill() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}
