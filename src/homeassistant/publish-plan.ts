import type { Components, Document } from './device-document.ts';
import { depthOf, parentTopic, partOf } from './ids.ts';
import {
  type Entry,
  inOrder,
  lostComponents,
  type Standing,
  withoutComponents,
  withStubs,
} from './publish-entry.ts';
import { SiblingParts } from './sibling-parts.ts';

/**
 * Two documents of one device are at least so far apart: a Home Assistant that has just started is at work on the
 * first for a while, and drops what comes meanwhile.
 */
export const GAP_MS = 2_000;
/**
 * Nothing goes so soon after something came: Home Assistant 2026.11 loses subscriptions of others when an entity goes
 * whose own, of a wildcard, is still to be made.
 */
export const SETTLE_MS = 5_000;
/** Home Assistant says that it is up some seconds after it began; what changed since may have been dropped. */
const BIRTH_MS = 60_000;

/** Something to hand to the broker. An empty payload clears. */
export interface Step {
  topic: string;
  payload: string;
  /** Goes out although the same was published before. */
  again: boolean;
  /** `confirmed` is to be called once the broker has it. */
  confirm: boolean;
  /** The components that Home Assistant is to give up by this step. */
  lost: Components;
}

/**
 * Which documents to publish and to clear, and when: the rules, without a clock or a broker. Times are milliseconds
 * on any clock that doesn't go back.
 */
export class PublishPlan {
  readonly #entries = new Map<string, Entry>();
  /** Those where something may have to be done. */
  readonly #open = new Set<Entry>();
  readonly #siblings = new SiblingParts();
  /** How many documents stand whose device is reached through this one's. */
  readonly #children = new Map<string, number>();
  #lastNew = Number.NEGATIVE_INFINITY;

  /** A document that an earlier run has published; `old`: it may have been another than today's. */
  remember(topic: string, components: Components, old: boolean): void {
    const entry = this.#entry(topic);
    this.#stand(entry, { payload: null, components, stubs: {}, old });
    this.#open.add(entry);
  }

  /** This document is to stand. */
  want(document: Document): void {
    const entry = this.#entry(document.topic);
    entry.wanted = document;
    this.#open.add(entry);
  }

  /** Nothing is to stand here any more. */
  unwant(topic: string): void {
    const entry = this.#entries.get(topic);
    if (!entry) return;
    entry.wanted = null;
    entry.deleted = null;
    this.#open.add(entry);
  }

  /** The document that is to stand on a topic. */
  wanted(topic: string): Document | null {
    return this.#entries.get(topic)?.wanted ?? null;
  }

  /** Of components that a part of a device gives up, those that no other part of it takes over. */
  leaving(topic: string, lost: Components): Components {
    const entry = this.#entries.get(topic);
    return entry ? this.#siblings.leaving(entry, lost) : lost;
  }

