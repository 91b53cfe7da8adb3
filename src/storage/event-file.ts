import { closeSync, createReadStream, fstatSync, openSync } from 'node:fs';
import { codeOf, messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { cutHead } from './cut-head.ts';
import { openHistory } from './history.ts';
import { streamLines } from './stream-lines.ts';

/** Lines that wait for a disk that takes nothing; beyond them the oldest go. */
const MAX_WAITING = 20_000;
/** The file is no longer than this, in bytes; where it would be, the oldest lines go, a quarter of them at once. */
const MAX_BYTES = 64 * 1024 * 1024;
const KEPT_BYTES = 48 * 1024 * 1024;
/** A disk that takes nothing is tried again so often, in milliseconds. */
const RETRY_MS = 30_000;

/** All lines there were at one moment. */
export interface PastLines extends AsyncIterable<string> {
  /** To be called where they aren't read. */
  close(): void;
}

/**
 * A file of one line of JSON for each event, oldest first, that is cut at its head. What is added is written at the end
 * of the turn, all of it at once; while the disk takes nothing it waits in memory.
 */
export class EventFile {
  readonly #file: string;
  readonly #log: Logger;
  readonly #mayWrite: () => boolean;
  #waiting: string[] = [];
  #lost = 0;
  #turn: NodeJS.Immediate | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failing = false;
  #cutting: Promise<void> | null = null;
  #cutFrom = 0;

  /** `mayWrite`: whether the disk has room for this; asked each time, `flush` is to be called when it has again. */
  constructor(file: string, log: Logger, mayWrite: () => boolean = () => true) {
    this.#file = file;
    this.#log = log;
    this.#mayWrite = mayWrite;
  }

  add(lines: readonly string[]): void {
    this.#waiting.push(...lines);
    const excess = this.#waiting.length - MAX_WAITING;
    if (excess > 0) this.#lost += this.#waiting.splice(0, excess).length;
    if (this.#retry === null) this.#turn ??= setImmediate(() => this.flush());
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
    if (this.#waiting.length === 0 || !this.#mayWrite()) return;
    try {
      const bytes = openHistory(this.#file).append(this.#waiting);
      this.#waiting = [];
      this.#goesOn();
      if (bytes > MAX_BYTES && performance.now() >= this.#cutFrom) void this.cut(() => false);
    } catch (error) {
      this.#fails(messageOf(error));
    }
  }

  #goesOn(): void {
    if (this.#failing)
      this.#log.info(
        `events.jsonl can be written again${this.#lost === 0 ? '' : `; ${this.#lost} events are missing in it`}`,
      );
    this.#failing = false;
    this.#lost = 0;
  }

  #fails(why: string): void {
    if (!this.#failing) this.#log.error(`events.jsonl can't be written, its lines are kept: ${why}`);
    this.#failing = true;
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.flush();
    }, RETRY_MS);
  }

  /** Writes what waits, and is not tried again. */
  stop(): void {
    this.flush();
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  /**
   * The lines there are now, those that wait too; what is added later is not among them. Throws the system's error where
   * the file can't be read; one that isn't there has no lines.
   */
  past(): PastLines {
    const waiting = [...this.#waiting];
    const fd = openIfThere(this.#file);
    if (fd === null) return { [Symbol.asyncIterator]: () => every(waiting), close: () => {} };
    const { size } = fstatSync(fd);
    if (size === 0) {
      closeSync(fd);
      return { [Symbol.asyncIterator]: () => every(waiting), close: () => {} };
    }
    const stream = createReadStream(this.#file, { fd, start: 0, end: size - 1 });
    return { [Symbol.asyncIterator]: () => both(stream, waiting), close: () => stream.destroy() };
  }

  /** Cuts off lines at the head, as long as they are old, or the file is too long. */
  cut(isOld: (line: string) => boolean): Promise<void> {
    this.flush();
    this.#cutting ??= cutHead(this.#file, { isOld, most: MAX_BYTES, kept: KEPT_BYTES })
      .catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return;
        this.#log.warn(`old lines of events.jsonl stay: ${messageOf(error)}`);
        this.#cutFrom = performance.now() + RETRY_MS;
      })
      .finally(() => {
        this.#cutting = null;
      });
    return this.#cutting;
  }
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function* every(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

async function* both(stream: ReturnType<typeof createReadStream>, waiting: readonly string[]) {
  yield* streamLines(stream);
  yield* waiting;
}
