// Bought for one figure, whose goal isn't met without: from the line of a log that triggers it to the next plotter's
// process 15 ms in the median (docs/performance.md). No user sees the difference. Without it, each start is a spawn.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { WrappedCommand } from './wrapper.ts';
import { orderFor, readyCommand } from './wrapper-order.ts';

/** An event starts one plotter, or a few; each wrapper is a shell that sleeps. */
const SIZE = 2;

/** So that starting new ones doesn't compete with the command that is just starting. */
const REFILL_AFTER_MS = 100;

interface Ready {
  child: ChildProcess;
  /** The other end of its file descriptor 3. */
  line: Socket;
  /** The file for its order; its FIFO lies beside. */
  order: string;
}

export interface WrapperStockOptions {
  /** For the stock alone, on the file system of the workers' directories. It is made, and what is in it goes. */
  dir: string;
  /** Where commands run. */
  cwd: string;
}

/**
 * Wrappers started ahead. To start a shell and let it find out who it is takes longer than all else between an event
 * and its plotter. One that is never needed ends with this program, however that ends.
 */
export class WrapperStock {
  /** Where its wrappers run their commands. */
  readonly cwd: string;
  readonly #dir: string;
  readonly #ready: Ready[] = [];
  #starting = 0;
  #wanted = false;
  #refill: NodeJS.Timeout | null = null;

  constructor({ dir, cwd }: WrapperStockOptions) {
    this.#dir = dir;
    this.cwd = cwd;
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(dir)) removeFile(join(dir, name));
    } catch {
      // A disk that is full or read-only: each command starts its own wrapper then.
    }
  }

  /** How many wait. */
  get size(): number {
    return this.#ready.length;
  }

  /** Resolves when the stock is full, or can't be filled. */
  async fill(): Promise<void> {
    this.#wanted = true;
    const missing = SIZE - this.#ready.length - this.#starting;
    await Promise.all(Array.from({ length: missing }, () => this.#start()));
  }

  /** Fills it when what is starting now has started. */
  fillSoon(): void {
    this.#refill ??= setTimeout(() => {
      this.#refill = null;
      void this.fill();
    }, REFILL_AFTER_MS).unref();
  }

  /** Lets those that wait end. */
  empty(): void {
    this.#wanted = false;
    if (this.#refill !== null) clearTimeout(this.#refill);
    this.#refill = null;
    for (const { line } of this.#ready.splice(0)) line.destroy();
  }

  /** Lets a wrapper that waits run this command; null where there is none. */
  give(command: WrappedCommand, env: Readonly<Record<string, string>>): ChildProcess | null {
    const ready = this.#ready.pop();
    if (ready === undefined) return null;
    this.fillSoon();
    const { child, line, order } = ready;
    try {
      writeFileSync(order, orderFor(command, this.cwd, env), { mode: 0o600 });
    } catch {
      // A full disk: nothing is lost but the time of starting another.
      line.destroy();
      return null;
    }
    passOn(fifoOf(order), command.files.alive);
    line.end('\n');
    return child;
  }

  /** Resolves when it is ready, or can't be. */
  async #start(): Promise<void> {
    const order = join(this.#dir, randomUUID());
    const child = this.#spawn(order);
    if (child === null) return;
    this.#starting += 1;
    await this.#readiness(child, order);
    this.#starting -= 1;
  }

  /**
   * By Node.js itself, as in launch.ts: it outlives this program, and nothing of it is read but one byte. Null where the
   * system has no memory for it: some errors are thrown, others are events.
   */
  #spawn(order: string): ChildProcess | null {
    const { file, words } = readyCommand(order);
    try {
      const child = spawn(file, words, {
        cwd: this.cwd,
        detached: true,
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      child.unref();
      return child;
    } catch {
      return null;
    }
  }

  #readiness(child: ChildProcess, order: string): Promise<void> {
    return new Promise((resolve) => {
      child.once('error', () => resolve());
      // There is none where the system has no files left to open.
      const line = child.stdio?.[3];
      if (!(line instanceof Socket)) return;
      line.unref();
      line.on('error', () => {});
      line.once('data', () => {
        this.#ready.push({ child, line, order });
        if (!this.#wanted) line.destroy();
        resolve();
      });
      // It reads its order now, or has ended.
      line.once('close', () => {
        this.#forget(order);
        resolve();
      });
    });
  }

  #forget(order: string): void {
    const index = this.#ready.findIndex((ready) => ready.order === order);
    if (index !== -1) this.#ready.splice(index, 1);
    removeFile(order);
    removeFile(fifoOf(order));
  }
}

function fifoOf(order: string): string {
  return `${order}.alive`;
}

function passOn(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // A file system without FIFOs or links, an earlier wrapper's in its place: then the wrapper does without.
  }
  removeFile(from);
}

/** What can't be removed now goes when the stock is next made. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or its disk is.
  }
}
