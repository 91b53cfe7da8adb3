import type { Components, Document } from './device-document.ts';

/** Removals beyond this number are forgotten, the oldest first: there may be no Home Assistant at all. */
const MAX_REMOVALS = 1_000;
/** What Home Assistant was told so long before it went it may not have written down any more, in milliseconds. */
const LAST_WORDS_MS = 60_000;

/**
 * What went, whole devices or some of their components, while Home Assistant may have been away. It keeps that for
 * ever then: it takes an end only of what it knows. So all that comes once more when it is there, to go again.
 */
export class Removals {
  /** The components that went, by their document's topic. */
  readonly #removals = new Map<string, Components>();
  /** Those of which it was told, each with when that was. */
  #told: { topic: string; lost: Components; at: number }[] = [];
  /** Topics on which something came once more, and what is to stand there again. */
  readonly #repeated = new Map<string, Document | null>();
  #homeAssistantIsThere = false;

  /** From an earlier run. */
  remember(topic: string, lost: Components): void {
    this.#removals.set(topic, lost);
  }

  /**
   * Home Assistant was told to give these components up.
   * @param now milliseconds of a clock that doesn't go back
   */
  removed(topic: string, lost: Components, now: number): void {
    const before = this.#removals.get(topic) ?? {};
    if (this.#homeAssistantIsThere) {
      this.#told = this.#told.filter(({ at }) => now - at < LAST_WORDS_MS);
      this.#told.push({ topic, lost, at: now });
      return this.#keep(topic, without(before, lost));
    }
    this.#keep(topic, { ...before, ...lost });
    for (const [oldest] of this.#removals) {
      if (this.#removals.size <= MAX_REMOVALS) break;
      this.#removals.delete(oldest);
    }
  }

  /** These components are there again. */
  published(topic: string, components: Components): void {
    this.#repeated.delete(topic);
    this.#told = this.#told.map((each) =>
      each.topic === topic ? { ...each, lost: without(each.lost, components) } : each,
    );
    const known = this.#removals.get(topic);
    if (known) this.#keep(topic, without(known, components));
  }

  /**
   * Nobody knows any more whether Home Assistant is there, nor whether it has taken in what it was told last.
   * @param now milliseconds of the clock of `removed`
   */
  homeAssistantLeft(now: number): void {
    this.#homeAssistantIsThere = false;
    for (const { topic, lost, at } of this.#told.splice(0))
      if (now - at < LAST_WORDS_MS) this.removed(topic, lost, now);
  }

  /**
   * Home Assistant is there: the documents that are to come once more. `wanted` is what is to stand on a topic,
   * `removal` that with the components in it that are only to go.
   */
  repeat(
    wanted: (topic: string) => Document | null,
    removal: (topic: string, lost: Components, wanted: Document | null) => Document,
  ): Document[] {
    this.#homeAssistantIsThere = true;
    return [...this.#removals].map(([topic, lost]) => {
      const document = wanted(topic);
      this.#repeated.set(topic, document);
      return removal(topic, lost, document);
    });
  }

  /** What is to stand from now on where something came once more. */
  settle(): [topic: string, wanted: Document | null][] {
    const repeated = [...this.#repeated];
    this.#repeated.clear();
    return repeated;
  }

  entries(): Iterable<[topic: string, lost: Components]> {
    return this.#removals;
  }

  #keep(topic: string, lost: Components): void {
    this.#removals.delete(topic);
    if (Object.keys(lost).length > 0) this.#removals.set(topic, lost);
  }
}

function without(components: Components, others: Components): Components {
  return Object.fromEntries(Object.entries(components).filter(([key, platform]) => others[key] !== platform));
}
