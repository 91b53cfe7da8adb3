import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import {
  beginSynchronizedOutput,
  cursorHide,
  cursorShow,
  cursorTo,
  endSynchronizedOutput,
  enterAlternativeScreen,
  eraseDown,
  eraseEndLine,
  exitAlternativeScreen,
} from 'ansi-escapes';

/**
 * A terminal's second screen, drawn whole each time: what stood on the first is there again afterwards, and no size or
 * resize leaves anything behind. (log-update draws in place, below what is there: it can't take back lines that have
 * left a small terminal, nor those that a resize has wrapped. Whole toolkits such as Ink, which is React, are larger
 * than this program.)
 */
export class Screen {
  readonly #out: WriteStream & { fd: number };
  /** Where keys come from; without a terminal there are none. */
  readonly keys: ReadStream | null;
  #open = false;

  constructor(out: WriteStream & { fd: number }, keys: ReadStream | null) {
    this.#out = out;
    this.keys = keys;
    // However this program ends but by SIGKILL.
    process.on('exit', () => this.close());
  }

  get columns(): number {
    return this.#out.columns || 80;
  }

  get rows(): number {
    return this.#out.rows || 24;
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.keys?.setRawMode(true);
    this.#out.write(`${enterAlternativeScreen}${cursorHide}`);
  }

  /** Shows these lines, which fit, from the top. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const text = lines.map((line) => `${line}${eraseEndLine}`).join('\r\n');
    this.#out.write(`${beginSynchronizedOutput}${cursorTo(0, 0)}${text}${eraseDown}${endSynchronizedOutput}`);
  }

  /** The terminal as it was before. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      // Written at once: at the end of a process nothing waits for a stream.
      writeSync(this.#out.fd, `${endSynchronizedOutput}${cursorShow}${exitAlternativeScreen}`);
      this.keys?.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  }
}
