import type { Components, Document } from './device-document.ts';

/** What stands on a topic. */
export interface Standing {
  /** `null`: it goes out again even if it is the same. */
  payload: string | null;
  components: Components;
  /** Those of the components that were taken back, so that they can be left out. */
  stubs: Components;
  /** The one of a run whose documents were others. */
  old: boolean;
}

/** What is to stand, and what stands, on one topic. */
export interface Entry {
  readonly topic: string;
  readonly depth: number;
  readonly parent: string | null;
  /** The topic of the device's first part, which is mostly its own. */
  readonly main: string;
  wanted: Document | null;
  standing: Standing | null;
  /** What the last step was about, where the broker must have it before the next one. */
  unconfirmed: Components | null;
  /** The earliest time of the next step. */
  readyAt: number;
  /** When a document was last replaced by another one. */
  changedAt: number;
  /** What its user deleted in Home Assistant: it is not published again until it is another. */
  deleted: string | null;
}

/** What goes first, children before parents, then what comes, parents before children. */
export function inOrder(entries: Iterable<Entry>): Entry[] {
  const rank = ({ wanted, depth }: Entry) => (wanted ? depth : -1 - depth);
  return [...entries].sort((one, other) => rank(one) - rank(other));
}

/** Those that stand and are not wanted any more, or under another platform, and were not taken back yet. */
export function lostComponents(standing: Standing | null, wanted: Components): Components {
  const lost = Object.entries(standing?.components ?? {}).filter(
    ([key, platform]) => wanted[key] !== platform && standing?.stubs[key] !== platform,
  );
  return Object.fromEntries(lost);
}

/** A document with fewer components: without those of these keys. */
export function withoutComponents(document: Document, keys: ReadonlySet<string>): Document {
  const without = <Value>(all: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => !keys.has(key)));
  return {
    topic: document.topic,
    components: without(document.components),
    payload: (linked) => {
      const content: { components: object } = JSON.parse(document.payload(linked));
      return JSON.stringify({ ...content, components: without({ ...content.components }) });
    },
  };
}

/** Home Assistant removes a component that has nothing but its platform; one that is left out, it keeps. */
export function withStubs(payload: string, lost: Components): string {
  const document: { components: object } = JSON.parse(payload);
  const stubs = Object.entries(lost).map(([key, platform]) => [key, { platform }]);
  return JSON.stringify({
    ...document,
    components: { ...document.components, ...Object.fromEntries(stubs) },
  });
}
