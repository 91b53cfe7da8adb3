import type { UsedRoom } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import { stillTakesRoom } from '../../engine/starting/room.ts';
import { usedBy } from '../effects/used-room.ts';
import { within } from '../effects/within.ts';

/** What takes longer is shown at the next look. */
const SHOWN_WITHIN_MS = 500;
/** A disk that takes longer is away. */
const TIMEOUT_MS = 5_000;
/** A plotter has hundreds of temporary files: looking at them all takes no more than this share of the time. */
const SHARE_OF_TIME = 1 / 200;

/** What workers in flight have taken of the disks, as it was last measured: worker by worker, and seldom enough. */
export class RoomTaken {
  readonly #state: State;
  #used: ReadonlyMap<string, UsedRoom> = new Map();
  #notBefore = Number.NEGATIVE_INFINITY;
  /** A look is under way, or hangs on a disk that is away. */
  #isLooking = false;

  constructor(state: State) {
    this.#state = state;
  }

  /** By worker; those that were never measured are missing. Never rejects. */
  async look(): Promise<ReadonlyMap<string, UsedRoom>> {
    if (!this.#isLooking && performance.now() >= this.#notBefore)
      await within(SHOWN_WITHIN_MS, this.#measure());
    return this.#used;
  }

  async #measure(): Promise<void> {
    this.#isLooking = true;
    const began = performance.now();
    const workers = [...this.#state.workers.values()].filter(stillTakesRoom);
    const used = new Map(this.#used);
    for (const worker of workers) {
      // A call on a dead disk can't be cancelled: none follows it until it ends.
      const found = await usedBy(worker, this.#state).catch(() => null);
      if (found !== null) used.set(worker.id, found);
      if (performance.now() - began > TIMEOUT_MS) break;
    }
    this.#used = new Map([...used].filter(([id]) => this.#state.workers.has(id)));
    const took = performance.now() - began;
    this.#notBefore = began + took / SHARE_OF_TIME;
    this.#isLooking = false;
  }
}
