import type { Effect } from '../../engine/effects.ts';

/** What leads to a new process, or removes a plot for one: none of it while the state can't be written. */
const STARTS: ReadonlySet<Effect['type']> = new Set([
  ...(['probe', 'run', 'replot_find', 'replot_remove', 'survey', 'make_room', 'transfer'] as const),
]);

/** What waits until the state can be written again. Lost in a crash, it is asked for again at the next start. */
export class PostponedEffects {
  #effects: Effect[] = [];
  readonly #jobs = new Set<string>();

  /** Whether this effect waits; it is then kept. */
  takes(effect: Effect): boolean {
    if (!STARTS.has(effect.type)) return false;
    this.work(effect);
    return true;
  }

  work(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** The disks of this job are to be looked at again: what was found is old by then. */
  look(job: string): void {
    this.#jobs.add(job);
  }

  /** Everything that waits; it is now the caller's. */
  release(): { effects: Effect[]; jobs: string[] } {
    const effects = this.#effects;
    this.#effects = [];
    const jobs = [...this.#jobs];
    this.#jobs.clear();
    return { effects, jobs };
  }

  /** The work of these runs and workers alone. */
  releaseOf(isMeant: (id: string) => boolean): Effect[] {
    const own = this.#effects.filter((effect) => {
      const id = 'owner' in effect ? effect.owner : 'worker' in effect ? effect.worker : null;
      return id !== null && isMeant(id);
    });
    if (own.length > 0) this.#effects = this.#effects.filter((effect) => !own.includes(effect));
    return own;
  }
}
