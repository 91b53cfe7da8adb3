import { randomBytes } from 'node:crypto';
import { writeOwner } from '../../storage/instance.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';

/** A random id for an installation. */
export const newInstance = () => randomBytes(6).toString('hex');

export interface RenewalOptions {
  dataDir: string;
  /** The instance as the state has it. */
  instance(): string;
  /** Has the state take another one, which may have to wait: for the start, or for the disk. */
  take(instance: string): void;
  /** Another daemon has the present instance: nothing more may be published for it. */
  leave(): void;
  /** The state has the new one. */
  changed(): void;
  log: Logger;
}

/** Gives a copied `data_dir` an instance of its own. All that says who it is says so once the state does. */
export class Renewal {
  readonly #options: RenewalOptions;
  /** What the state is to take and hasn't yet. */
  #next: { instance: string; whenTaken: () => void } | null = null;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Takes a new instance, where that isn't on its way already; calls back once the state has it. */
  begin(whenTaken: () => void): void {
    if (this.#next !== null) return;
    const instance = newInstance();
    this.#next = { instance, whenTaken };
    this.#options.leave();
    this.#options.take(instance);
  }

  /** To be called after each step that was written down. */
  look(): void {
    const { dataDir, instance, changed, log } = this.#options;
    if (this.#next === null || this.#next.instance !== instance()) return;
    const { whenTaken } = this.#next;
    this.#next = null;
    try {
      writeOwner(dataDir, { instance: instance(), data_dir: dataDir });
    } catch (error) {
      // The next start does it.
      log.warn(`the new instance is in the state alone: ${messageOf(error)}`);
    }
    changed();
    whenTaken();
  }
}
