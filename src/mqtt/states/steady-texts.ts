/** A sentence is shown anew so often at most while what it tells of stays the same, in milliseconds (contract, section 6). */
const RENEWED_MS = 10 * 60_000;

interface Shown {
  about: string;
  text: string;
  /** When it was last another one. */
  changedAt: number;
  timer?: NodeJS.Timeout | undefined;
}

/** Sentences with numbers that change all the time: each change is a row for those who record them. */
export class SteadyTexts {
  readonly #renew: (id: string) => void;
  readonly #shown = new Map<string, Shown>();

  /** `renew` gets the id of what is to be looked at again, once its time has come. */
  constructor(renew: (id: string) => void) {
    this.#renew = renew;
  }

  /**
   * The text to show of something.
   * @param about what it tells of: with another one the text is shown at once
   * @param now by `performance.now()`
   */
  show(id: string, about: string, text: string, now: number): string {
    const shown = this.#shown.get(id);
    if (shown?.about === about && shown.text === text) return text;
    if (shown?.about === about && now < shown.changedAt + RENEWED_MS) {
      shown.timer ??= setTimeout(
        () => {
          shown.timer = undefined;
          this.#renew(id);
        },
        shown.changedAt + RENEWED_MS - now,
      ).unref();
      return shown.text;
    }
    this.delete(id);
    this.#shown.set(id, { about, text, changedAt: now });
    return text;
  }

  delete(id: string): void {
    clearTimeout(this.#shown.get(id)?.timer);
    this.#shown.delete(id);
  }

  stop(): void {
    for (const id of [...this.#shown.keys()]) this.delete(id);
  }
}
