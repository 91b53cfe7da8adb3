/** An amount of something that is kept. */
export interface Amount {
  count: number;
  bytes: number;
}

const NONE: Amount = { count: 0, bytes: 0 };

/**
 * What all may keep together, of which one may keep at most as much as is left over: half of everything where it is
 * alone, and whoever comes later finds room too.
 */
export class SharedBudget {
  readonly #limit: Amount;
  readonly #owners = new Map<string, Amount>();
  readonly #total: Amount = { count: 0, bytes: 0 };

  constructor(limit: Amount) {
    this.#limit = limit;
  }

  /** Whether an owner may keep that much more. What becomes no more than it was always fits. */
  fits(owner: string, more: Amount): boolean {
    const own = this.#owners.get(owner) ?? NONE;
    const room = (of: keyof Amount) =>
      more[of] <= 0 || own[of] + more[of] <= this.#limit[of] - this.#total[of] - more[of];
    return room('count') && room('bytes');
  }

  /** Counts what an owner keeps more, or less. */
  add(owner: string, more: Amount): void {
    const own = this.#owners.get(owner) ?? { ...NONE };
    own.count += more.count;
    own.bytes += more.bytes;
    this.#total.count += more.count;
    this.#total.bytes += more.bytes;
    if (own.count <= 0) this.#owners.delete(owner);
    else this.#owners.set(owner, own);
  }
}
