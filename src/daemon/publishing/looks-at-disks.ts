import type { Memory, Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import { fileSystemOf, mounts } from '../../host/mounts.ts';
import { PlotCounts } from '../../host/plot-counts.ts';
import type { SteadyClock } from '../clock.ts';
import { suffixesOf } from '../configuration/settings.ts';
import type { Places } from '../effects/places.ts';
import { lookAtDisks } from './disk-figures.ts';
import { diskRoom, NOTHING_SHOWN, type ShownDisks } from './disk-room.ts';
import { RoomTaken } from './room-taken.ts';

export interface LooksAtDisksOptions {
  engine: { readonly state: State; readonly memory: Memory; readonly settings: Settings };
  places: Places;
  clock: Pick<SteadyClock, 'now'>;
}

/** Looks at all that is shown of the disks, time and again: each look remembers what it needn't find out anew. */
export class LooksAtDisks {
  readonly #options: LooksAtDisksOptions;
  readonly #counts = new PlotCounts();
  readonly #taken: RoomTaken;
  #shown: ShownDisks = NOTHING_SHOWN;

  constructor(options: LooksAtDisksOptions) {
    this.#options = options;
    this.#taken = new RoomTaken(options.engine.state);
  }

  /** What is to be shown of them now. Never rejects. */
  async look(): Promise<ShownDisks> {
    const { engine, places, clock } = this.#options;
    const { state, memory, settings } = engine;
    const [looks, used] = await Promise.all([lookAtDisks(state, settings, places), this.#taken.look()]);
    const there = looks.filter(({ filesystem }) => filesystem !== null).map(({ path }) => path);
    const plots = await this.#counts.in(there, suffixesOf(settings));
    const mounted = mounts();
    const mountPointOf = (directory: string) => fileSystemOf(directory, '', mounted).point;
    const around = { state, memory, used, plots, mountPointOf, now: Date.now(), steady: clock.now() };
    this.#shown = diskRoom(looks, around, this.#shown);
    return this.#shown;
  }
}
