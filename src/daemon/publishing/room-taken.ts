import type { UsedRoom } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { stillTakesRoom } from '../../engine/starting/places/remaining-room.ts';
import { usedBy } from '../effects/used-room.ts';
import { within } from '../effects/within.ts';

/** What takes longer is shown at the next look. */
const SHOWN_WITHIN_MS = 500;
/** After so long the rest waits for the next look. */
const ENOUGH_MS = 5_000;
/** A plotter has hundreds of temporary files: looking at them all takes no more than this share of the time. */
const SHARE_OF_TIME = 1 / 200;
/** A worker is measured so often, and when it has come to another stage: an idle daemon has its rest. */
const ANEW_MS = 300_000;

interface Taken {
  used: UsedRoom;
  at: number;
  leaf: number;
}

/** What workers in flight have taken of the disks, as it was last measured: worker by worker, and seldom enough. */
export class RoomTaken {
  readonly #state: State;
  readonly #measure: typeof usedBy;
  #taken = new Map<string, Taken>();
  #notBefore = Number.NEGATIVE_INFINITY;
  /** A look is under way: none begins beside it. */
  #isLooking = false;

  constructor(state: State, measure: typeof usedBy = usedBy) {
    this.#state = state;
    this.#measure = measure;
  }

  /** By worker; those that were never measured are missing. Never rejects. */
  async look(): Promise<ReadonlyMap<string, UsedRoom>> {
    if (!this.#isLooking && performance.now() >= this.#notBefore)
      await within(SHOWN_WITHIN_MS, this.#measureAll());
    return new Map([...this.#taken].map(([id, { used }]) => [id, used]));
  }

  async #measureAll(): Promise<void> {
    const { workers } = this.#state;
    for (const id of this.#taken.keys()) if (!workers.has(id)) this.#taken.delete(id);
    const began = performance.now();
    const due = [...workers.values()].filter((worker) => this.#isDue(worker, began));
    if (due.length === 0) return;
    this.#isLooking = true;
    for (const worker of due) {
      const { id, leaf } = worker;
      const used = await this.#measure(worker, this.#state, ENOUGH_MS);
      if (used !== null) this.#taken.set(id, { used, at: began, leaf });
      if (performance.now() - began > ENOUGH_MS) break;
    }
    this.#notBefore = began + (performance.now() - began) / SHARE_OF_TIME;
    this.#isLooking = false;
  }

  #isDue(worker: WorkerState, now: number): boolean {
    const taken = this.#taken.get(worker.id);
    if (!stillTakesRoom(worker)) return false;
    return taken === undefined || taken.leaf !== worker.leaf || now - taken.at >= ANEW_MS;
  }
}
