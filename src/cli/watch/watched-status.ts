import type { StatusAnswer } from '../../control/protocol.ts';
import type { TriedAnswer } from '../ask-parsed.ts';
import type { Paint } from '../terminal/colour.ts';
import { statusLines } from '../status/status-lines.ts';
import type { Wish } from './keys.ts';
import { moved, page, type Size } from './page.ts';

/** The daemon is given up after it hasn't answered for so long, in milliseconds: less is a restart. */
const SILENT_MS = 5_000;

/** The status that was answered last, and what is seen of it. */
export class WatchedStatus {
  readonly #paint: Paint;
  #answer: StatusAnswer;
  #from = 0;
  /** Since when there is no answer, as of `performance.now()`, and why. */
  #silent: { since: number; message: string } | null = null;

  constructor(first: StatusAnswer, paint: Paint) {
    this.#answer = first;
    this.#paint = paint;
  }

  /** Takes an answer, or that there is none; returns why it is not worth going on, if that is so. */
  take(asked: TriedAnswer<StatusAnswer>, now: number): string | null {
    if (asked.ok) {
      this.#answer = asked.answer;
      this.#silent = null;
      return null;
    }
    this.#silent = { since: this.#silent?.since ?? now, message: asked.message };
    return asked.answers || now - this.#silent.since >= SILENT_MS ? asked.message : null;
  }

  /** A key was pressed. */
  move(wish: Wish, size: Size): void {
    this.#from = moved(this.#from, wish, this.#all(size).length, size);
  }

  /** What a screen of this size shows. */
  lines(size: Size): string[] {
    const all = this.#all(size);
    this.#from = moved(this.#from, null, all.length, size);
    return page(all, this.#from, this.#note(), size);
  }

  #all({ columns }: Size): string[] {
    return statusLines(this.#answer, { paint: this.#paint, bars: true, width: columns });
  }

  #note(): string {
    if (this.#silent !== null) return this.#paint(this.#silent.message, 'red');
    return this.#paint(`${new Date().toTimeString().slice(0, 8)}, q ends`, 'grey');
  }
}
