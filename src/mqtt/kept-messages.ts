import type { Kept } from './outgoing.ts';
import type { Publication } from './session.ts';

/** Messages for others that are kept until the broker has them, however many connections that takes. */
export class KeptMessages {
  readonly #kept = new Map<string, Kept>();

  get length(): number {
    return this.#kept.size;
  }

  /** `delivered` is called once, when the broker has it, or has refused it. */
  add(id: string, message: Omit<Publication, 'retain'>, delivered: () => void): Kept {
    const kept: Kept = {
      kind: 'kept',
      message: { ...message, retain: false },
      isOver: false,
      done: () => {
        if (kept.isOver) return;
        this.remove(id);
        delivered();
      },
    };
    this.#kept.set(id, kept);
    return kept;
  }

  /** It isn't to be sent any more. */
  remove(id: string): void {
    const kept = this.#kept.get(id);
    if (kept) kept.isOver = true;
    this.#kept.delete(id);
  }

  /** All that wait, oldest first. */
  all(): Iterable<Kept> {
    return this.#kept.values();
  }
}
