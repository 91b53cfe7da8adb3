import type { Outbox } from './sending/outbox.ts';

/** `B/bridge/state` on this connection: `online` is the last word, and stays said (contract, section 4). */
export class OnlineState {
  readonly topic: string;
  readonly #outbox: Pick<Outbox, 'retain' | 'forget' | 'barrier'>;
  /** `online` was said on this connection. */
  #online = false;

  constructor(topic: string, outbox: Pick<Outbox, 'retain' | 'forget' | 'barrier'>) {
    this.topic = topic;
    this.#outbox = outbox;
  }

  /** Says `online` once all that was handed over before is with the broker, then calls back. */
  sayOnline(said: () => void): void {
    this.#outbox.barrier(() => {
      this.#outbox.retain(this.topic, 'online');
      this.#online = true;
      said();
    });
  }

  /** From now on nothing is contradicted. */
  ends(): void {
    this.#online = false;
  }

  /** Says `offline`; calls back once the broker has it. */
  sayOffline(said: () => void): void {
    this.#outbox.retain(this.topic, 'offline');
    this.#outbox.barrier(said);
  }

  /** `online` is said again on the next connection only when all else stands there. */
  disconnected(): void {
    this.#outbox.forget(this.topic);
  }

  /**
   * The will of a connection that was given up: a broker that didn't notice keeps it until keep-alive runs out, and
   * says it after we are back.
   */
  contradict(state: string): void {
    if (state !== 'offline' || !this.#online) return;
    this.#outbox.forget(this.topic);
    this.#outbox.retain(this.topic, 'online');
  }
}
