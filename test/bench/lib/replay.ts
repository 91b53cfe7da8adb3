import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a recorded k32 log into many files, so many lines a second in each, from a place of its own in each. */
export class Replay {
  readonly #lines: readonly Buffer[];
  readonly #files: { fd: number; next: number }[];
  written = 0;

  constructor(root: string, files: readonly string[]) {
    const text = readFileSync(join(root, 'test/fixtures/plotters/k32/chia.log'), 'utf8');
    this.#lines = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Buffer.from(`${line}\n`));
    this.#files = files.map((file, index) => {
      const fd = openSync(file, 'a');
      return { fd, next: Math.floor((index / files.length) * (this.#lines.length * 0.6)) };
    });
  }

  /** Writes what a real log has before its place, one file after the other: no plotters say all this at once. */
  async begin(): Promise<void> {
    for (const { fd, next } of this.#files) {
      writeSync(fd, Buffer.concat(this.#lines.slice(0, next)));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Goes on for so long. Lines are spread over each second, not written in one burst. */
  async run(seconds: number, perSecond: number): Promise<void> {
    const total = Math.round(seconds * perSecond * this.#files.length);
    const rate = perSecond * this.#files.length;
    const began = performance.now();
    for (let done = 0; done < total; ) {
      const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
      for (; done < due; done += 1) this.#write(done % this.#files.length);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Closes each log with a line of its own. */
  end(text: (index: number) => string): void {
    for (const [index, { fd }] of this.#files.entries()) {
      writeSync(fd, `${text(index)}\n`);
      closeSync(fd);
    }
  }

  #write(index: number): void {
    const file = this.#files[index];
    const line = file && this.#lines[file.next % this.#lines.length];
    if (!file || !line) return;
    writeSync(file.fd, line);
    file.next += 1;
    this.written += 1;
  }
}
