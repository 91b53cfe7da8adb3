import type { Components } from './device-document.ts';
import type { Entry } from './publish-entry.ts';

/** Which documents are parts of one device. */
export class SiblingParts {
  /** By the topic of the first part. */
  readonly #parts = new Map<string, Set<Entry>>();

  add(entry: Entry): void {
    const parts = this.#parts.get(entry.main) ?? new Set();
    this.#parts.set(entry.main, parts.add(entry));
  }

  delete(entry: Entry): void {
    const parts = this.#parts.get(entry.main);
    parts?.delete(entry);
    if (parts?.size === 0) this.#parts.delete(entry.main);
  }

  /**
   * Components that are to be in this part and still stand in another one: until they went from there Home Assistant
   * refuses them here, and would know them no more once they did.
   */
  standingElsewhere(entry: Entry): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const { standing, unconfirmed } of this.#others(entry))
      for (const key of Object.keys({ ...standing?.components, ...unconfirmed }))
        if (entry.wanted?.components[key] !== undefined) keys.add(key);
    return keys;
  }

  /** Of components that a part gives up, those that no other part takes over. */
  leaving(entry: Entry, lost: Components): Components {
    const others = this.#others(entry);
    const isTaken = (key: string) => others.some(({ wanted }) => wanted?.components[key] !== undefined);
    return Object.fromEntries(Object.entries(lost).filter(([key]) => !isTaken(key)));
  }

  #others(entry: Entry): Entry[] {
    return [...(this.#parts.get(entry.main) ?? [])].filter((other) => other !== entry);
  }
}
