/** A connection that holds packets. */
interface Holder {
  readonly address: string;
  destroy(): unknown;
}

/**
 * What the packets of all clients take that are unfinished or not yet handed on. Where it is more than may be, the
 * connection that holds most goes.
 */
export class HeldBytes {
  readonly #limit: number;
  readonly #dropped: (address: string) => void;
  readonly #held = new Map<Holder, number>();
  #total = 0;

  /** `dropped` is told where each one that went is from. */
  constructor(limit: number, dropped: (address: string) => void) {
    this.#limit = limit;
    this.#dropped = dropped;
  }

  /** How much a connection holds now, in bytes. */
  set(holder: Holder, bytes: number): void {
    this.#total += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
    while (this.#total > this.#limit) this.#dropLargest();
  }

  #dropLargest(): void {
    let [largest, most]: [Holder | undefined, number] = [undefined, 0];
    for (const [holder, bytes] of this.#held) if (bytes > most) [largest, most] = [holder, bytes];
    if (!largest) return;
    this.#held.delete(largest);
    this.#total -= most;
    largest.destroy();
    this.#dropped(largest.address);
  }
}
