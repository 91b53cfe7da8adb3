import type { ShownFileSystem } from './entities/file-systems.ts';

/** So long a file system that went keeps its entities, in days (contract, section 6). */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/** File systems that are or were there, by mount point, each with the day on which it was last seen. */
export class KnownFileSystems {
  readonly #days: Map<string, number>;

  /** @param days those of an earlier run, in days since 1970 */
  constructor(days: Readonly<Record<string, number>> = {}) {
    this.#days = new Map(Object.entries(days));
  }

  /**
   * Those to be shown: what is there, and what went not long ago.
   * @param now milliseconds since 1970
   * @param mask hides what is secret in a path
   */
  with(present: readonly ShownFileSystem[], now: number, mask: (path: string) => string): ShownFileSystem[] {
    const today = Math.floor(now / DAY_MS);
    const there = new Set(present.map(({ path }) => path));
    for (const path of there) this.#days.set(path, today);
    for (const [path, day] of this.#days) if (today - day > KEPT_DAYS) this.#days.delete(path);
    const all = [...present];
    for (const path of this.#days.keys()) {
      if (there.has(path)) continue;
      // Behind those that look like it. Mostly that is the place that it has when it is back: its entities stay as they are.
      const shown = mask(path);
      all.push({ path, shown, nth: all.filter((other) => other.shown === shown).length });
    }
    return all;
  }

  days(): Record<string, number> {
    return Object.fromEntries(this.#days);
  }
}
