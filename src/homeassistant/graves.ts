import type { Components, Document } from './documents.ts';

/** Graves beyond this number are forgotten, the oldest first: there may be no Home Assistant at all. */
const MAX_GRAVES = 1_000;

/**
 * Devices whose document was cleared while Home Assistant may have been away. It keeps them for ever then: it takes
 * the end of a device only from a document that it knows. So they come once more when it is there, to go again.
 */
export class Graves {
  readonly #graves = new Map<string, Components>();
  readonly #risen = new Set<string>();
  readonly #documentOf: (topic: string, components: Components) => Document;
  #attended = false;

  /** `documentOf` makes a document for what is only to go. */
  constructor(documentOf: (topic: string, components: Components) => Document) {
    this.#documentOf = documentOf;
  }

  /** An earlier run has cleared a document. */
  remember(topic: string, components: Components): void {
    this.#graves.set(topic, components);
  }

  /** A document is cleared. */
  cleared(topic: string, components: Components): void {
    this.#graves.delete(topic);
    if (this.#attended) return;
    this.#graves.set(topic, components);
    for (const [oldest] of this.#graves) {
      if (this.#graves.size <= MAX_GRAVES) break;
      this.#graves.delete(oldest);
    }
  }

  /** There is a device again. */
  revived(topic: string): void {
    this.#graves.delete(topic);
    this.#risen.delete(topic);
  }

  /** Nobody knows any more whether Home Assistant is there. */
  unattended(): void {
    this.#attended = false;
  }

  /** Home Assistant is there: the documents that are to come once more. */
  rise(): Document[] {
    this.#attended = true;
    return [...this.#graves].map(([topic, components]) => {
      this.#risen.add(topic);
      return this.#documentOf(topic, components);
    });
  }

  /** The topics of those that rose, and are to go again. */
  bury(): string[] {
    const topics = [...this.#risen];
    this.#risen.clear();
    return topics;
  }

  entries(): Iterable<[topic: string, components: Components]> {
    return this.#graves;
  }
}
