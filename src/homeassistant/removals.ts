import type { Components, Document } from './documents.ts';

/** Graves beyond this number are forgotten, the oldest first: there may be no Home Assistant at all. */
const MAX_GRAVES = 1_000;

/**
 * What went, whole devices or some of their components, while Home Assistant may have been away. It keeps that for
 * ever then: it takes an end only of what it knows. So all that comes once more when it is there, to go again.
 */
export class Graves {
  /** The components that went, by their document's topic. */
  readonly #graves = new Map<string, Components>();
  /** Topics on which something came once more, and what is to stand there again. */
  readonly #risen = new Map<string, Document | null>();
  #attended = false;

  /** From an earlier run. */
  remember(topic: string, lost: Components): void {
    this.#graves.set(topic, lost);
  }

  /** Home Assistant was told to give these components up. */
  buried(topic: string, lost: Components): void {
    const before = this.#graves.get(topic) ?? {};
    if (this.#attended) return this.#keep(topic, without(before, lost));
    this.#keep(topic, { ...before, ...lost });
    for (const [oldest] of this.#graves) {
      if (this.#graves.size <= MAX_GRAVES) break;
      this.#graves.delete(oldest);
    }
  }

  /** These components are there again. */
  revived(topic: string, components: Components): void {
    this.#risen.delete(topic);
    const grave = this.#graves.get(topic);
    if (grave) this.#keep(topic, without(grave, components));
  }

  /** Nobody knows any more whether Home Assistant is there. */
  unattended(): void {
    this.#attended = false;
  }

  /**
   * Home Assistant is there: the documents that are to come once more. `wanted` is what is to stand on a topic,
   * `ghost` that with the components in it that are only to go.
   */
  rise(
    wanted: (topic: string) => Document | null,
    ghost: (topic: string, lost: Components, wanted: Document | null) => Document,
  ): Document[] {
    this.#attended = true;
    return [...this.#graves].map(([topic, lost]) => {
      const document = wanted(topic);
      this.#risen.set(topic, document);
      return ghost(topic, lost, document);
    });
  }

  /** What is to stand from now on where something rose. */
  rest(): [topic: string, wanted: Document | null][] {
    const risen = [...this.#risen];
    this.#risen.clear();
    return risen;
  }

  entries(): Iterable<[topic: string, lost: Components]> {
    return this.#graves;
  }

  #keep(topic: string, lost: Components): void {
    this.#graves.delete(topic);
    if (Object.keys(lost).length > 0) this.#graves.set(topic, lost);
  }
}

function without(components: Components, others: Components): Components {
  return Object.fromEntries(Object.entries(components).filter(([key, platform]) => others[key] !== platform));
}
