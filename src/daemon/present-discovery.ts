import type { Discovery } from '../homeassistant/discovery.ts';
import type { ShownDirectory } from '../homeassistant/entities/bridge.ts';

/** Discovery of the instance that this installation is now: a copy that takes another one begins anew. */
export class PresentDiscovery {
  readonly #make: () => Discovery;
  #discovery: Discovery | undefined;

  constructor(make: () => Discovery) {
    this.#make = make;
  }

  /** Nobody else has this instance, and all jobs can be read. */
  start(): void {
    this.#discovery = this.#make();
    this.#discovery.start();
  }

  /** The instance is another one; what stands of the former belongs to somebody else. */
  instanceChanged(): void {
    if (!this.#discovery) return;
    this.#discovery.leave();
    this.start();
  }

  jobChanged(id: string): void {
    this.#discovery?.jobChanged(id);
  }

  directoriesChanged(directories: readonly ShownDirectory[]): void {
    this.#discovery?.directoriesChanged(directories);
  }

  stop(): void {
    this.#discovery?.stop();
  }
}
