import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = 8;

/** So that making new ones doesn't compete with the command that is just starting. */
const REFILL_AFTER_MS = 100;

/**
 * FIFOs made ahead. A wrapper makes its own where it finds none, but Node can't, and a program to do it is a third of
 * the time between an event and its plotter.
 */
export class FifoStock {
  readonly #dir: string;
  #spare: string[] = [];
  #filling: Promise<void> | null = null;

  /** `dir` is for this alone, on the file system of the workers' directories. It is made, and what is in it goes. */
  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(dir)) unlinkSync(join(dir, name));
  }

  /** Resolves when the stock is full, or can't be filled (a file system without FIFOs). */
  fill(): Promise<void> {
    this.#filling ??= this.#make(SIZE - this.#spare.length).finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  /** Puts one at this path; false where there is none, or the path is taken: an earlier wrapper may hold that one. */
  give(path: string): boolean {
    const fifo = this.#spare.pop();
    if (fifo === undefined) return false;
    setTimeout(() => void this.fill(), REFILL_AFTER_MS).unref();
    try {
      linkSync(fifo, path);
      return true;
    } catch {
      return false;
    } finally {
      unlinkSync(fifo);
    }
  }

  #make(count: number): Promise<void> {
    const paths = Array.from({ length: count }, () => join(this.#dir, randomUUID()));
    if (count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      execFile('mkfifo', ['-m', '600', ...paths], (error) => {
        if (error === null) this.#spare.push(...paths);
        resolve();
      });
    });
  }
}
