import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Bench } from './case.ts';

/** A floor's program: told what to do by messages, it answers each with one. */
export class Floor {
  readonly #child: ChildProcess;

  constructor(bench: Bench, name: string, words: readonly string[] = []) {
    this.#child = fork(join(bench.floors, `${name}.mjs`), words, { cwd: bench.root, execArgv: [] });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits for its next word. */
  async next(): Promise<unknown> {
    const [message] = await once(this.#child, 'message');
    return message;
  }

  send(message: object): void {
    this.#child.send(message);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