  /** What is to be done now, in order, and when to look again (`null`: when something changes). */
  take(now: number): { steps: Step[]; next: number | null } {
    const steps: Step[] = [];
    let next: number | null = null;
    let moving = false;
    for (const entry of inOrder(this.#open)) {
      if (entry.unconfirmed) continue;
      const goes = entry.standing && !entry.wanted;
      const readyAt = goes ? Math.max(entry.readyAt, this.#lastNew + SETTLE_MS) : entry.readyAt;
      if (now < readyAt) {
        next = Math.min(next ?? readyAt, readyAt);
        continue;
      }
      const withheld = this.#siblings.standingElsewhere(entry);
      const step = entry.wanted ? this.#publish(entry, entry.wanted, withheld, now) : this.#clear(entry);
      if (withheld.size > 0) moving = true;
      if (step === 'wait' || (step === 'done' && withheld.size > 0)) continue;
      if (step === 'done') {
        this.#open.delete(entry);
        continue;
      }
      steps.push(step);
      entry.readyAt = now + GAP_MS;
      entry.unconfirmed = step.confirm ? step.lost : null;
      if (!step.confirm && withheld.size === 0) this.#open.delete(entry);
    }
    // A part that was looked at before may take over now what one behind it has just given up.
    if (moving && steps.length > 0) next = Math.min(next ?? Number.POSITIVE_INFINITY, now + GAP_MS);
    return { steps, next };
  }

  /** The broker has what was to be confirmed. */
  confirmed(topic: string, now: number): void {
    const entry = this.#entries.get(topic);
    if (!entry?.unconfirmed) return;
    entry.unconfirmed = null;
    entry.readyAt = now + GAP_MS;
  }

  /** Somebody else has cleared a topic. Returns whether our document stood there: it is to be forgotten then. */
  clearedByOthers(topic: string): boolean {
    const entry = this.#entries.get(topic);
    if (!entry?.standing || entry.unconfirmed || !entry.wanted) return false;
    entry.deleted = entry.wanted.payload(true);
    this.#stand(entry, null);
    return true;
  }

  /** Home Assistant has come up: what changed just before goes out once more. */
  born(now: number): void {
    for (const entry of this.#entries.values()) {
      if (!entry.standing || now - entry.changedAt > BIRTH_MS) continue;
      entry.changedAt = Number.NEGATIVE_INFINITY;
      this.#stand(entry, { ...entry.standing, payload: null });
      this.#open.add(entry);
    }
  }

  /** What may stand at the broker, parents first. */
  *standing(): Generator<[topic: string, components: Components]> {
    for (const entry of this.#entries.values())
      if (entry.standing || entry.unconfirmed)
        yield [entry.topic, entry.standing?.components ?? entry.unconfirmed ?? {}];
  }

  #publish(
    entry: Entry,
    whole: Document,
    withheld: ReadonlySet<string>,
    now: number,
  ): Step | 'wait' | 'done' {
    const wanted = withheld.size === 0 ? whole : withoutComponents(whole, withheld);
    if (withheld.size > 0 && Object.keys(wanted.components).length === 0 && !entry.standing) return 'wait';
    const parent = entry.parent === null ? undefined : this.#entries.get(entry.parent);
    // The parent is about to come: its children are linked to it then.
    if (parent?.wanted && !parent.standing && parent.deleted === null) return 'wait';
    if (entry.deleted !== null && entry.deleted === whole.payload(true)) return 'done';
    const { topic, standing } = entry;
    // Home Assistant makes a device without a name for a link to one that it doesn't know.
    const payload = wanted.payload(Boolean(parent?.standing));
    if (payload === standing?.payload) return 'done';
    const stubs = lostComponents(standing, wanted.components);
    const confirm = Object.keys(stubs).length > 0;
    const components = confirm ? { ...wanted.components, ...stubs } : wanted.components;
    const sent = confirm ? withStubs(payload, stubs) : payload;
    if (standing && (standing.old || standing.payload !== null)) entry.changedAt = now;
    entry.deleted = null;
    if (!standing) this.#lastNew = now;
    this.#stand(entry, { payload: sent, components, stubs, old: false });
    return { topic, payload: sent, again: standing?.payload === null, confirm, lost: stubs };
  }

  #clear(entry: Entry): Step | 'wait' | 'done' {
    const { topic, standing } = entry;
    if (!standing) {
      this.#entries.delete(topic);
      this.#siblings.delete(entry);
      return 'done';
    }
    if ((this.#children.get(topic) ?? 0) > 0) return 'wait';
    this.#stand(entry, null);
    return { topic, payload: '', again: false, confirm: true, lost: standing.components };
  }

  #entry(topic: string): Entry {
    let entry = this.#entries.get(topic);
    if (!entry) {
      entry = {
        topic,
        depth: depthOf(topic),
        parent: parentTopic(topic),
        main: partOf(topic).main,
        wanted: null,
        standing: null,
        unconfirmed: null,
        readyAt: Number.NEGATIVE_INFINITY,
        changedAt: Number.NEGATIVE_INFINITY,
        deleted: null,
      };
      this.#entries.set(topic, entry);
      this.#siblings.add(entry);
    }
    return entry;
  }

  #stand(entry: Entry, standing: Standing | null): void {
    const change = Number(standing !== null) - Number(entry.standing !== null);
    entry.standing = standing;
    if (change === 0 || entry.parent === null) return;
    this.#children.set(entry.parent, (this.#children.get(entry.parent) ?? 0) + change);
  }
}
