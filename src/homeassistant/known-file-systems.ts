import type { ShownFileSystem } from './entities/file-systems.ts';

/** So long a file system that went keeps its entities, in days (contract, section 6). */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** Behind all that are there, so that its entities find none. */
const NOWHERE = 1_000;

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
    const gone = [...this.#days.keys()].filter((path) => !there.has(path));
    return [...present, ...gone.map((path) => ({ path, shown: mask(path), nth: NOWHERE }))];
  }

  days(): Record<string, number> {
    return Object.fromEntries(this.#days);
  }
}
