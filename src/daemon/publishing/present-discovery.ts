import type { Discovery } from '../../homeassistant/discovery.ts';

/** Discovery of the instance that this installation is now: a copy that takes another one begins anew. */
export class PresentDiscovery {
  readonly #make: () => Discovery;
  #discovery: Discovery | undefined;
  #begun = false;
  /** The present instance is somebody else's, and no other is taken yet. */
  #nameless = false;

  constructor(make: () => Discovery) {
    this.#make = make;
  }

  /** It is known whether somebody else has this instance, and all jobs can be read. */
  start(): void {
    this.#begun = true;
    if (this.#nameless) return;
    this.#discovery = this.#make();
    this.#discovery.start();
  }

  /** The instance is somebody else's, and so is what stands of it: nothing is published until there is another one. */
  leave(): void {
    this.#nameless = true;
    this.#discovery?.leave();
    this.#discovery = undefined;
  }

  /** There is another instance. */
  instanceChanged(): void {
    this.#nameless = false;
    if (this.#begun) this.start();
  }

  jobChanged(id: string): void {
    this.#discovery?.jobChanged(id);
  }

  moveChanged(id: string): void {
    this.#discovery?.moveChanged(id);
  }

  bridgeChanged(): void {
    this.#discovery?.bridgeChanged();
  }

  stop(): void {
    this.#discovery?.stop();
  }
}
